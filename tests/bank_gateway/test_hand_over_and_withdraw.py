"""Before the file leaves, items and batches can be taken back; afterwards nothing can.

Use cases: `hand_over_batch`, `withdraw_debits`, `release_debits`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bank_gateway.desk import Desk, Refused
from tests.bank_gateway.interruptions import every_interruption

A, B, C = "0110000001", "0110000002", "0110000003"


def built(desk: Desk) -> int:
    number: int = desk.collecting({A: 233038, B: 260000, C: 130000}, hand_over=False)["batch_no"]
    return number


def test_a_batch_that_is_only_built_is_not_where_the_bank_fetches(desk: Desk) -> None:
    batch_no = built(desk)
    assert desk.get(f"/batches/{batch_no}")["state"] == "built"
    assert list((desk.folder / "out").iterdir()) == []
    assert desk.file(batch_no)[1].startswith(b"ICBC|000001|3|6230.38\n")


def test_an_item_withdrawn_is_free_and_not_in_the_file_that_leaves(desk: Desk) -> None:
    batch_no = built(desk)
    answer = desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [C]})
    assert (answer["withdrawn"], answer["count"], answer["amount"]) == (1, 2, "4930.38")
    assert set(desk.payments.held) == {A, B}
    handed = desk.post(f"/batches/{batch_no}/hand-over", {})
    assert (handed["state"], handed["count"], handed["amount"]) == ("handed_over", 2, "4930.38")
    name, content = desk.file(batch_no)
    assert content.decode().splitlines()[0] == "ICBC|000001|2|4930.38"
    assert C.encode() not in content
    assert [p.name for p in (desk.folder / "out").iterdir()] == [name]
    assert list((desk.folder / "built").iterdir()) == []


def test_a_whole_batch_withdrawn_frees_everybody(desk: Desk) -> None:
    batch_no = built(desk)
    answer = desk.post(f"/batches/{batch_no}/withdrawals", {})
    assert (answer["state"], answer["withdrawn"], answer["count"]) == ("withdrawn", 3, 0)
    assert desk.payments.held == {}


def test_a_batch_whose_last_item_is_withdrawn_is_withdrawn(desk: Desk) -> None:
    batch_no = desk.collecting({A: 100}, hand_over=False)["batch_no"]
    assert desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [A]})["state"] == "withdrawn"


@pytest.mark.parametrize("verb", ["withdrawals", "hand-over"])
def test_what_was_handed_over_can_neither_be_withdrawn_nor_handed_over_again(desk: Desk, verb: str) -> None:
    batch_no = desk.collecting({A: 100})["batch_no"]
    before = desk.file(batch_no)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/{verb}", {})
    assert (refused.value.code, refused.value.status) == ("transition_refused", 409)
    assert desk.file(batch_no) == before
    assert set(desk.payments.held) == {A}


def test_an_account_that_is_not_in_the_batch_withdraws_nothing_of_the_list(desk: Desk) -> None:
    batch_no = built(desk)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [A, "0999999999"]})
    assert (refused.value.code, refused.value.facts["account_no"]) == ("not_in_batch", "0999999999")
    assert set(desk.payments.held) == {A, B, C}
    assert desk.get(f"/batches/{batch_no}")["count"] == 3


def test_the_same_withdrawal_with_the_same_key_is_answered_again(desk: Desk) -> None:
    batch_no = built(desk)
    first = desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [A]}, key="w")
    assert desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [A]}, key="w") == first


def test_an_item_whose_mandate_was_revoked_leaves_the_batch_when_it_is_handed_over(desk: Desk) -> None:
    batch_no = built(desk)
    desk.post("/mandates/revocations", {"account_nos": [B]})
    handed = desk.post(f"/batches/{batch_no}/hand-over", {})
    assert (handed["withdrawn"], handed["count"], handed["amount"]) == (1, 2, "3630.38")
    assert set(desk.payments.held) == {A, C}
    assert B.encode() not in desk.file(batch_no)[1]
    assert desk.get(f"/batches/{batch_no}")["withdrawn"] == {"mandate_revoked": 1}


def test_a_batch_of_which_every_mandate_was_revoked_is_withdrawn_instead_of_handed_over(desk: Desk) -> None:
    batch_no = desk.collecting({A: 100}, hand_over=False)["batch_no"]
    desk.post("/mandates/revocations", {"account_nos": [A]})
    assert desk.post(f"/batches/{batch_no}/hand-over", {})["state"] == "withdrawn"
    assert desk.payments.held == {}
    assert list((desk.folder / "out").iterdir()) == []


def test_an_unknown_batch_is_refused(desk: Desk) -> None:
    for path in ("/batches/99/hand-over", "/batches/99/withdrawals"):
        with pytest.raises(Refused) as refused:
            desk.post(path, {})
        assert refused.value.code == "batch_not_found"


def test_every_move_is_in_the_history_with_who_and_when(desk: Desk) -> None:
    batch_no = built(desk)
    desk.post(f"/batches/{batch_no}/hand-over", {})
    history = desk.get(f"/batches/{batch_no}")["history"]
    assert [(m["verb"], m["from"], m["to"]) for m in history] == [
        ("open", "", "claiming"), ("build", "claiming", "built"), ("hand_over", "built", "handed_over"),
    ]  # fmt: skip
    assert {(m["by"], m["on"]) for m in history} == {("staff:wang", "2025-12-05")}


def test_a_withdrawal_and_hand_over_killed_at_any_point_end_as_if_they_had_not_been(
    make_desk: Callable[[], Desk],
) -> None:
    def prepared() -> Desk:
        desk = make_desk()
        built(desk)
        return desk

    def work(desk: Desk) -> None:
        desk.post("/batches/1/withdrawals", {"account_nos": [C]}, key="w")
        desk.post("/batches/1/hand-over", {}, key="h")

    points = 0
    for point, desk in every_interruption(work, prepared):
        points = point
        work(desk)
        with desk.runtime.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE batches SET attended_until = now() - interval '1 second'")
        while desk.errands.once():
            pass
        assert set(desk.payments.held) == {A, B}, point
        assert desk.file(1)[1].decode().splitlines()[0] == "ICBC|000001|2|4930.38", point
        assert len(list((desk.folder / "out").iterdir())) == 1, point
        assert list((desk.folder / "built").iterdir()) == [], point
    assert points > 10


def test_payments_away_while_withdrawing_gives_the_claims_back_later(desk: Desk) -> None:
    batch_no = built(desk)
    desk.payments.away = True
    assert desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [A]})["withdrawn"] == 1
    assert desk.get(f"/batches/{batch_no}")["claims"]["to_release"] == 1
    desk.payments.away = False
    desk.errands.go_on(batch_no, caller=desk.caller)
    assert set(desk.payments.held) == {B, C}
    assert desk.get(f"/batches/{batch_no}")["claims"]["to_release"] == 0

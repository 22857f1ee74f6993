"""A send file of an old system becomes a batch of ours: the bank's result of it must always be importable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bank_gateway.desk import CHINAPAY, MERCHANT, Desk, Refused
from tests.bank_gateway.interruptions import every_interruption

A, B, C = "0110000001", "0110000002", "0110000003"
NAME = f"{MERCHANT}_20251201_000077_Q.txt"
RESULT = NAME.replace("_Q", "_P")


def send_file(*items: tuple[str, int], keys: list[str] | None = None) -> bytes:
    """``items`` are account and fen."""
    keys = keys or [f"20251201100000{n:02d}" for n in range(1, len(items) + 1)]
    lines = [f"{MERCHANT}|000077|{len(items)}|{sum(fen for _, fen in items)}"] + [
        f"20251201|{key}|0102|0|629917{account_no}123|王芳|01|210103195004029975|{fen}|供暖费2025|{account_no}"
        for key, (account_no, fen) in zip(keys, items, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode("gbk")


def result_file(*items: tuple[str, int, str], keys: list[str] | None = None) -> bytes:
    """``items`` are account, fen and code."""
    keys = keys or [f"20251201100000{n:02d}" for n in range(1, len(items) + 1)]
    lines = [
        f"0102|20251201|{key}|1001|{code}|0|629917{account_no}123|{fen}|供暖费2025|{account_no}"
        for key, (account_no, fen, code) in zip(keys, items, strict=True)
    ]
    good = [fen for _, fen, code in items if code == "00"]
    lines.append(f"{len(items)}|{sum(fen for _, fen, _ in items)}|{len(good)}|{sum(good)}")
    return ("\n".join(lines) + "\n").encode("gbk")


@pytest.fixture
def union(desk: Desk) -> Desk:
    desk.declare("UNION", name="银联", **CHINAPAY)
    return desk


def test_an_adopted_batch_waits_for_its_result_and_holds_those_who_owe(union: Desk) -> None:
    union.payments.owes = {A: 1000, B: 2000}
    batch = union.upload("/batches/adoptions", NAME, send_file((A, 1000), (B, 2000)))
    assert batch == {
        "batch_no": 1,
        "bank": "UNION",
        "state": "handed_over",
        "as_of": "2025-12-01",
        "count": 2,
        "amount": "30.00",
    }
    assert set(union.payments.held) == {A, B}
    assert union.payments.asked[0][1]["as_of"] == "2025-12-01"
    answer = union.upload("/batches/results", RESULT, result_file((A, 1000, "00"), (B, 2000, "51")))
    assert (answer["succeeded"], answer["failed"], answer["amount"]) == (1, 1, "10.00")
    assert [(i["account_no"], i["collected_fen"]) for i in union.results_told()] == [(A, 1000), (B, 0)]


def test_what_the_bank_was_asked_for_counts_whatever_we_would_have_asked(union: Desk) -> None:
    union.payments.owes = {A: 1500, B: 0}
    batch = union.upload("/batches/adoptions", NAME, send_file((A, 1000), (B, 2000), (C, 3000)))
    view = union.get(f"/batches/{batch['batch_no']}")
    assert view["remarks"] == {"claimed_other_amount": 1, "nothing_owed": 1, "unknown_account": 1}
    answer = union.upload("/batches/results", RESULT, result_file((A, 1000, "00"), (B, 2000, "00"), (C, 3000, "00")))
    assert (answer["succeeded"], answer["amount"]) == (3, "60.00")
    assert [i["collected_fen"] for i in union.results_told()] == [1000, 2000, 3000]


def test_two_items_of_one_account_are_both_taken(union: Desk) -> None:
    union.payments.owes = {A: 3000}
    union.upload("/batches/adoptions", NAME, send_file((A, 1000), (A, 2000)))
    answer = union.upload("/batches/results", RESULT, result_file((A, 1000, "51"), (A, 2000, "00")))
    assert (answer["succeeded"], answer["failed"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (send_file((A, 1000), (B, 2000), keys=["2025120110000001"] * 2), NAME, "item_repeated"),
        (send_file((A, 1000)).replace(b"|1|1000\n", b"|2|1000\n"), NAME, "count_differs"),
        (send_file((A, 1000)).replace(b"|1|1000\n", b"|1|1001\n"), NAME, "amount_differs"),
        (send_file(("ZH-12345", 1000)), NAME, "field_format"),
        (send_file((A, 1000)), NAME.replace("000077", "000078"), "head_differs"),
        (send_file((A, 1000)), NAME.replace(MERCHANT, "808080201309999"), "wrong_party"),
        (send_file((A, 1000)), RESULT, "name_pattern"),
        (b"", NAME, "empty_file"),
    ],
)
def test_a_send_file_that_is_not_sound_is_refused_and_holds_nobody(
    union: Desk, content: bytes, name: str, reason: str
) -> None:
    union.payments.owes = {A: 1000, B: 2000}
    with pytest.raises(Refused) as refused:
        union.upload("/batches/adoptions", name, content)
    assert refused.value.code == reason
    assert (union.get("/batches")["batches"], union.payments.held) == ([], {})


def test_a_batch_is_adopted_once(union: Desk) -> None:
    union.upload("/batches/adoptions", NAME, send_file((A, 1000)))
    with pytest.raises(Refused) as refused:
        union.upload("/batches/adoptions", NAME, send_file((A, 1000)))
    assert refused.value.code == "duplicate_file"
    with pytest.raises(Refused) as refused:
        union.upload("/batches/adoptions", NAME, send_file((A, 1001)))
    assert (refused.value.code, refused.value.facts["batch_no"]) == ("batch_known", 1)


def test_a_batch_of_the_future_is_refused(union: Desk) -> None:
    content = send_file((A, 1000)).replace(b"20251201|", b"20251206|")
    with pytest.raises(Refused) as refused:
        union.upload("/batches/adoptions", NAME.replace("20251201", "20251206"), content)
    assert refused.value.code == "head_differs"


def test_our_own_batches_keep_off_the_numbers_of_adopted_ones(union: Desk) -> None:
    union.upload(
        "/batches/adoptions", NAME.replace("000077", "000001"), send_file((A, 1000)).replace(b"000077", b"000001")
    )
    union.agree(B, bank="UNION")
    union.payments.owes[B] = 100
    assert union.post("/batches", {"bank": "UNION", "as_of": "2025-12-01"})["file_no"] == "000002"


def test_a_result_that_comes_before_the_claims_are_complete_completes_them_first(union: Desk) -> None:
    union.payments.owes = {A: 1000}
    union.payments.away = True
    union.upload("/batches/adoptions", NAME, send_file((A, 1000)))
    with pytest.raises(Refused) as refused:
        union.upload("/batches/results", RESULT, result_file((A, 1000, "00")))
    assert refused.value.code == "busy"
    union.payments.away = False
    assert union.upload("/batches/results", RESULT, result_file((A, 1000, "00")))["succeeded"] == 1
    assert [path for path, _ in union.payments.asked] == ["/debit-claims"]


def test_an_adoption_killed_at_any_point_ends_as_if_it_had_not_been(make_desk: Callable[[], Desk]) -> None:
    def prepared() -> Desk:
        desk = make_desk()
        desk.declare("UNION", name="银联", **CHINAPAY)
        desk.payments.owes = {A: 1000, B: 2000}
        return desk

    def work(desk: Desk) -> Any:
        return desk.upload("/batches/adoptions", NAME, send_file((A, 1000), (B, 2000)), key="a")

    points = 0
    for point, desk in every_interruption(work, prepared):
        points = point
        with desk.runtime.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE batches SET attended_until = now() - interval '1 second'")
        while desk.errands.once():
            pass
        try:
            work(desk)
        except Refused as refused:
            assert refused.code == "duplicate_file", point  # noqa: PT017 - the first of them is taken
        assert [(b["state"], b["count"]) for b in desk.get("/batches")["batches"]] == [("handed_over", 2)], point
        assert {a: h[2] for a, h in desk.payments.held.items()} == {A: 1, B: 2}, point
    assert points >= 4


def cases(folder: Path) -> list[dict[str, Any]]:
    told: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return list(told["cases"])


def test_the_example_files_are_judged_as_their_page_says(union: Desk, shared_folder: Path) -> None:
    """Every result beside this checkout, brought over HTTP to the batch that its send file makes."""
    folder = shared_folder / "data" / "bank_files" / "chinapay"
    sent = next((folder / "valid").glob("*_Q.txt"))
    adopted = union.upload("/batches/adoptions", sent.name, sent.read_bytes())
    assert (adopted["count"], adopted["amount"]) == (58, "121499.08")
    refused = 0
    for case in cases(folder):
        step = case["steps"][0]
        if step["outcome"] != "refused" or "given" in case:
            continue
        path = folder / step["file"]
        with pytest.raises(Refused) as no:
            union.upload("/batches/results", path.name, path.read_bytes())
        assert no.value.code in [step["refusal"]["reason"], *step.get("also_acceptable", [])], case["case"]
        if no.value.code == step["refusal"]["reason"]:
            for fact in {"level", "line", "field"} & step["refusal"].keys():
                assert no.value.facts.get(fact) == step["refusal"][fact], case["case"]
        refused += 1
    assert refused >= 15 and union.told() == []

    result = next((folder / "valid").glob("*_P.txt"))
    answer = union.upload("/batches/results", result.name, result.read_bytes())
    assert (answer["succeeded"], answer["failed"], answer["amount"]) == (46, 12, "88215.81")
    assert answer["classes"] == {"account_blocked": 1, "account_invalid": 1, "insufficient": 7, "limit": 1, "no_mandate": 1,
                                 "ok": 46, "technical": 1}  # fmt: skip

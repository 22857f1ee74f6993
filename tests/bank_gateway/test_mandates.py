"""Mandates: one live one an account; of whatever bank, also of one that nobody has declared yet.

Use cases: `register_mandates`, `revoke_mandates`, `take_over_mandates`, `end_mandates`.
"""

from __future__ import annotations

from datetime import date

import pytest

from shared.messages.accounts import AccountsTransferred, MandatesTakenOver, TakenOverMandate, TransferredAccount
from tests.bank_gateway.desk import CHINAPAY, Desk, Refused
from tests.bank_gateway.logs import hear_log

A, B, C = "0110000001", "0110000002", "0110000003"


def taken_over(*mandates: tuple[str, str]) -> MandatesTakenOver:
    return MandatesTakenOver(tuple(
        TakenOverMandate(account_no, bank_name, f"629900{account_no}555", "李雷", "身份证", "210103195004029975")
        for account_no, bank_name in mandates
    ))  # fmt: skip


def banks_of(desk: Desk) -> dict[str, str]:
    return {m["account_no"]: m["bank"] for m in desk.get("/mandates")["mandates"]}


def test_a_mandate_is_shown_without_the_data_that_would_let_one_use_it(desk: Desk) -> None:
    desk.declare()
    assert desk.agree(A) == {"registered": 1, "replaced": 0, "unchanged": 0}
    shown = desk.get("/mandates", account_no=A)["mandates"]
    assert shown == [{"account_no": A, "bank": "ICBC", "bank_name": "工商银行", "bank_account": "6299…1123", "holder": "王**",
                      "agreed_on": "2025-12-05"}]  # fmt: skip


def test_the_same_mandate_again_changes_nothing(desk: Desk) -> None:
    desk.declare()
    desk.agree(A)
    assert desk.agree(A, B) == {"registered": 1, "replaced": 0, "unchanged": 1}
    assert desk.rows("SELECT count(*) FROM mandates") == [(2,)]


def test_another_mandate_replaces_the_one_before_and_leaves_it_in_the_history(desk: Desk) -> None:
    desk.declare()
    desk.declare("CCB", name="建设银行")
    desk.agree(A)
    assert desk.agree(A, bank="CCB") == {"registered": 0, "replaced": 1, "unchanged": 0}
    assert banks_of(desk) == {A: "CCB"}
    assert desk.rows("SELECT bank, revoked_on::text FROM mandates ORDER BY mandate_id") == [
        ("ICBC", "2025-12-05"),
        ("CCB", None),
    ]


def test_a_revoked_mandate_is_not_debited(desk: Desk) -> None:
    desk.declare()
    desk.agree(A, B)
    desk.payments.owes = {A: 100, B: 200}
    assert desk.post("/mandates/revocations", {"account_nos": [A]}) == {"revoked": 1}
    assert desk.post("/batches", {"bank": "ICBC"})["amount"] == "2.00"


def test_a_revocation_is_all_or_nothing(desk: Desk) -> None:
    desk.declare()
    desk.agree(A)
    with pytest.raises(Refused) as refused:
        desk.post("/mandates/revocations", {"account_nos": [A, B]})
    assert (refused.value.code, refused.value.facts["account_no"]) == ("unknown_mandate", B)
    assert banks_of(desk) == {A: "ICBC"}


SOUND = {"account_no": A, "bank": "ICBC", "bank_account": "6299170110000001123", "holder": "王芳"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"bank": "CCB"}, "unknown_bank"),
        ({"bank_name": "建设银行"}, "invalid_input"),
        ({"account_no": "123"}, "invalid_input"),
        ({"account_no": "０110000001"}, "invalid_input"),
        ({"bank_account": "6.22E+18"}, "invalid_input"),
        ({"bank_account": "6299 1701"}, "invalid_input"),
        ({"bank_account": 6299170110000001123}, "invalid_input"),
        ({"holder": ""}, "invalid_input"),
        ({"holder": "王\u202e芳"}, "invalid_input"),
        ({"holder": "王\n芳"}, "invalid_input"),
        ({"holder": "王" * 200}, "invalid_input"),
        ({"state": "live"}, "invalid_input"),
    ],
)
def test_a_mandate_that_cannot_be_read_for_certain_is_refused_with_the_whole_list(
    desk: Desk, wrong: dict[str, object], code: str
) -> None:
    desk.declare()
    with pytest.raises(Refused) as refused:
        desk.post("/mandates", {"mandates": [{**SOUND, "account_no": B}, {**SOUND, **wrong}]})
    assert refused.value.code == code
    assert banks_of(desk) == {}


def test_an_account_that_stands_twice_in_the_list_is_refused(desk: Desk) -> None:
    desk.declare()
    with pytest.raises(Refused) as refused:
        desk.post("/mandates", {"mandates": [SOUND, {**SOUND, "bank_account": "6299170110000009999"}]})
    assert refused.value.code == "invalid_input"
    assert banks_of(desk) == {}


def test_agreements_of_an_old_system_belong_to_the_bank_that_goes_by_their_name(desk: Desk) -> None:
    desk.declare(
        "UNION", name="银联", **{**CHINAPAY, "names": [{"name": "工商银行"}, {"name": "北江银行", "bank_code": "0313"}]}
    )
    hear_log(desk, "accounts", [taken_over((A, "工商银行"), (B, "北江银行"), (C, "农村信用社"))])
    assert banks_of(desk) == {A: "UNION", B: "UNION", C: "unassigned"}
    desk.payments.owes = {A: 100, B: 200, C: 300}
    batch = desk.post("/batches", {"bank": "UNION"})
    rows = [line.split("|") for line in desk.file(batch["batch_no"])[1].decode("gbk").splitlines()[1:]]
    assert [(row[2], row[10], row[8]) for row in rows] == [("0102", A, "100"), ("0313", B, "200")]


def test_names_that_nobody_declared_wait_until_somebody_does(desk: Desk) -> None:
    hear_log(desk, "accounts", [taken_over((A, "农村信用社"), (B, "邮储银行"))])
    waiting = desk.get("/banks")[-1]
    assert (waiting["code"], waiting["mandates"], [n["name"] for n in waiting["names"]]) == (
        "unassigned",
        2,
        ["农村信用社", "邮储银行"],
    )
    assert desk.declare("RCC", name="农村信用社")["assigned_mandates"] == 1
    assert banks_of(desk) == {A: "RCC", B: "unassigned"}


def test_an_agreement_made_here_is_not_replaced_by_one_of_the_old_system(desk: Desk) -> None:
    desk.declare()
    desk.declare("CCB", name="建设银行")
    desk.agree(A)
    hear_log(desk, "accounts", [taken_over((A, "建设银行"), (B, "建设银行"), (B, "建设银行"))])
    assert banks_of(desk) == {A: "ICBC", B: "CCB"}


def test_the_same_events_again_change_nothing(desk: Desk) -> None:
    events = [taken_over((A, "工商银行"))]
    hear_log(desk, "accounts", events)
    hear_log(desk, "accounts", events)
    assert desk.rows("SELECT count(*) FROM mandates") == [(1,)]


def test_a_mandate_is_never_deleted(desk: Desk) -> None:
    desk.declare()
    desk.agree(A)
    with pytest.raises(Exception, match=r"append-only|permission denied"):
        desk.rows("DELETE FROM mandates RETURNING 1")


def test_a_home_that_was_sold_is_not_debited_by_the_former_owners_agreement(desk: Desk) -> None:
    desk.declare()
    desk.agree(A, B)
    sold = (TransferredAccount(A, "self", "王秀英", "self:2", "李明", date(2025, 12, 5), False),
            TransferredAccount(C, "self", "赵强", "self:2", "钱多", date(2025, 12, 5), True))  # fmt: skip
    hear_log(desk, "accounts", [AccountsTransferred(sold)])
    assert banks_of(desk) == {B: "ICBC"}
    desk.agree(A)
    assert banks_of(desk) == {A: "ICBC", B: "ICBC"}

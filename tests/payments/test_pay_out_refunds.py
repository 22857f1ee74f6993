"""An approved refund goes out once; what became of it is said by who knows, and until then nobody knows.

`pay_out_refunds` sends, `record_refund_results` hears.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.payments.refund_desk import RefundDesk
from tests.payments.till import Till


@pytest.fixture
def desk(till: Till) -> RefundDesk:
    return RefundDesk(till)


def approved(till: Till, desk: RefundDesk, channel: str = "wechat") -> tuple[str, int]:
    home = till.home()
    till.pay(home, "310.00", channel)
    [refund] = desk.approved(home)
    return home, refund


def test_cash_is_paid_when_it_is_handed_over_and_anything_else_is_on_its_way(till: Till, desk: RefundDesk) -> None:
    _, cash = approved(till, desk, "cash")
    _, wechat = approved(till, desk)
    status, answer = desk.send(cash, wechat)
    assert (status, [refund["state"] for refund in answer["refunds"]]) == (201, ["paid", "paying"])


def test_a_refund_is_sent_once(till: Till, desk: RefundDesk) -> None:
    _, refund = approved(till, desk)
    desk.send(refund)
    assert desk.send(refund)[1]["code"] == "transition_refused"


def test_a_cashier_hands_over_cash_and_sends_nothing(till: Till, desk: RefundDesk) -> None:
    _, cash = approved(till, desk, "cash")
    _, wechat = approved(till, desk)
    assert desk.send(cash, wechat, roles=("cashier",))[1]["code"] == "not_over_the_counter"
    assert desk.send(cash, roles=("finance",))[1]["code"] == "not_over_the_counter"
    assert desk.send(cash, roles=("cashier",))[0] == 201


def test_the_bank_gateway_sends_what_goes_back_through_banks_alone(till: Till, desk: RefundDesk) -> None:
    home = till.home()
    till.pay(home, "310.00", "bank", partner="ICBC", serial=f"S{home}")
    [bank] = desk.approved(home)
    _, wechat = approved(till, desk)
    for number, code in ((wechat, 403), (bank, 201)):
        assert desk.post("/refunds/payouts", {"refunds": [number]}, who="service:bank_gateway")[0] == code
    [told] = desk.get("/refunds", account_no=home)["refunds"]
    assert (told["partner"], told["serial"], told["state"]) == ("ICBC", f"S{home}", "paying")


def test_what_failed_is_credit_again_and_may_be_asked_for_again(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    desk.send(refund)
    assert till.credit(home) == "0.00"
    desk.result(refund, "failed", "account closed")
    assert till.credit(home) == "310.00"
    assert desk.requested(home, reroute="transfer")["refunds"][0]["channel"] == "transfer"


def test_unknown_is_a_state_in_which_the_money_waits(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    desk.send(refund)
    desk.result(refund, "unknown", "time-out")
    assert (till.credit(home), desk.states(account_no=home)) == ("0.00", ["unknown"])
    assert desk.send(refund)[1]["code"] == "transition_refused"
    assert desk.request(home)[1]["code"] == "nothing_to_refund"
    desk.result(refund, "paid", "4200001")
    assert (till.credit(home), desk.states(account_no=home)) == ("0.00", ["paid"])


def test_money_that_comes_back_after_it_was_paid_is_credit_again(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    desk.send(refund)
    desk.result(refund, "paid")
    desk.result(refund, "came_back")
    assert (till.credit(home), desk.states(account_no=home)) == ("310.00", ["failed"])
    assert desk.result(refund, "paid")[1]["code"] == "transition_refused"


@pytest.mark.parametrize("outcome", ["paid", "unknown", "came_back"])
def test_nothing_becomes_of_money_that_was_not_sent(till: Till, desk: RefundDesk, outcome: str) -> None:
    home, refund = approved(till, desk)
    assert desk.result(refund, outcome)[1]["code"] == "transition_refused"
    assert desk.states(account_no=home) == ["approved"]


def test_a_list_of_results_is_taken_whole_or_not_at_all(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    desk.send(refund)
    results = [{"refund_id": refund, "outcome": "paid"}, {"refund_id": 1, "outcome": "paid"}]
    assert desk.post("/refunds/results", {"results": results})[1]["code"] == "unknown_refund"
    twice = [{"refund_id": refund, "outcome": "paid"}] * 2
    assert desk.post("/refunds/results", {"results": twice})[1]["code"] == "invalid_input"
    assert desk.states(account_no=home) == ["paying"]


def test_the_ledger_holds_what_is_promised_until_it_went_out(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    query = "SELECT debit, credit, amount_fen FROM postings WHERE account_no = %s ORDER BY posting_id"
    desk.send(refund)
    desk.result(refund, "paid")
    with till.runtime.commands.reading() as work:
        assert work.rows(query, (home,)) == [
            ("wechat", "credit", 31000), ("credit", "refund_payable", 31000), ("refund_payable", "wechat", 31000)
        ]  # fmt: skip


def test_the_others_hear_of_every_move_with_the_accounts_next_version(till: Till, desk: RefundDesk) -> None:
    home, refund = approved(till, desk)
    desk.send(refund)
    desk.result(refund, "paid")
    told = [item for item in till.events("RefundsChanged") if item["account_no"] == home]
    assert [(item["state"], item["version"]) for item in told] == [("approved", 2), ("paying", 3), ("paid", 4)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/refunds/payouts", {"refunds": []}), ("/refunds/payouts", {"refunds": list(range(1, 1002))}),
        ("/refunds/payouts", {"refunds": ["1"]}), ("/refunds/payouts", {"refunds": [0]}),
        ("/refunds/payouts", {"refunds": [1.0]}), ("/refunds/payouts", {}), ("/refunds/payouts", {"refunds": [1], "x": 1}),
        ("/refunds/results", {"results": []}), ("/refunds/results", {"results": [{"refund_id": 1}]}),
        ("/refunds/results", {"results": [{"refund_id": 1, "outcome": "lost"}]}),
        ("/refunds/results", {"results": [{"refund_id": 1, "outcome": "paid", "remark": "x" * 201}]}),
        ("/refunds/results", {"results": [{"refund_id": 2**63, "outcome": "paid"}]}),
        ("/refund-orders/1/decisions", {"verb": "pay", "content_hash": "0" * 64}),
        ("/refund-orders/1/decisions", {"verb": "approve", "content_hash": "0" * 63}),
        ("/refund-runs", {"season": "2025"}), ("/refund-runs", {"season": "2025-2026"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(desk: RefundDesk, path: str, body: dict[str, Any]) -> None:
    status, answer = desk.post(path, body)
    assert (status, answer["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("number", [1, 10**17])
def test_an_order_that_does_not_exist_is_told_so(desk: RefundDesk, number: int) -> None:
    for path, body in ((f"/refund-runs/{number}/pages", {}), (f"/refund-runs/{number}/carry-out", {}),
                       (f"/refund-orders/{number}/withdrawals", {})):  # fmt: skip
        assert desk.post(path, body)[1]["code"] == "unknown_refund_order"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/refunds", {"limit": "0"}), ("/refunds", {"limit": "1001"}), ("/refunds", {"after": "-1"}),
        ("/refunds", {"state": "lost"}), ("/refunds", {"channel": "barter"}), ("/refunds", {"account_no": "1"}),
        ("/refunds", {"order_id": "x"}), ("/refunds", {"payer": "self"}), ("/refunds/due", {}),
        ("/refunds/due", {"season": "2025"}), ("/refunds/due", {"season": "2025-2026", "after": "x"}),
        ("/refund-orders", {"state": "paid"}), ("/refund-orders", {"limit": "1e3"}),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_read_is_refused(desk: RefundDesk, path: str, query: dict[str, str]) -> None:
    answer = desk.client.get(path, headers={"Authorization": f"Bearer {desk.token(('finance',))}"}, query_string=query)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("/refunds/payouts", ("clerk",)), ("/refunds/results", ("supervisor",)), ("/refund-runs", ("cashier",)),
        ("/refund-runs/1/carry-out", ("clerk",)), ("/refund-orders/1/decisions", ("cashier",)),
        ("/refund-orders/1/withdrawals", ("auditor",)),
    ],
)  # fmt: skip
def test_each_step_is_open_to_those_whose_it_is(desk: RefundDesk, path: str, roles: tuple[str, ...]) -> None:
    status, answer = desk.post(path, {}, roles=roles)
    assert (status, answer["code"]) == (403, "forbidden")

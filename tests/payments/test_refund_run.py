"""All that is owed back of a season: a list, a decision about that list, and a run that can be cut off anywhere.

`begin_refund_run`, `list_refund_run` until it is complete, a decision, `carry_out_refund_run` until it is complete.
"""

from __future__ import annotations

import json

import pytest

from services.payments.gateways.accounts import Accounts
from services.payments.use_cases.carry_out_refund_run import CarryOutRefundRun, carry_out_refund_run
from services.payments.use_cases.list_refund_run import ListRefundRun, list_refund_run
from services.payments.use_cases.transfer_accounts import transfer_accounts
from shared.messages.accounts import AccountsTransferred, TransferredAccount
from tests.payments.refund_desk import RefundDesk, paid_and_owed_back
from tests.payments.till import CASHIER, Till
from tests.support.bills import ACCOUNTS, correct, correction


@pytest.fixture
def desk(own_till: Till) -> RefundDesk:
    return RefundDesk(own_till)


def test_the_list_holds_each_household_that_is_owed_something_of_the_season(desk: RefundDesk) -> None:
    till = desk.till
    owed = [paid_and_owed_back(till), paid_and_owed_back(till, "12.00", channel="transfer")]
    paid_and_owed_back(till, "9.00", season=2024)
    till.pay(till.home(), "500.00")
    run = desk.run()
    assert (run["state"], run["homes"], run["refunds"], run["amount"]) == ("requested", 2, 2, "58.30")
    listed = desk.get("/refunds", order_id=run["order_id"])["refunds"]
    assert [(each["account_no"], each["amount"], each["channel"], each["ground"], each["reason"]) for each in listed] == [
        (owed[0], "46.30", "wechat", "regulation", "采暖季退费"), (owed[1], "12.00", "transfer", "regulation", "采暖季退费")
    ]  # fmt: skip


def test_only_the_refund_goes_back_and_not_the_prepayment_beside_it(desk: RefundDesk) -> None:
    home = paid_and_owed_back(desk.till)
    desk.till.pay(home, "500.00")
    run = desk.run()
    desk.decide(run)
    desk.carry_out(run)
    assert (run["amount"], desk.till.credit(home)) == ("46.30", "500.00")


def test_run_again_it_pays_nothing_twice(desk: RefundDesk) -> None:
    homes = [paid_and_owed_back(desk.till) for _ in range(3)]
    run = desk.run()
    desk.decide(run)
    assert desk.carry_out(run)[1]["promised"] == 3
    again = desk.carry_out(run)[1]
    assert (again["promised"], again["complete"]) == (0, True)
    empty = desk.run()
    assert (empty["state"], empty["refunds"]) == ("withdrawn", 0)
    assert [desk.till.credit(home) for home in homes] == ["0.00"] * 3


def test_a_run_that_was_cut_off_goes_on_where_it_was(desk: RefundDesk) -> None:
    """Every page is a transaction: what a page that died had done is not done, what others did is not done again."""
    till = desk.till
    for _ in range(5):
        paid_and_owed_back(till)
    rules_of = Accounts(desk.accounts).refund_rules
    order_id = desk.post("/refund-runs", {"season": "2025-2026", "reason": "x"})[1]["order_id"]

    def page(use_case: object, command: object) -> dict[str, object]:
        told: dict[str, object] = json.loads(till.runtime.commands.run(use_case, command, caller=CASHIER).body)  # type: ignore[arg-type]
        return told

    def dies(command: object, work: object) -> None:
        use_case = list_refund_run if isinstance(command, ListRefundRun) else carry_out_refund_run
        use_case(command, work)  # type: ignore[arg-type]
        raise RuntimeError("killed before the commit")

    listing, carrying = ListRefundRun(order_id, rules_of, limit=2), CarryOutRefundRun(order_id, limit=2)
    page(list_refund_run, listing)
    with pytest.raises(RuntimeError):
        till.runtime.commands.run(dies, listing, caller=CASHIER)
    page(list_refund_run, listing)
    run = page(list_refund_run, listing)
    assert (run["homes"], run["amount"], run["complete"]) == (5, "231.50", True)
    assert desk.decide(run)[0] == 200
    page(carry_out_refund_run, carrying)
    with pytest.raises(RuntimeError):
        till.runtime.commands.run(dies, carrying, caller=CASHIER)
    done = [page(carry_out_refund_run, carrying) for _ in range(2)]
    assert [(each["promised"], each["complete"]) for each in done] == [(2, False), (1, True)]
    assert desk.states(order_id=order_id) == ["approved"] * 5


def test_nothing_goes_before_a_second_person_agreed_to_that_list(desk: RefundDesk) -> None:
    paid_and_owed_back(desk.till)
    run = desk.run()
    assert desk.carry_out(run)[1]["code"] == "transition_refused"
    assert desk.decide(run, content_hash="1" * 64)[1]["code"] == "content_differs"
    assert desk.decide(run, who="zhang")[1]["code"] == "own_request"
    assert desk.decide(run, roles=("clerk",))[0] == 200  # 46.30 is his to decide


def test_a_list_that_is_not_complete_is_not_decided(desk: RefundDesk) -> None:
    paid_and_owed_back(desk.till)
    _, run = desk.post("/refund-runs", {"season": "2025-2026", "reason": "x"})
    assert desk.decide(run)[1]["code"] == "transition_refused"


def test_a_season_has_one_run_at_a_time(desk: RefundDesk) -> None:
    paid_and_owed_back(desk.till)
    run = desk.run()
    body = {"season": "2025-2026", "reason": "x"}
    assert desk.post("/refund-runs", body)[1]["code"] == "refund_run_under_way"
    assert desk.decide(run, "reject")[1]["state"] == "rejected"
    assert desk.post("/refund-runs", body)[0] == 201


def test_credit_that_was_used_since_it_was_listed_is_passed_over_and_told(desk: RefundDesk) -> None:
    used, left = paid_and_owed_back(desk.till), paid_and_owed_back(desk.till)
    run = desk.run()
    desk.decide(run)
    desk.till.bill(used, "1000.00", season=2026)
    answer = desk.carry_out(run)[1]
    assert (answer["promised"], answer["passed_over"], answer["complete"]) == (1, 1, True)
    report = desk.get(f"/refund-orders/{run['order_id']}")
    assert [(each["account_no"], each["reason"]) for each in report["passed_over"]] == [(used, "exceeds_refundable")]
    assert desk.till.credit(left) == "0.00"


def test_what_somebody_asked_for_at_the_counter_is_not_listed_again(desk: RefundDesk) -> None:
    home = paid_and_owed_back(desk.till)
    desk.requested(home, "40.00")
    assert desk.run()["amount"] == "6.30"


def test_the_report_tells_by_channel_what_became_of_it(desk: RefundDesk) -> None:
    for channel in ("wechat", "wechat", "cash"):
        paid_and_owed_back(desk.till, "10.00", channel=channel)
    run = desk.run()
    desk.decide(run)
    desk.carry_out(run)
    numbers = {
        each["account_no"]: each["refund_id"] for each in desk.get("/refunds", order_id=run["order_id"])["refunds"]
    }
    first, second, cash = numbers.values()
    desk.send(first, cash)
    desk.result(first, "failed", "no such user")
    told = desk.get(f"/refund-orders/{run['order_id']}")["by_state"]
    assert [(each["channel"], each["state"], each["amount"]) for each in told] == [
        ("cash", "paid", "10.00"), ("wechat", "approved", "10.00"), ("wechat", "failed", "10.00")
    ]  # fmt: skip
    assert desk.states(state="approved") == ["approved"]
    assert second


def test_who_waits_for_money_is_listed_with_the_day_until_which_it_is_due(desk: RefundDesk) -> None:
    late = paid_and_owed_back(desk.till)
    paid = paid_and_owed_back(desk.till)
    desk.approved(paid)
    desk.till.on_day(desk.till.today.replace(year=2026, month=5, day=2))
    due = desk.get("/refunds/due", season="2025-2026")
    assert (due["due_on"], due["days_late"]) == ("2026-04-30", 2)
    assert [(each["account_no"], each["amount"], each["waiting"]) for each in due["households"]] == [
        (late, "46.30", "0.00")
    ]


def test_another_payers_refund_is_no_households(desk: RefundDesk) -> None:
    till = desk.till
    home = till.home()
    bill_no = till.bill(home, "100.00", payer="某单位")
    till.pay(home, "100.00", payer="某单位")
    correct(till.runtime, correction(home, bill_no, -1000, posted_on=till.today, payer="某单位", kind="credit_note"))
    assert desk.run()["refunds"] == 0
    assert desk.requested(home, payer="某单位")["amount"] == "10.00"


def test_a_former_owner_is_owed_what_he_paid_and_goes_by_his_name(desk: RefundDesk) -> None:
    till = desk.till
    home = paid_and_owed_back(till)
    sold = TransferredAccount(home, "self", "王秀英", "self:2", "李明", till.today, assumed=False)
    till.runtime.commands.run(transfer_accounts, AccountsTransferred((sold,)), caller=ACCOUNTS)
    assert [each["payer"] for each in desk.get("/refunds/due", season="2025-2026")["households"]] == ["王秀英"]
    assert desk.request(home)[1]["code"] == "nothing_to_refund"
    run = desk.run()
    assert [each["payer"] for each in desk.get("/refunds", order_id=run["order_id"])["refunds"]] == ["王秀英"]
    desk.decide(run, "reject")
    assert desk.requested(home, payer="王秀英")["refunds"][0]["payer"] == "王秀英"

"""A subsidy that is paid back: the household's credit and another payer's share, and back again when the bill reopens."""

from __future__ import annotations

from datetime import date

import pytest

from services.payments.use_cases.reverse import NothingWasReceived
from shared.chassis.codec import decode, encode
from shared.messages.accounts import BillsCorrected
from tests.payments.till import Till
from tests.support.bills import correct, correction

FINANCE = "finance"
PAID_ON = date(2025, 10, 20)


def reimburse(till: Till, account_no: str, bill_no: int, amount_fen: int, *, credited: str = "self") -> int:
    """Tell payments; the number of the correction."""
    item = correction(account_no, bill_no, amount_fen, posted_on=till.today, payer=FINANCE, kind="reimbursement",
                      credited=credited)  # fmt: skip
    correct(till.runtime, item)
    return item.correction_id


def settled_home(till: Till) -> tuple[str, int, int]:
    """A home that paid its 2,220.00 by transfer: number, bill, payment."""
    home = till.home()
    bill = till.bill(home, "2220.00")
    return home, bill, till.pay(home, "2220.00", "transfer")["payment_id"]


def test_the_subsidy_is_credit_of_the_household_and_the_other_payers_bill(till: Till) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 192000)
    assert till.has(home) == ("0.00", "1920.00")
    assert till.owes(home, payer=FINANCE) == "1920.00"
    bills = {each["payer"]: each["billed"] for each in till.statement(home)["bills"]}
    assert bills == {"self": "2220.00", FINANCE: "1920.00"}, "the household's bill stays whole"


def test_a_reimbursement_is_no_income_and_no_money_received(till: Till) -> None:
    home, bill, _ = settled_home(till)
    before = {each["code"]: each["balance"] for each in till.trial_balance()["accounts"]}
    reimburse(till, home, bill, 192000)
    after = {each["code"]: each["balance"] for each in till.trial_balance()["accounts"]}
    assert after["subsidy"] == before.get("subsidy", "0.00")
    assert (after["heat_income"], after["transfer"]) == (before["heat_income"], before["transfer"])
    assert [each for each in till.events("PaymentsReceived") if each["channel"] == "subsidy"] == []


def test_the_credit_would_be_refunded_through_the_channel_of_the_payment(till: Till) -> None:
    home, bill, payment_id = settled_home(till)
    reimburse(till, home, bill, 192000)
    with till.runtime.commands.reading() as work:
        assert work.rows("SELECT refund_via FROM credits WHERE account_no = %s", (home,)) == [(payment_id,)]


def test_a_reimbursement_that_is_told_twice_is_in_the_books_once(till: Till) -> None:
    home, bill, _ = settled_home(till)
    item = correction(home, bill, 192000, posted_on=till.today, payer=FINANCE, kind="reimbursement", credited="self")
    correct(till.runtime, item)
    correct(till.runtime, item)
    assert till.has(home) == ("0.00", "1920.00")
    assert till.owes(home, payer=FINANCE) == "1920.00"


def test_taken_back_with_the_payment_everything_is_as_if_it_had_never_been_made(till: Till) -> None:
    home, bill, payment_id = settled_home(till)
    reimburse(till, home, bill, 192000)
    till.take_back(payment_id)
    reimburse(till, home, bill, -192000)
    assert till.has(home) == ("2220.00", "0.00")
    assert till.owes(home, payer=FINANCE) == "0.00"
    till.on_day(date(2026, 1, 20))
    assert till.owed(home)["payers"][0]["late_fee"] == "44.40", "from the old due day"


def test_of_a_subsidy_that_was_spent_the_household_owes_the_rest(till: Till) -> None:
    home, bill, payment_id = settled_home(till)
    reimburse(till, home, bill, 192000)
    till.bill(home, "1500.00", season=2026, posted_on=till.today)
    assert till.has(home) == ("0.00", "420.00"), "the next bill met the credit"
    till.take_back(payment_id)
    reimburse(till, home, bill, -192000)
    assert till.has(home) == ("3720.00", "0.00")
    assert till.owes(home, payer=FINANCE) == "0.00"


def test_what_finance_paid_already_becomes_its_credit(till: Till) -> None:
    home, bill, payment_id = settled_home(till)
    reimburse(till, home, bill, 192000)
    till.pay(home, "1920.00", "transfer", payer=FINANCE)
    till.take_back(payment_id)
    reimburse(till, home, bill, -192000)
    credits = {each["payer"]: each["left"] for each in till.statement(home)["credits"]}
    assert credits == {FINANCE: "1920.00"}
    assert till.has(home) == ("2220.00", "0.00")


def test_a_smaller_subsidy_is_taken_in_part(till: Till) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 192000)
    reimburse(till, home, bill, -96000)
    assert till.has(home) == ("0.00", "960.00")
    assert till.owes(home, payer=FINANCE) == "960.00"


def test_given_and_taken_in_one_event_is_nothing(till: Till) -> None:
    home, bill, _ = settled_home(till)
    items = [correction(home, bill, fen, posted_on=till.today, payer=FINANCE, kind="reimbursement", credited="self")
             for fen in (192000, -192000)]  # fmt: skip
    correct(till.runtime, *items)
    assert till.has(home) == ("0.00", "0.00")
    assert till.owes(home, payer=FINANCE) == "0.00"


def test_nobody_takes_a_subsidy_back_by_hand(till: Till) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 192000)
    with till.runtime.commands.reading() as work:
        ((subsidy,),) = work.rows(
            "SELECT payment_id FROM payments WHERE account_no = %s AND channel = 'subsidy'", (home,)
        )
    with pytest.raises(NothingWasReceived):
        till.take_back(subsidy)


def test_the_statement_bills_the_subsidy_to_finance_and_shows_it_as_money_of_the_household(till: Till) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 192000)
    last = {
        line["payer"]: (line["billed"], line["received"], line["balance"]) for line in till.statement(home)["lines"]
    }
    assert last == {"self": ("0.00", "1920.00", "-1920.00"), FINANCE: ("1920.00", "0.00", "1920.00")}


def test_a_debt_tells_when_it_is_settled_and_when_it_is_open_again(till: Till) -> None:
    _, bill, payment_id = settled_home(till)
    till.take_back(payment_id)
    told = [each["settled"] for each in till.events("DebtsChanged") if each["bill_no"] == bill]
    assert told == [True, False]


def test_an_event_of_before_names_no_owner_and_means_the_first() -> None:
    body = encode(BillsCorrected({}, (correction("0110000001", 1, 5, posted_on=PAID_ON),)))
    old = body.replace(',"credited":null', "")
    assert decode(BillsCorrected, old).items[0].credited is None


@pytest.mark.parametrize("line_first", [True, False])
def test_a_subsidy_taken_back_beside_an_extra_line_of_its_household_is_used_once(till: Till, line_first: bool) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 10000)
    line = correction(home, bill, 5000, posted_on=till.today)
    taken = correction(home, bill, -10000, posted_on=till.today, payer=FINANCE, kind="reimbursement", credited="self")
    correct(till.runtime, *([line, taken] if line_first else [taken, line]))
    assert till.has(home) == ("50.00", "0.00")
    assert till.owes(home, payer=FINANCE) == "0.00"


def test_what_the_household_owes_of_a_spent_subsidy_is_met_by_its_other_credit(till: Till) -> None:
    home, bill, _ = settled_home(till)
    reimburse(till, home, bill, 10000)
    till.bill(home, "100.00", season=2026, posted_on=till.today)
    till.pay(home, "30.00")
    reimburse(till, home, bill, -10000)
    assert till.has(home) == ("70.00", "0.00")

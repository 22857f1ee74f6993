"""A payment is taken back as if it had never been made, wherever its money went; once, and with a reason."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from services.payments.domain.hold import InBankCollection
from services.payments.domain.reversal import AlreadyReversed
from services.payments.use_cases.reverse import ReversalWindowClosed
from shared.kernel.errors import NotFound
from tests.payments.till import IN_WINDOW, LATE, NO_WINDOW, Till
from tests.support.bills import REFERENCE_TERMS


def as_it_is(till: Till, home: str) -> str:
    """Everything that the household could ask, but not the history of how it came."""
    told = till.owed(home)
    bills = [(bill["bill_no"], bill["open"]) for bill in till.statement(home)["bills"]]
    return json.dumps([told, bills, till.statement(home)["credits"]])


@pytest.mark.parametrize(
    ("day", "amount", "channel"),
    [
        (IN_WINDOW, "2295.42", "wechat"), (IN_WINDOW, "2295.40", "cash"), (NO_WINDOW, "1000.00", "pos"),
        (NO_WINDOW, "2330.40", "cash"), (LATE, "2376.99", "pos"), (LATE, "2377.00", "cash"), (LATE, "2350.00", "transfer"),
        (LATE, "9999.99", "pos"),
    ],
)  # fmt: skip
def test_pay_and_take_back_leave_everything_as_it_was(till: Till, day: date, amount: str, channel: str) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(day)
    before = as_it_is(till, home)
    till.take_back(till.pay(home, amount, channel)["payment_id"])
    assert as_it_is(till, home) == before


def test_a_payment_over_three_seasons_comes_back_from_all_of_them(till: Till) -> None:
    home = till.home()
    for season in (2023, 2024, 2025):
        till.bill(home, "1000.00", season=season)
    till.on_day(LATE)
    before = as_it_is(till, home)
    till.take_back(till.pay(home, till.owes(home))["payment_id"])
    assert as_it_is(till, home) == before


def test_money_that_became_credit_and_met_the_next_bill_is_followed_there(till: Till) -> None:
    home = till.home()
    till.on_day(IN_WINDOW)
    payment = till.pay(home, "3000.00", "transfer")
    till.bill(home, posted_on=IN_WINDOW)
    assert till.has(home) == ("0.00", "704.58")
    till.take_back(payment["payment_id"])
    assert till.has(home) == ("2295.42", "0.00")


def test_a_later_payment_keeps_what_it_settled(till: Till) -> None:
    home = till.home()
    till.bill(home)
    first = till.pay(home, "1000.00")
    till.pay(home, "500.00")
    till.take_back(first["payment_id"])
    assert till.owes(home) == "1830.38"


def test_the_late_fee_grows_again_from_the_old_due_day(till: Till) -> None:
    home = till.home()
    till.bill(home)
    payment = till.pay(home, "2330.38")
    till.on_day(LATE)
    assert till.owes(home) == "0.00"
    till.take_back(payment["payment_id"], in_hall=True)
    assert till.owes(home) == "2376.99"


def test_two_payments_of_one_bill_taken_back_in_one_list_leave_all_of_it_open_and_the_others_are_told_so(
    till: Till,
) -> None:
    home = till.home()
    bill_no = till.bill(home)
    payments = [till.pay(home, amount)["payment_id"] for amount in ("1000.00", "1330.38")]
    assert till.owes(home) == "0.00"
    till.take_back(*payments)
    assert till.owes(home) == "2330.38"
    assert [item["open_fen"] for item in till.events("DebtsChanged") if item["bill_no"] == bill_no][-1] == 233038


def test_a_list_is_taken_back_whole_or_not_at_all_and_the_refusal_names_the_place(till: Till) -> None:
    home = till.home()
    till.bill(home)
    first, second = (till.pay(home, "100.00")["payment_id"] for _ in range(2))
    till.take_back(second)
    with pytest.raises(AlreadyReversed) as refused:
        till.take_back(first, second)
    assert refused.value.facts["place"] == "/reversals/1"
    assert refused.value.facts["payment_id"] == second
    assert till.owes(home) == "2230.38"


def test_a_payment_is_taken_back_once(till: Till) -> None:
    home = till.home()
    payment = till.pay(home, "100.00")["payment_id"]
    [told] = till.take_back(payment)
    with pytest.raises(AlreadyReversed) as refused:
        till.take_back(payment)
    assert refused.value.facts["reversed_by"] == told["payment_id"]


def test_a_payment_that_stands_twice_in_a_list_is_refused(till: Till) -> None:
    payment = till.pay(till.home(), "100.00")["payment_id"]
    with pytest.raises(AlreadyReversed, match="twice"):
        till.take_back(payment, payment)


def test_a_reversal_is_not_taken_back_itself(till: Till) -> None:
    [told] = till.take_back(till.pay(till.home(), "100.00")["payment_id"])
    with pytest.raises(AlreadyReversed, match="reversal"):
        till.take_back(told["payment_id"])


def test_a_payment_that_does_not_exist_is_not_found(till: Till) -> None:
    with pytest.raises(NotFound) as refused:
        till.take_back(2**60)
    assert refused.value.facts == {"payment_id": 2**60, "place": "/reversals/0"}


def test_after_its_day_only_the_hall_takes_it_back(till: Till) -> None:
    payment = till.pay(till.home(), "100.00")["payment_id"]
    till.on_day(date(2025, 10, 21))
    with pytest.raises(ReversalWindowClosed) as refused:
        till.take_back(payment)
    assert refused.value.facts["booked_on"] == "2025-10-20"
    till.take_back(payment, in_hall=True)


def test_the_day_that_counts_is_that_of_booking_not_the_value_date(till: Till) -> None:
    payment = till.pay(till.home(), "100.00", received_on=date(2025, 10, 1))["payment_id"]
    till.take_back(payment)


def test_while_a_bank_collects_nothing_of_the_home_is_taken_back(till: Till) -> None:
    home = till.home()
    till.bill(home)
    payment = till.pay(home, "100.00")["payment_id"]
    till.claim(home)
    with pytest.raises(InBankCollection):
        till.take_back(payment)


def test_the_history_names_who_what_and_why(till: Till) -> None:
    home = till.home()
    payment = till.pay(home, "100.00")["payment_id"]
    [told] = till.take_back(payment, reason="bounced")
    first, second = till.statement(home)["payments"]
    assert (first["reversed_by"], second["reverses"], second["amount"], second["reason"]) == (
        told["payment_id"], payment, "-100.00", "bounced",
    )  # fmt: skip
    assert [line["by"] for line in till.statement(home)["lines"]] == ["staff:zhang", "staff:zhang"]


def test_a_payment_and_its_reversal_are_two_events_of_growing_version(till: Till) -> None:
    home = till.home()
    till.take_back(till.pay(home, "100.00")["payment_id"])
    versions = [
        item["version"] for name in ("PaymentsReceived", "PaymentsReversed") for item in till.events(name)
        if item["account_no"] == home
    ]  # fmt: skip
    assert versions == [1, 2]


def test_what_was_settled_late_fee_first_comes_back_late_fee_and_all(till: Till) -> None:
    home = till.home()
    terms: Any = dataclasses.replace(REFERENCE_TERMS, allocation_within_season="LATE_FEE_FIRST")
    till.bill(home, terms=terms)
    till.on_day(LATE)
    before = as_it_is(till, home)
    till.take_back(till.pay(home, "1000.00")["payment_id"])
    assert as_it_is(till, home) == before

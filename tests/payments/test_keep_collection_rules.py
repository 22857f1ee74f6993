"""The company's rules of collection: what a policy said last holds, and what follows from each of them.

Use cases: `keep_collection_rules`, `pay`, `reverse`.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.channels import CHANNELS, channel
from services.payments.domain.closed_period import PaymentsClosed, assert_open
from services.payments.domain.hold import InBankCollection
from services.payments.domain.reversal import Reversal
from services.payments.queries.owed_today import late_fees_on
from services.payments.use_cases.keep_collection_rules import keep_collection_rules
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import ReversalWindowClosed, Reverse, reverse
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import ClosedPeriod, CollectionRules, CollectionRulesDeclared
from tests.payments.till import DUE, FEE, GATEWAY, Till
from tests.support.bills import ACCOUNTS

LONG_AGO = date(2000, 1, 1)
SENT, LATER = date(2026, 1, 5), date(2026, 1, 20)


def declare(till: Till, *items: CollectionRules, policy: str = "city 1") -> None:
    event = CollectionRulesDeclared(policy, items)
    till.runtime.commands.run(keep_collection_rules, event, caller=ACCOUNTS)


def rules(till: Till, day: date) -> CollectionRules:
    with till.runtime.commands.reading() as work:
        return rules_on(work, day)


def closed(*periods: tuple[str, str], channels: tuple[str, ...] = ("ALL",)) -> CollectionRules:
    return CollectionRules(LONG_AGO, closed_periods=tuple(ClosedPeriod(*days, channels) for days in periods))


def closed_until(rules_of_day: CollectionRules, code: str, day: date) -> date | None:
    """The last closed day that a refusal tells; None where the channel is open."""
    try:
        assert_open(rules_of_day, channel(code), day)
    except PaymentsClosed as refusal:
        return date.fromisoformat(refusal.facts["until"])
    return None


def late_home(till: Till) -> str:
    """A home whose debt was sent to a bank on 5 January, five days late."""
    home = till.home()
    till.bill(home)
    till.on_day(SENT)
    till.claim(home)
    till.on_day(LATER)
    return home


# Which rules hold


def test_before_anything_is_declared_the_reference_rules_hold(own_till: Till) -> None:
    assert rules(own_till, DUE) == CollectionRules(date(1950, 1, 1))


def test_a_declaration_replaces_the_one_before_whole(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, batch_timeout_days=9, cashier_reverse_window="SAME_DAY"))
    declare(own_till, CollectionRules(LONG_AGO, batch_timeout_days=5), policy="city 2")
    assert rules(own_till, DUE) == CollectionRules(LONG_AGO, batch_timeout_days=5)


def test_a_declaration_told_again_changes_nothing(own_till: Till) -> None:
    first = CollectionRules(LONG_AGO, batch_timeout_days=9)
    for _ in range(3):
        declare(own_till, first)
    assert rules(own_till, DUE) == first


def test_each_day_has_the_rules_that_began_last_before_it(own_till: Till) -> None:
    days = [date(2025, 1, 1), date(2026, 1, 1)]
    declare(own_till, *(CollectionRules(day, batch_timeout_days=number) for number, day in enumerate(days, start=4)))
    asked = [date(2024, 12, 31), *days, date(2025, 12, 31)]
    assert [rules(own_till, day).batch_timeout_days for day in asked] == [4, 4, 5, 4]


# Closed periods


@pytest.mark.parametrize(
    ("day", "until"),
    [
        ("2025-11-30", None), ("2025-12-01", "2025-12-31"), ("2025-12-31", "2025-12-31"), ("2026-01-01", None),
        ("2026-12-15", "2026-12-31"),
    ],
)  # fmt: skip
def test_no_payment_is_taken_on_a_closed_day_and_the_last_one_is_told(
    own_till: Till, day: str, until: str | None
) -> None:
    declare(own_till, closed(("12-01", "12-31")))
    home = own_till.home()
    own_till.bill(home)
    own_till.on_day(date.fromisoformat(day))
    if until is None:
        assert own_till.pay(home, "100.00")
        return
    with pytest.raises(PaymentsClosed) as refused:
        own_till.pay(home, "100.00")
    assert (refused.value.facts["until"], refused.value.facts["place"]) == (until, "/payments/0")
    assert own_till.credit(home) == "0.00"


def test_a_closed_day_refuses_the_whole_visit_and_names_the_payment(own_till: Till) -> None:
    declare(own_till, closed(("12-01", "12-31"), channels=("cash", "ONLINE")))
    homes = own_till.homes(2)
    own_till.on_day(date(2025, 12, 5))
    with pytest.raises(PaymentsClosed) as refused:
        own_till.pay_all(own_till.new_payment(homes[0], "1.00"), own_till.new_payment(homes[1], "1.00", "wechat"))
    assert (refused.value.facts["place"], refused.value.facts["channel"]) == ("/payments/1", "wechat")
    assert [own_till.credit(home) for home in homes] == ["0.00", "0.00"]


def test_money_that_a_bank_has_taken_is_posted_on_a_closed_day_too(own_till: Till) -> None:
    declare(own_till, closed(("12-01", "12-31")))
    home = own_till.home()
    own_till.on_day(date(2025, 12, 5))
    money = NewPayment(home, 100, "bank", received_on=date(2025, 12, 4), partner="ICBC", serial="C1")
    own_till.runtime.commands.run(pay, Pay((money,)), caller=GATEWAY)
    assert own_till.credit(home) == "1.00"


@pytest.mark.parametrize(
    ("first", "last", "day", "until"),
    [
        ("12-20", "01-05", date(2025, 12, 31), date(2026, 1, 5)), ("12-20", "01-05", date(2026, 1, 5), date(2026, 1, 5)),
        ("12-20", "01-05", date(2026, 1, 6), None), ("12-20", "01-05", date(2025, 12, 19), None),
        ("02-20", "02-29", date(2025, 2, 28), date(2025, 2, 28)), ("02-20", "02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("02-29", "03-10", date(2025, 2, 28), date(2025, 3, 10)), ("02-29", "03-10", date(2024, 2, 28), None),
        ("05-01", "05-01", date(2025, 5, 1), date(2025, 5, 1)), ("01-01", "12-31", date(2025, 7, 1), date(2025, 12, 31)),
    ],
)  # fmt: skip
def test_a_period_may_reach_into_the_next_year_and_ends_with_february(
    first: str, last: str, day: date, until: date | None
) -> None:
    assert closed_until(closed((first, last)), "cash", day) == until


MONTH_DAYS = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: day.strftime("%m-%d"))


@given(MONTH_DAYS, MONTH_DAYS, st.dates(date(2000, 1, 1), date(2039, 12, 31)))
def test_a_day_is_closed_until_the_last_closed_day_after_it(first: str, last: str, day: date) -> None:
    """Every day up to the one that is told is closed too, and with the same end."""
    rules_of_day = closed((first, last))
    for code in CHANNELS:
        until = closed_until(rules_of_day, code, day)
        assert until is None or (until >= day and closed_until(rules_of_day, code, until) == until)
        assert until is None or not channel(code).has_partner


# While a bank collects


def test_a_late_fee_stands_still_while_a_bank_collects(own_till: Till) -> None:
    home = late_home(own_till)
    assert own_till.owes(home) == "2342.03"  # five days: 11.65
    with own_till.runtime.commands.reading() as work:
        (told,) = late_fees_on(work, home, day=LATER)
    assert (told["frozen_on"], told["accrued"]) == ("2026-01-05", "11.65")


def test_a_late_fee_grows_on_where_the_company_does_not_freeze_it(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, in_transit_freeze_late_fee=False))
    assert own_till.owes(late_home(own_till)) == "2376.99"  # twenty days: 46.61


def test_when_the_bank_took_nothing_the_debt_is_what_it_would_be_if_nothing_had_been_sent(own_till: Till) -> None:
    home = own_till.home()
    own_till.bill(home)
    own_till.on_day(SENT)
    batch_no = own_till.claim(home)["batch_no"]
    own_till.on_day(LATER)
    own_till.returned(batch_no, (home, 1, "0.00"), as_of=SENT)
    assert own_till.owes(home) == "2376.99"


def test_other_channels_wait_for_the_bank_where_the_company_says_so(own_till: Till) -> None:
    home = late_home(own_till)
    with pytest.raises(InBankCollection):
        own_till.pay(home, "2342.03")


def test_where_other_channels_do_not_wait_the_counter_takes_what_was_asked_of_the_bank(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, in_transit_blocks_other_channels=False))
    home = own_till.home()
    own_till.bill(home)
    own_till.on_day(SENT)
    batch_no = own_till.claim(home)["batch_no"]
    own_till.on_day(LATER)
    own_till.pay(home, "2342.03")
    assert own_till.has(home) == ("0.00", "0.00")
    own_till.on_day(date(2026, 2, 20))
    own_till.returned(batch_no, (home, 1, "0.00"), as_of=SENT)
    assert own_till.has(home) == ("0.00", "0.00")


def test_what_the_bank_took_besides_is_credit(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, in_transit_blocks_other_channels=False))
    home = own_till.home()
    own_till.bill(home)
    batch_no = own_till.claim(home)["batch_no"]
    own_till.pay(home, FEE)
    own_till.returned(batch_no, (home, 1, FEE))
    assert own_till.has(home) == ("0.00", FEE)


def test_a_part_that_was_paid_meanwhile_counts_as_of_the_day_of_sending(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, in_transit_blocks_other_channels=False))
    home = own_till.home()
    own_till.bill(home)
    own_till.on_day(SENT)
    batch_no = own_till.claim(home)["batch_no"]
    own_till.on_day(LATER)
    own_till.pay(home, "1330.38")
    own_till.returned(batch_no, (home, 1, "0.00"), as_of=SENT)
    # 2,330.38 × 5 days + 1,000.00 × 15 days = 11.65 + 15.00
    assert own_till.owes(home) == "1026.65"


def test_a_payment_may_be_taken_back_while_a_bank_collects_where_nobody_waits(own_till: Till) -> None:
    home = own_till.home()
    own_till.bill(home)
    payment = own_till.pay(home, "1000.00")["payment_id"]
    own_till.claim(home)
    with pytest.raises(InBankCollection):
        own_till.take_back(payment)
    declare(own_till, CollectionRules(LONG_AGO, in_transit_blocks_other_channels=False))
    own_till.take_back(payment)
    assert own_till.owes(home) == FEE


# Taking back


def test_in_the_same_shift_a_cashier_takes_back_his_own_payments_only(own_till: Till) -> None:
    home = own_till.home()
    payment = own_till.pay(home, "1.00")["payment_id"]
    other = Reverse((Reversal(payment, "wrong home"),))
    with pytest.raises(ReversalWindowClosed) as refused:
        own_till.runtime.commands.run(reverse, other, caller=Caller("staff:li"))
    assert refused.value.facts["booked_by"] == "staff:zhang"
    own_till.take_back(payment)
    assert own_till.credit(home) == "0.00"


def test_where_the_day_is_the_window_any_cashier_takes_a_payment_back(own_till: Till) -> None:
    declare(own_till, CollectionRules(LONG_AGO, cashier_reverse_window="SAME_DAY"))
    home = own_till.home()
    payment = own_till.pay(home, "1.00")["payment_id"]
    command = Reverse((Reversal(payment, "wrong home"),))
    own_till.runtime.commands.run(reverse, command, caller=Caller("staff:li"))
    assert own_till.credit(home) == "0.00"


@pytest.mark.parametrize("window", ["SAME_SHIFT", "SAME_DAY"])
def test_after_the_day_only_the_hall_takes_a_payment_back(own_till: Till, window: str) -> None:
    declare(own_till, CollectionRules(LONG_AGO, cashier_reverse_window=window))
    payment = own_till.pay(own_till.home(), "1.00")["payment_id"]
    own_till.on_day(DUE)
    with pytest.raises(ReversalWindowClosed):
        own_till.take_back(payment)
    assert own_till.take_back(payment, in_hall=True)

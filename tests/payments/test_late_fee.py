"""The late fee of a day: a function of what was overdue on which days, of the terms, and of nothing that is stored."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.domain.debt import Debt
from services.payments.domain.late_fee import late_fee_accrued_fen, late_fee_explained, late_fee_open_fen, nothing_open
from shared.messages.accounts import PaymentTerms
from tests.payments.debts import debt, settled, terms

DUE = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("day", "fee_fen"),
    [(DUE - timedelta(days=40), 0), (DUE, 0), (date(2026, 1, 1), 233), (date(2026, 1, 20), 4661)],
)
def test_it_begins_on_the_day_after_the_due_day_and_counts_the_day_of_payment(day: date, fee_fen: int) -> None:
    assert late_fee_open_fen(debt(), day) == fee_fen


def test_where_the_day_of_payment_does_not_count_it_begins_a_day_later() -> None:
    late = debt(of=terms(late_fee_count_pay_day=False))
    assert late_fee_open_fen(late, date(2026, 1, 1)) == 0
    assert late_fee_open_fen(late, date(2026, 1, 20)) == 4428  # 19 days


def test_days_of_grace_are_not_counted_afterwards_either() -> None:
    late = debt(of=terms(late_fee_grace_days=5))
    assert late_fee_open_fen(late, date(2026, 1, 5)) == 0
    assert late_fee_open_fen(late, date(2026, 1, 6)) == 233
    assert late_fee_open_fen(late, date(2026, 1, 20)) == 3496  # 15 days


def test_it_grows_on_the_29th_of_february_too() -> None:
    late = debt(100000, due_on=date(2024, 2, 28))
    assert late_fee_open_fen(late, date(2024, 3, 1)) == 200
    assert late_fee_open_fen(debt(100000, due_on=date(2025, 2, 28)), date(2025, 3, 1)) == 100


def test_a_part_payment_counts_on_its_own_day_and_leaves_the_rest_to_grow() -> None:
    part_paid = settled(debt(), 100000, date(2026, 1, 10))
    assert late_fee_open_fen(part_paid, date(2026, 1, 10)) == 2330
    assert late_fee_open_fen(part_paid, date(2026, 1, 31)) == 2330 + 2794  # rounded once: 51.24…


def test_a_payment_in_time_leaves_no_late_fee_for_what_it_paid() -> None:
    assert late_fee_open_fen(settled(debt(), 233038, DUE), date(2026, 6, 1)) == 0


def test_an_instalment_is_late_from_its_own_due_day() -> None:
    halves = debt(parts=[(116519, date(2025, 10, 15)), (116519, DUE)])
    part_paid = settled(halves, 100000, date(2025, 10, 15))
    assert late_fee_open_fen(part_paid, date(2025, 11, 15)) == 512  # 31 days of 165.19
    assert late_fee_explained(part_paid, date(2025, 11, 15)).segments[0].overdue_fen == 16519


def test_the_cap_is_reached_and_the_fee_stands_still() -> None:
    old = debt(218400, season=2022, due_on=date(2022, 12, 31))
    told = late_fee_explained(old, date(2025, 11, 20))
    assert (told.raw_fen, told.cap_fen, told.accrued_fen) == (Fraction(230412), Fraction(218400), 218400)
    assert late_fee_open_fen(old, date(2030, 1, 1)) == 218400


def test_without_a_cap_it_grows_for_ever() -> None:
    old = debt(218400, season=2022, due_on=date(2022, 12, 31), of=terms(late_fee_cap_pct_of_principal=None))
    assert late_fee_open_fen(old, date(2025, 11, 20)) == 230412
    assert late_fee_explained(old, date(2025, 11, 20)).cap_fen is None


def test_once_and_for_all_five_percent_never_grows() -> None:
    once = debt(242001, of=terms(late_fee_kind="ONE_OFF"))
    assert late_fee_open_fen(once, DUE) == 0
    assert late_fee_open_fen(once, date(2026, 1, 1)) == late_fee_open_fen(once, date(2027, 1, 1)) == 12100


def test_once_and_for_all_is_on_what_was_open_when_it_fell_due() -> None:
    once = settled(debt(200000, of=terms(late_fee_kind="ONE_OFF")), 150000, date(2025, 12, 1))
    assert late_fee_open_fen(once, date(2026, 1, 1)) == 2500
    assert late_fee_open_fen(settled(once, 50000, date(2026, 1, 15)), date(2026, 2, 1)) == 2500


def test_on_the_whole_fee_a_part_payment_changes_nothing_until_all_is_paid() -> None:
    whole = debt(250000, of=terms(late_fee_base="WHOLE_FEE", late_fee_daily_rate=Decimal(2)))
    assert late_fee_open_fen(whole, date(2026, 1, 30)) == 15000
    part_paid = settled(whole, 200000, date(2026, 1, 10))
    assert late_fee_open_fen(part_paid, date(2026, 1, 30)) == 15000
    assert late_fee_open_fen(settled(part_paid, 50000, date(2026, 1, 20)), date(2026, 1, 30)) == 10000


def test_a_truncating_city_drops_the_part_of_a_fen() -> None:
    late = debt(233038, of=terms(late_fee_rounding="TRUNC"))
    assert late_fee_open_fen(late, date(2026, 1, 20)) == 4660
    assert late_fee_open_fen(debt(), date(2026, 1, 20)) == 4661


def test_terms_without_a_late_fee_have_none() -> None:
    assert late_fee_open_fen(debt(of=terms(late_fee_kind="NONE")), date(2030, 1, 1)) == 0


def test_the_shares_of_other_payers_have_none() -> None:
    assert late_fee_open_fen(debt(payer="employer:rail"), date(2030, 1, 1)) == 0


def test_what_was_paid_of_it_is_not_asked_for_again() -> None:
    paid = settled(debt(), 97670, date(2026, 1, 10), late_fee_fen=2330)
    assert late_fee_open_fen(paid, date(2026, 1, 31)) == 2843


def test_a_debt_is_closed_only_when_no_late_fee_of_any_day_is_open() -> None:
    """Money of 5 January that comes when money of 10 January is here: days 6 to 10 are owed still."""
    paid = settled(debt(200000), 100000, date(2026, 1, 10))
    paid = settled(paid, 100000, date(2026, 1, 5), late_fee_fen=1000)
    assert late_fee_open_fen(paid, date(2026, 1, 5)) == 0
    assert not nothing_open(paid, date(2026, 1, 5))
    assert late_fee_open_fen(paid, date(2026, 1, 10)) == 500
    assert nothing_open(settled(paid, 0, date(2026, 1, 11), late_fee_fen=500), date(2026, 1, 11))


def test_an_explanation_tells_every_change_of_what_was_overdue() -> None:
    part_paid = settled(debt(200000), 50000, date(2026, 1, 3))
    told = late_fee_explained(part_paid, date(2026, 1, 5))
    assert [(s.first_on, s.last_on, s.days, s.overdue_fen) for s in told.segments] == [
        (date(2026, 1, 1), date(2026, 1, 3), 3, 200000),
        (date(2026, 1, 4), date(2026, 1, 5), 2, 150000),
    ]
    assert told.raw_fen == 900


# An independent model: day by day, with fractions, and not a line shared with what it judges.

FIRST_DUE = date(2025, 10, 15)
KINDS = st.sampled_from(["DAILY", "ONE_OFF", "NONE"])
RATES = st.sampled_from(["0.3", "0.5", "1.0", "2.0", "1.25"]).map(Decimal)
CAPS = st.sampled_from([None, "30", "100", "33.3"]).map(lambda cap: None if cap is None else Decimal(cap))


@st.composite
def some_terms(draw: st.DrawFn) -> PaymentTerms:
    return terms(
        late_fee_kind=draw(KINDS),
        late_fee_daily_rate=draw(RATES),
        late_fee_base=draw(st.sampled_from(["UNPAID", "WHOLE_FEE"])),
        late_fee_grace_days=draw(st.integers(0, 10)),
        late_fee_count_pay_day=draw(st.booleans()),
        late_fee_cap_pct_of_principal=draw(CAPS),
        late_fee_rounding=draw(st.sampled_from(["HALF_UP", "TRUNC"])),
        late_fee_one_off_pct=draw(st.sampled_from(["5", "2.5"]).map(Decimal)),
    )


@st.composite
def some_history(draw: st.DrawFn) -> Debt:
    """A debt in one or two parts, and payments of parts of it on days before and after they fall due."""
    count = draw(st.integers(1, 2))
    amounts = [draw(st.integers(1, 400000)) for _ in range(count)]
    parts = [(fen, FIRST_DUE + timedelta(days=70 * number)) for number, fen in enumerate(amounts)]
    history = debt(parts=parts, of=draw(some_terms()))
    for number, amount_fen in enumerate(amounts):
        left_fen = amount_fen
        for _ in range(draw(st.integers(0, 3))):
            paid_fen = draw(st.integers(0, left_fen))
            on = FIRST_DUE + timedelta(days=draw(st.integers(-20, 120)))
            if paid_fen:
                history = settled(history, paid_fen, on, part=number)
                left_fen -= paid_fen
    return history


def overdue_on(history: Debt, day: date) -> int:
    """The principal that counts as overdue on a late day, by looking at that day alone."""
    of, total = history.terms, 0
    for part in history.receivables:
        if day < part.due_on + timedelta(days=1 + of.late_fee_grace_days):
            continue
        counted = [
            s.principal_fen for s in history.settlements
            if s.receivable_id == part.receivable_id
            and (s.settled_on < day if of.late_fee_count_pay_day else s.settled_on <= day)
        ]  # fmt: skip
        total += part.amount_fen - sum(counted)
    return total


def model_fen(history: Debt, day: date) -> int:
    of = history.terms
    last_on = day if of.late_fee_count_pay_day else day - timedelta(days=1)
    days = [FIRST_DUE + timedelta(days=number) for number in range((last_on - FIRST_DUE).days + 1)]
    overdue = [overdue_on(history, each) for each in days]
    whole = sum(part.amount_fen for part in history.receivables)
    at_start = []
    for part in history.receivables:
        first_late_on = part.due_on + timedelta(days=1 + of.late_fee_grace_days)
        if first_late_on <= day:
            before = sum(s.principal_fen for s in history.settlements
                         if s.receivable_id == part.receivable_id and s.settled_on < first_late_on)  # fmt: skip
            at_start.append(part.amount_fen - before)
    if of.late_fee_kind == "NONE":
        return 0
    if of.late_fee_kind == "ONE_OFF":
        raw = Fraction(of.late_fee_one_off_pct) / 100 * sum(at_start)
        highest = max([*overdue, sum(at_start)], default=0)
    else:
        counted = [whole if fen else 0 for fen in overdue] if of.late_fee_base == "WHOLE_FEE" else overdue
        raw = Fraction(of.late_fee_daily_rate) / 1000 * sum(counted)
        highest = max(overdue, default=0)
    if of.late_fee_cap_pct_of_principal is not None:
        raw = min(raw, Fraction(of.late_fee_cap_pct_of_principal) / 100 * highest)
    return math.floor(raw + Fraction(1, 2)) if of.late_fee_rounding == "HALF_UP" else math.floor(raw)


@given(some_history(), st.integers(-5, 200))
@settings(max_examples=400, deadline=None)
def test_it_agrees_with_a_model_that_counts_day_by_day(history: Debt, days: int) -> None:
    day = FIRST_DUE + timedelta(days=days)
    assert late_fee_accrued_fen(history, day) == model_fen(history, day)


@given(some_history(), st.integers(0, 150), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_it_never_shrinks_from_day_to_day(history: Debt, days: int, more: int) -> None:
    day = FIRST_DUE + timedelta(days=days)
    assert late_fee_accrued_fen(history, day) <= late_fee_accrued_fen(history, day + timedelta(days=more))


@given(some_history(), st.integers(0, 150))
@settings(max_examples=200, deadline=None)
def test_settlements_may_be_told_in_any_order(history: Debt, days: int) -> None:
    day = FIRST_DUE + timedelta(days=days)
    backwards = replace(history, settlements=history.settlements[::-1])
    assert late_fee_accrued_fen(history, day) == late_fee_accrued_fen(backwards, day)

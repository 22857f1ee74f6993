"""A waived late fee: a function of the history and the day, beside a model that counts day by day in fractions."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.domain.debt import Debt, Waiver
from services.payments.domain.late_fee import late_fee_explained, late_fee_open_fen, nothing_open
from services.payments.domain.late_fee_growth import first_late_day
from services.payments.domain.late_fee_waiver import MODES, taken_off, waived_fen
from shared.messages.accounts import PaymentTerms
from tests.payments.debts import debt, settled, terms

DUE = date(2025, 12, 31)
APPROVED, LAST = date(2026, 1, 22), date(2026, 2, 5)
ONE_DAY = timedelta(days=1)
F = 233038


def waived(
    of: Debt, mode: str = "PERCENT", *, approved_on: date = APPROVED, until_on: date = LAST, **value: Any
) -> Debt:
    """The debt with one more waiver, as it is approved on that day."""
    paid_before = tuple(sorted({s.payment_id for s in of.settlements if s.late_fee_fen}))
    value = value or {"pct": Decimal(50)}
    waiver = Waiver(mode, approved_on, until_on, **value, paid_before=paid_before, waiver_id=len(of.waivers) + 1)
    return replace(of, waivers=(*of.waivers, waiver))


def on(*month_day: int) -> date:
    return date(2026, *month_day)


def fees(of: Debt, *days: date) -> list[int]:
    return [late_fee_open_fen(of, day) for day in days]


# One waiver


def test_it_holds_from_its_approval_to_its_last_day_and_the_day_after_all_of_it_is_owed_again() -> None:
    days = (on(1, 21), APPROVED, on(1, 25), LAST, on(2, 6))
    assert fees(waived(debt()), *days) == [4894, 2563, 2913, 4194, 8622]


def test_half_of_an_odd_fen_is_taken_off() -> None:
    """83.89 on the last day: 41.945 is rounded up to 41.95, and 41.94 is left."""
    assert waived_fen(waived(debt()), LAST) == 4195


def test_what_was_paid_of_it_before_the_approval_is_not_waived_again() -> None:
    part_paid = settled(debt(), 0, on(1, 20), late_fee_fen=2000)
    assert fees(waived(part_paid), APPROVED) == [math.floor((5127 - 2000) / 2)]


def test_what_is_paid_under_it_counts_towards_what_it_leaves() -> None:
    part_paid = settled(waived(debt()), 0, on(1, 25), late_fee_fen=1000)
    assert fees(part_paid, on(1, 25), on(2, 6)) == [1913, 7622]


@pytest.mark.parametrize(
    ("mode", "value", "left"),
    [
        ("PERCENT", {"pct": Decimal(100)}, 0),
        ("PERCENT", {"pct": Decimal("33.3333")}, 5127 - 1709),
        ("DELTA", {"amount_fen": 1000}, 4127),
        ("DELTA", {"amount_fen": 9999}, 0),
        ("FIXED", {"amount_fen": 1000}, 1000),
        ("FIXED", {"amount_fen": 9999}, 5127),
        ("FIXED", {"amount_fen": 0}, 0),
        ("NEW_START", {"start_on": on(1, 11)}, 2796),  # 12 days
        ("NEW_START", {"start_on": on(1, 22)}, 233),
        ("NEW_START", {"start_on": on(1, 23)}, 0),
        ("NEW_START", {"start_on": date(2025, 6, 1)}, 5127),
    ],
)
def test_each_mode_leaves_what_it_says(mode: str, value: dict[str, Any], left: int) -> None:
    assert fees(waived(debt(), mode, **value), APPROVED) == [left]


def test_every_mode_of_the_terms_is_one_that_there_is() -> None:
    assert set(MODES) == set(PaymentTerms("").late_fee_waiver_modes)


def test_a_one_off_fee_may_begin_later_on_what_is_open_then() -> None:
    once = debt(of=terms(late_fee_kind="ONE_OFF"))
    part_paid = settled(once, 100000, on(1, 5))
    late = waived(part_paid, "NEW_START", start_on=on(1, 25))
    assert fees(late, APPROVED, on(1, 24), on(1, 25)) == [0, 0, 6652]  # 5 % of 1,330.38 instead of 2,330.38


def test_it_is_worked_out_on_what_the_cap_leaves() -> None:
    capped = debt(of=terms(late_fee_cap_pct_of_principal=Decimal(1)))
    assert fees(waived(capped), on(1, 5), APPROVED) == [1165, 1165]


def test_days_of_grace_and_days_without_heat_are_waived_as_little_as_they_are_owed() -> None:
    late = debt(of=terms(late_fee_grace_days=10))
    cut = replace(late, cuts=((on(1, 20), None),))
    assert fees(waived(late), APPROVED) == [math.floor(F * 12 / 1000 / 2)]
    assert fees(waived(cut), APPROVED) == [math.floor(F * 9 / 1000 / 2)]


def test_another_payers_share_has_neither_late_fee_nor_waiver() -> None:
    assert fees(waived(debt(payer="finance")), APPROVED, on(3, 1)) == [0, 0]


# When it is final


def in_full(of: Debt, day: date) -> Debt:
    return settled(of, of.open_principal_fen, day, late_fee_fen=late_fee_open_fen(of, day))


@pytest.mark.parametrize("day", [APPROVED, on(1, 25), LAST])
def test_who_pays_what_it_leaves_by_the_last_day_owes_nothing_ever_after(day: date) -> None:
    paid = in_full(waived(debt()), day)
    assert fees(paid, day, LAST, on(2, 6), date(2030, 1, 1)) == [0, 0, 0, 0]
    assert nothing_open(paid, day)


def test_who_pays_on_the_day_after_pays_all_of_it() -> None:
    paid = in_full(waived(debt()), on(2, 6))
    assert paid.settlements[-1].late_fee_fen == 8622
    assert taken_off(paid, on(3, 1)) == {}


def test_a_bank_that_collected_by_the_last_day_made_it_final_whenever_its_result_came() -> None:
    """What is sent on the last day settles as of it."""
    paid = in_full(waived(debt()), LAST)
    assert fees(paid, on(2, 20)) == [0]


def test_principal_alone_does_not_make_it_final_and_its_late_fee_stands_still() -> None:
    part_paid = settled(waived(debt()), F, on(1, 25))
    assert fees(part_paid, on(1, 25), LAST, on(2, 6)) == [2913, 2913, 5826]
    assert fees(in_full(part_paid, LAST), on(2, 6)) == [0]


def test_the_late_fee_alone_does_not_make_it_final_while_the_principal_grows_more() -> None:
    part_paid = settled(waived(debt()), 0, on(1, 25), late_fee_fen=2913)
    assert fees(part_paid, on(1, 25), on(2, 6)) == [0, 8622 - 2913]


def test_a_waiver_of_everything_is_gone_when_the_principal_was_not_paid() -> None:
    assert fees(waived(debt(), pct=Decimal(100)), LAST, on(2, 6)) == [0, 8622]


def test_an_instalment_that_falls_due_later_does_not_undo_what_was_paid_in_full_before() -> None:
    halves = debt(parts=[(116519, DUE), (116519, on(1, 31))])
    first = waived(halves)
    fee_fen = late_fee_open_fen(first, on(1, 25))
    paid = settled(first, 116519, on(1, 25), late_fee_fen=fee_fen)
    assert fees(paid, on(1, 31)) == [0]
    # After the waiver: five days of the second half on 5 February, and six on the 6th; half of the first stays waived.
    assert fees(paid, on(2, 6)) == [699]


def test_a_payment_that_is_taken_back_takes_the_waiver_with_it_once_its_last_day_is_over() -> None:
    paid = in_full(waived(debt()), on(1, 25))
    bounced = replace(paid, settlements=())
    assert fees(bounced, LAST, on(2, 6)) == [4194, 8622]


def test_a_payment_from_before_that_is_taken_back_is_as_if_it_had_never_been_made() -> None:
    part_paid = settled(debt(), 0, on(1, 20), late_fee_fen=2000)
    bounced = replace(waived(part_paid), settlements=())
    assert fees(bounced, APPROVED) == fees(waived(debt()), APPROVED)


def test_a_waiver_that_ended_before_it_began_takes_nothing_off() -> None:
    assert fees(waived(debt(), until_on=APPROVED - ONE_DAY), APPROVED) == [5127]


def test_a_second_waiver_is_worked_out_on_what_the_first_one_left_for_good() -> None:
    halves = debt(parts=[(116519, DUE), (116519, on(1, 31))])
    first = waived(halves)
    paid = settled(first, 116519, on(1, 25), late_fee_fen=late_fee_open_fen(first, on(1, 25)))
    again = waived(paid, approved_on=on(2, 10), until_on=on(2, 20))
    assert taken_off(again, on(2, 10)) == {1: 1457, 2: 583}  # ten days of 1,165.19: 11.65 and a rest; half of it
    assert fees(again, on(2, 10)) == [late_fee_open_fen(paid, on(2, 10)) - 583]


def test_a_second_waiver_after_one_that_lapsed_begins_anew() -> None:
    again = waived(waived(debt()), approved_on=on(2, 10), until_on=on(2, 20))
    assert taken_off(again, on(2, 10)) == {2: 4778}  # 41 days: 95.55
    assert fees(again, on(2, 10)) == [4777]


# Laws


FIRST_DUE = date(2025, 12, 1)
MONEY = st.integers(1, 300_000)


@st.composite
def some_terms(draw: st.DrawFn) -> PaymentTerms:
    return terms(
        late_fee_kind=draw(st.sampled_from(["DAILY", "DAILY", "ONE_OFF"])),
        late_fee_daily_rate=draw(st.sampled_from([Decimal("0.3"), Decimal(1), Decimal(2)])),
        late_fee_grace_days=draw(st.integers(0, 5)),
        late_fee_count_pay_day=draw(st.booleans()),
        late_fee_rounding=draw(st.sampled_from(["HALF_UP", "TRUNC"])),
        late_fee_cap_pct_of_principal=draw(st.sampled_from([None, Decimal(3), Decimal(100)])),
    )


@st.composite
def some_waiver(draw: st.DrawFn, approved_on: date) -> Waiver:
    mode = draw(st.sampled_from(sorted(MODES)))
    value: dict[str, Any] = {
        "PERCENT": {"pct": draw(st.sampled_from([Decimal("0.01"), Decimal("33.3333"), Decimal(50), Decimal(100)]))},
        "DELTA": {"amount_fen": draw(st.integers(1, 9000))},
        "FIXED": {"amount_fen": draw(st.integers(0, 9000))},
        "NEW_START": {"start_on": FIRST_DUE + timedelta(days=draw(st.integers(-3, 60)))},
    }[mode]
    return Waiver(mode, approved_on, approved_on + timedelta(days=draw(st.integers(0, 25))), **value, waiver_id=1)


@st.composite
def some_history(draw: st.DrawFn) -> Debt:
    """A debt in one to three parts with payments of principal and late fee, and a waiver somewhere among them."""
    parts = draw(st.lists(st.tuples(MONEY, st.integers(0, 40)), min_size=1, max_size=3))
    of = debt(parts=[(fen, FIRST_DUE + timedelta(days=days)) for fen, days in parts], of=draw(some_terms()))
    waiver = draw(some_waiver(FIRST_DUE + timedelta(days=draw(st.integers(0, 50)))))
    for days in sorted(draw(st.lists(st.integers(0, 70), max_size=4))):
        day = FIRST_DUE + timedelta(days=days)
        if day >= waiver.approved_on and not of.waivers:
            of = _approved(of, waiver)
        part = draw(st.integers(0, len(of.receivables) - 1))
        met_fen = sum(s.principal_fen for s in of.settlements if s.receivable_id == of.receivables[part].receivable_id)
        left_fen = of.receivables[part].amount_fen - met_fen
        paid_fen = draw(st.sampled_from([0, left_fen, left_fen // 2]))
        fee_fen = draw(st.sampled_from([0, late_fee_open_fen(of, day), late_fee_open_fen(of, day) // 2]))
        of = settled(of, paid_fen, day, part=part, late_fee_fen=fee_fen)
    return of if of.waivers else _approved(of, waiver)


def _approved(of: Debt, waiver: Waiver) -> Debt:
    paid_before = tuple(s.payment_id for s in of.settlements if s.late_fee_fen)
    return replace(of, waivers=(replace(waiver, paid_before=paid_before),))


def model_grown(of: Debt, day: date, *, since: date = date.min) -> int:
    """The late fee of a day, counted day by day in fractions, without days before ``since``."""
    on_days, highest = Fraction(0), 0
    last = day if of.terms.late_fee_count_pay_day else day - ONE_DAY
    for number in range((last - FIRST_DUE).days + 1):
        each = FIRST_DUE + timedelta(days=number)
        overdue = 0
        for part in of.receivables:
            if each >= first_late_day(of, part.due_on):
                overdue += part.amount_fen - sum(
                    s.principal_fen for s in of.settlements if s.receivable_id == part.receivable_id
                    and (s.settled_on < each if of.terms.late_fee_count_pay_day else s.settled_on <= each)
                )  # fmt: skip
        highest = max(highest, overdue)
        on_days += overdue if each >= since else 0
    if of.terms.late_fee_kind == "ONE_OFF":
        once, all_of_it = Fraction(0), 0
        for part in of.receivables:
            for begins, counts in (
                (first_late_day(of, part.due_on), False),
                (max(since, first_late_day(of, part.due_on)), True),
            ):
                if begins <= day:
                    opened = part.amount_fen - sum(s.principal_fen for s in of.settlements
                                                   if s.receivable_id == part.receivable_id and s.settled_on < begins)  # fmt: skip
                    once += opened if counts else 0
                    all_of_it += 0 if counts else opened
        raw, highest = once * Fraction(of.terms.late_fee_one_off_pct) / 100, max(highest, all_of_it)
    else:
        raw = on_days * Fraction(of.terms.late_fee_daily_rate) / 1000
    if of.terms.late_fee_cap_pct_of_principal is not None:
        raw = min(raw, Fraction(of.terms.late_fee_cap_pct_of_principal) * highest / 100)
    return math.floor(raw + Fraction(1, 2)) if of.terms.late_fee_rounding == "HALF_UP" else math.floor(raw)


def model_takes_off(of: Debt, waiver: Waiver, day: date) -> int:
    paid = sum(s.late_fee_fen for s in of.settlements if s.payment_id in waiver.paid_before)
    base = max(0, model_grown(of, day) - paid)
    if waiver.mode == "PERCENT":
        return math.floor(base * Fraction(waiver.pct or 0) / 100 + Fraction(1, 2))
    if waiver.mode == "DELTA":
        return min(base, waiver.amount_fen or 0)
    if waiver.mode == "FIXED":
        return max(0, base - (waiver.amount_fen or 0))
    return base - min(base, max(0, model_grown(of, day, since=waiver.start_on or date.min) - paid))


def model_waived(of: Debt, day: date) -> int:
    """Every day of the waiver is looked at, whether or not anything happened on it."""
    (waiver,) = of.waivers
    if day < waiver.approved_on:
        return 0
    if day <= waiver.until_on:
        return model_takes_off(of, waiver, day)
    found, each = 0, waiver.approved_on
    while each <= waiver.until_on:
        late = [
            part.amount_fen - sum(s.principal_fen for s in of.settlements
                                  if s.receivable_id == part.receivable_id and s.settled_on <= each)
            for part in of.receivables if first_late_day(of, part.due_on) <= each
        ]  # fmt: skip
        paid = sum(s.late_fee_fen for s in of.settlements if s.settled_on <= each)
        off = model_takes_off(of, waiver, each)
        if not any(late) and paid >= model_grown(of, each) - off:
            found = off
        each += ONE_DAY
    return found


@given(some_history(), st.integers(-5, 120))
@settings(max_examples=400, deadline=None)
def test_it_agrees_with_a_model_that_looks_at_every_day(of: Debt, days: int) -> None:
    assert waived_fen(of, FIRST_DUE + timedelta(days=days)) == model_waived(of, FIRST_DUE + timedelta(days=days))


@given(some_history(), st.integers(-5, 120))
@settings(max_examples=200, deadline=None)
def test_a_waiver_never_makes_anybody_owe_more_nor_less_than_nothing(of: Debt, days: int) -> None:
    day = FIRST_DUE + timedelta(days=days)
    without = late_fee_open_fen(replace(of, waivers=()), day)
    assert 0 <= late_fee_open_fen(of, day) <= without
    assert 0 <= waived_fen(of, day) <= late_fee_explained(of, day).accrued_fen


@given(some_history())
@settings(max_examples=200, deadline=None)
def test_who_pays_all_that_is_owed_on_a_day_owes_nothing_on_any_later_day(of: Debt) -> None:
    """Whatever happened before, and whatever the waiver had been: paid is paid."""
    day = max([s.settled_on for s in of.settlements] + [of.waivers[0].approved_on, FIRST_DUE + timedelta(days=50)])
    paid = of
    for number, part in enumerate(of.receivables):
        met = sum(s.principal_fen for s in of.settlements if s.receivable_id == part.receivable_id)
        paid = settled(paid, part.amount_fen - met, day, part=number)
    paid = settled(paid, 0, day, late_fee_fen=late_fee_open_fen(of, day))
    for later in (day, of.waivers[0].until_on, day + timedelta(days=100)):
        assert late_fee_open_fen(paid, max(day, later)) == 0


@given(some_history(), st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_waivers_may_be_told_with_settlements_in_any_order(of: Debt, days: int) -> None:
    day = FIRST_DUE + timedelta(days=days)
    backwards = replace(of, settlements=of.settlements[::-1])
    assert late_fee_open_fen(of, day) == late_fee_open_fen(backwards, day)

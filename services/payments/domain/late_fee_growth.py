"""How a late fee grows: a pure function of what was overdue on which days, of the terms and of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from services.payments.domain.debt import Debt
from shared.kernel.rates import PERCENT, PERMILLE, ROUNDING

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """Late days, the first and the last included, on which the same principal was overdue."""

    first_on: date
    last_on: date
    overdue_fen: int

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1


@dataclass(frozen=True, slots=True)
class Growth:
    """What a late fee had become: ``raw_fen`` is exact and uncapped, ``cap_fen`` None when there is no cap."""

    kind: str
    segments: tuple[Segment, ...]
    raw_fen: Fraction
    cap_fen: Fraction | None
    accrued_fen: int


NONE = Growth("NONE", (), Fraction(0), None, 0)


def late_fee_growth(debt: Debt, day: date, *, since: date = date.min) -> Growth:
    """All that grew up to and including ``day``, capped, then rounded once by the terms' rule.

    Days before ``since`` do not count; the cap stays that of the whole history. Other payers' shares have no late fee.
    """
    terms = debt.terms
    if terms.late_fee_kind == "NONE" or not debt.of_household:
        return NONE
    segments = late_segments(debt, day)
    highest_fen = max((segment.overdue_fen for segment in segments), default=0)
    if terms.late_fee_kind == "ONE_OFF":
        highest_fen = max(highest_fen, sum(_open_when_late(debt, day)))
    segments = _from(segments, since)
    raw = _one_off(debt, day, since) if terms.late_fee_kind == "ONE_OFF" else _daily(debt, segments)
    cap = None
    if terms.late_fee_cap_pct_of_principal is not None:
        cap = Fraction(terms.late_fee_cap_pct_of_principal) * PERCENT * highest_fen
    accrued_fen = ROUNDING[terms.late_fee_rounding](raw if cap is None else min(raw, cap))
    return Growth(terms.late_fee_kind, segments, raw, cap, accrued_fen)


def _from(segments: tuple[Segment, ...], since: date) -> tuple[Segment, ...]:
    return tuple(
        Segment(max(segment.first_on, since), segment.last_on, segment.overdue_fen)
        for segment in segments if segment.last_on >= since
    )  # fmt: skip


def late_segments(debt: Debt, day: date) -> tuple[Segment, ...]:
    """The late days up to ``day``, cut wherever the overdue principal changed; days without any are left out.

    A late day counts the principal that was overdue when it began, the day of payment included. Where the day
    of payment does not count, ``day`` itself is left out and each day counts what was overdue at its end. A
    correction works from its own day on.
    """
    changes = _changes_of_overdue(debt)
    last_on = day if debt.terms.late_fee_count_pay_day else day - ONE_DAY
    segments = []
    days = sorted(change_on for change_on in changes if change_on <= last_on)
    overdue_fen = 0
    for first_on, next_on in zip(days, [*days[1:], last_on + ONE_DAY], strict=bool(days)):
        overdue_fen += changes[first_on]
        if overdue_fen:
            segments.append(Segment(first_on, next_on - ONE_DAY, overdue_fen))
    if debt.cuts and debt.terms.late_fee_stop_on_cut:
        segments = [part for segment in segments for part in _with_heat(segment, debt)]
    return tuple(segments)


def _with_heat(segment: Segment, debt: Debt) -> list[Segment]:
    """A segment without the days on which the home was cut off: no day is late from a cut to the day before its end."""
    parts = [segment]
    for cut_on, restored_on in debt.cuts:
        left = []
        for part in parts:
            before = Segment(part.first_on, min(part.last_on, cut_on - ONE_DAY), part.overdue_fen)
            left += [before] if before.days > 0 else []
            if restored_on is not None and restored_on <= part.last_on:
                left.append(Segment(max(part.first_on, restored_on), part.last_on, part.overdue_fen))
        parts = left
    return parts


def _changes_of_overdue(debt: Debt) -> dict[date, int]:
    """By late day: how much the overdue principal differs from that of the day before."""
    after_pay_day = ONE_DAY if debt.terms.late_fee_count_pay_day else timedelta(0)
    changes: dict[date, int] = {}
    for receivable in debt.receivables:
        first_late_on = first_late_day(debt, receivable.due_on)
        changes[first_late_on] = changes.get(first_late_on, 0) + receivable.amount_fen
        for reduced_on, reduced_fen in receivable.reductions:
            felt_on = max(first_late_on, reduced_on)
            changes[felt_on] = changes.get(felt_on, 0) - reduced_fen
        for settlement in debt.settlements:
            if settlement.receivable_id == receivable.receivable_id and settlement.principal_fen:
                felt_after = after_pay_day if settlement.correction_id is None else timedelta(0)
                felt_on = max(first_late_on, settlement.settled_on + felt_after)
                changes[felt_on] = changes.get(felt_on, 0) - settlement.principal_fen
    return changes


def first_late_day(debt: Debt, due_on: date) -> date:
    """The first day that counts as late of what is due on ``due_on``."""
    return due_on + timedelta(days=1 + debt.terms.late_fee_grace_days)


def _daily(debt: Debt, segments: tuple[Segment, ...]) -> Fraction:
    rate = Fraction(debt.terms.late_fee_daily_rate) * PERMILLE
    if debt.terms.late_fee_base == "WHOLE_FEE":
        return rate * sum(debt.billed_on(day) * days for segment in segments for day, days in _as_billed(debt, segment))
    return rate * sum(segment.overdue_fen * segment.days for segment in segments)


def _as_billed(debt: Debt, segment: Segment) -> list[tuple[date, int]]:
    """The late days of a segment, cut wherever the billed share changed: the first day of each piece and its days."""
    changed_on = {part.posted_on for part in debt.receivables}
    changed_on |= {reduced_on for part in debt.receivables for reduced_on, _ in part.reductions}
    firsts = [segment.first_on, *sorted(day for day in changed_on if segment.first_on < day <= segment.last_on)]
    ends = [*firsts[1:], segment.last_on + ONE_DAY]
    return [(first, (end - first).days) for first, end in zip(firsts, ends, strict=True)]


def _one_off(debt: Debt, day: date, since: date) -> Fraction:
    return Fraction(debt.terms.late_fee_one_off_pct) * PERCENT * sum(_open_when_late(debt, day, since))


def _open_when_late(debt: Debt, day: date, since: date = date.min) -> list[int]:
    """For each part that was late by ``day``: its principal when its first late day, from ``since`` on, began."""
    opened = []
    for receivable in debt.receivables:
        first_late_on = max(since, first_late_day(debt, receivable.due_on))
        if first_late_on <= day:
            settled_fen = sum(
                settlement.principal_fen for settlement in debt.settlements
                if settlement.receivable_id == receivable.receivable_id and settlement.settled_on < first_late_on
            )  # fmt: skip
            reduced_fen = sum(fen for reduced_on, fen in receivable.reductions if reduced_on < first_late_on)
            opened.append(receivable.amount_fen - reduced_fen - settled_fen)
    return opened

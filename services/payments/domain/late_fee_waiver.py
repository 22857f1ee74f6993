"""A late fee is waived until a day: whoever pays what it leaves by then owes no more, whoever does not owes it all again.

What a waiver takes off on a day is a pure function of the debt's history: nothing runs when it ends, and a payment that is
taken back afterwards takes with it what it had made final.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.payments.domain.debt import Debt, Receivable, Waiver
from services.payments.domain.late_fee_growth import ONE_DAY, first_late_day, late_fee_growth
from shared.kernel.rates import PERCENT, half_up


def waived_fen(debt: Debt, day: date) -> int:
    """What the waivers of the debt take off its late fee of ``day``, all together."""
    return sum(taken_off(debt, day).values()) if debt.waivers else 0


def taken_off(debt: Debt, day: date) -> dict[int, int]:
    """By waiver, what each takes off the late fee of ``day``, in the order in which they were approved.

    While a waiver holds, it takes off what it says of that day's late fee. After its last day it has taken off what it
    took on the last of its days that left nothing late open, for good; when there was none, it is not among these.
    """
    taken: dict[int, int] = {}
    for waiver in debt.waivers:
        if day < waiver.approved_on:
            break
        earlier_fen = sum(taken.values())
        on = day if day <= waiver.until_on else last_clear_day(debt, waiver, earlier_fen)
        if on is not None:
            taken[waiver.waiver_id] = takes_off_fen(debt, waiver, on, earlier_fen)
    return taken


def takes_off_fen(debt: Debt, waiver: Waiver, day: date, earlier_fen: int = 0) -> int:
    """What one waiver takes off the late fee of a day on which it holds; ``earlier_fen`` is what others took for good.

    It is worked out on what had grown less what had been paid of it before the approval, and is never more than that.
    """
    paid_fen = sum(s.late_fee_fen for s in debt.settlements if s.payment_id in waiver.paid_before)
    before_fen = earlier_fen + paid_fen
    base_fen = max(0, late_fee_growth(debt, day).accrued_fen - before_fen)
    return min(base_fen, max(0, MODES[waiver.mode].takes_off(_Asked(debt, waiver, day, base_fen, before_fen))))


def last_clear_day(debt: Debt, waiver: Waiver, earlier_fen: int = 0) -> date | None:
    """The last day of the waiver at whose end nothing was open of what was late: principal, and the late fee it leaves."""
    return next((day for day in _days_that_matter(debt, waiver) if _is_clear(debt, waiver, day, earlier_fen)), None)


def _days_that_matter(debt: Debt, waiver: Waiver) -> Iterator[date]:
    """From the last day of the waiver backwards: the days after which something changed. Between them nothing does."""
    changes = {s.settled_on for s in debt.settlements}
    changes |= {reduced_on for part in debt.receivables for reduced_on, _ in part.reductions}
    changes |= {first_late_day(debt, part.due_on) for part in debt.receivables}
    if waiver.until_on >= waiver.approved_on:
        yield waiver.until_on
    for change_on in sorted(changes, reverse=True):
        if waiver.approved_on < change_on <= waiver.until_on:
            yield change_on - ONE_DAY


def _is_clear(debt: Debt, waiver: Waiver, day: date, earlier_fen: int) -> bool:
    if any(
        _open_at_end_of(debt, part, day) > 0 for part in debt.receivables if first_late_day(debt, part.due_on) <= day
    ):
        return False
    settled_fen = sum(s.late_fee_fen for s in debt.settlements if s.settled_on <= day)
    left_fen = late_fee_growth(debt, day).accrued_fen - earlier_fen - takes_off_fen(debt, waiver, day, earlier_fen)
    return settled_fen >= left_fen


def _open_at_end_of(debt: Debt, part: Receivable, day: date) -> int:
    reduced_fen = sum(fen for reduced_on, fen in part.reductions if reduced_on <= day)
    settled_fen = sum(
        s.principal_fen for s in debt.settlements if s.receivable_id == part.receivable_id and s.settled_on <= day
    )
    return part.amount_fen - reduced_fen - settled_fen


@dataclass(frozen=True, slots=True)
class _Asked:
    """``base_fen`` is what the waiver is worked out on, ``before_fen`` what had been paid and waived before it."""

    debt: Debt
    waiver: Waiver
    day: date
    base_fen: int
    before_fen: int


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of waiving. ``needs`` is the one value of a waiver that it is worked out from."""

    title: str
    needs: str
    takes_off: Callable[[_Asked], int]


def _percent(asked: _Asked) -> int:
    return half_up(asked.base_fen * Fraction(asked.waiver.pct or Decimal(0)) * PERCENT)


def _delta(asked: _Asked) -> int:
    return asked.waiver.amount_fen or 0


def _fixed(asked: _Asked) -> int:
    return asked.base_fen - (asked.waiver.amount_fen or 0)


def _new_start(asked: _Asked) -> int:
    grown_since = late_fee_growth(asked.debt, asked.day, since=asked.waiver.start_on or date.min).accrued_fen
    return asked.base_fen - max(0, grown_since - asked.before_fen)


MODES = {
    "PERCENT": Mode("按比例减免 · a percentage of it, rounded half-up, is taken off", "pct", _percent),
    "DELTA": Mode("减免定额 · a sum is taken off", "amount_fen", _delta),
    "FIXED": Mode("减至定额 · a sum is left", "amount_fen", _fixed),
    "NEW_START": Mode("改起算日 · days before another first day do not count", "start_on", _new_start),
}
"""By the name that a policy uses (parameter 49, late_fee_waiver_modes)."""

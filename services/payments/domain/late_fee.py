"""The late fee of a debt on a day: what grew, less what is waived, less what was paid. It is never a stored row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.payments.domain.debt import Debt
from services.payments.domain.late_fee_growth import Segment, late_fee_growth
from services.payments.domain.late_fee_waiver import waived_fen


@dataclass(frozen=True, slots=True)
class LateFeeExplanation:
    """Why a late fee is what it is: ``raw_fen`` is exact and uncapped, ``cap_fen`` None when there is no cap."""

    kind: str
    segments: tuple[Segment, ...]
    raw_fen: Fraction
    cap_fen: Fraction | None
    accrued_fen: int
    waived_fen: int
    settled_fen: int

    @property
    def open_fen(self) -> int:
        return max(0, self.accrued_fen - self.waived_fen - self.settled_fen)


def late_fee_open_fen(debt: Debt, day: date) -> int:
    """What is open of the late fee on ``day``: all that grew up to and including it, less what is waived and was paid."""
    day = debt.as_it_stands(day)
    if debt.terms.late_fee_kind == "NONE" or not debt.of_household or day <= debt.receivables[0].due_on:
        return 0
    return late_fee_explained(debt, day).open_fen


def nothing_open(debt: Debt, day: date) -> bool:
    """Whether all of the debt is settled for good: no principal, and no late fee of any day, is open.

    Money may be posted as of a day before that of a payment which is here already. The late fee grew until the last
    of them, so it is asked for that day.
    """
    if debt.open_principal_fen:
        return False
    settled_on = max((settlement.settled_on for settlement in debt.settlements), default=day)
    return late_fee_open_fen(debt, max(day, settled_on)) == 0


def late_fee_accrued_fen(debt: Debt, day: date) -> int:
    """Everything that grew up to and including ``day``, whether or not it is waived or was paid."""
    return late_fee_explained(debt, day).accrued_fen


def late_fee_explained(debt: Debt, day: date) -> LateFeeExplanation:
    """The late fee with the days and sums that it follows from. Other payers' shares have none."""
    day = debt.as_it_stands(day)
    grown = late_fee_growth(debt, day)
    settled_fen = sum(settlement.late_fee_fen for settlement in debt.settlements) if debt.of_household else 0
    waived = waived_fen(debt, day)
    return LateFeeExplanation(
        grown.kind, grown.segments, grown.raw_fen, grown.cap_fen, grown.accrued_fen, waived, settled_fen
    )

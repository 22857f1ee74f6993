"""A bill is corrected: an extra line upwards, or a reduction that lowers what is open and gives back what was paid.

Nothing is edited. A reduction takes from the part due last first; money that was paid beyond the new amount leaves
the settlements it had made (rows below zero) and becomes credit; a discount is worked out again on what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from services.payments.domain.debt import Debt, Settlement
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan
from shared.kernel.rates import PERCENT, half_up

CREDIT_NOTE = "credit_note"
"""The kind of a correction that leaves a discount as it is; every other kind computes it again."""
REIMBURSEMENT = "reimbursement"
"""The kind of a correction that bills another payer what the household gets back of its settled bill."""


class CorrectionTooLarge(Refusal):
    code = "correction_too_large"
    status = 409
    remedy = "A bill cannot be corrected below nothing; look at what was billed."


class Correction(NamedTuple):
    """``amount_fen`` is above zero for an extra line; ``suspended``: the home is, once the bill is corrected."""

    correction_id: int
    amount_fen: int
    kind: str
    suspended: bool


class Part(NamedTuple):
    """What one payment settles of one receivable."""

    receivable_id: int
    payment_id: int
    by_credit: bool


@dataclass(slots=True)
class TakenBack:
    """What leaves the settlements of a `Part`, in fen above zero."""

    paid_fen: int = 0
    discount_fen: int = 0
    rounding_fen: int = 0


@dataclass(slots=True)
class Lowered:
    """``reductions``: by receivable. ``credits``: by payment, what of its money became credit.

    ``refund_via`` is the last payment of the bill: a refund of that credit goes back through its channel.
    """

    reductions: dict[int, int] = field(default_factory=dict)
    taken_back: dict[Part, TakenBack] = field(default_factory=dict)
    refund_via: int | None = None

    @property
    def credits(self) -> dict[int, int]:
        by_payment: dict[int, int] = {}
        for part, taken in self.taken_back.items():
            if taken.paid_fen:
                by_payment[part.payment_id] = by_payment.get(part.payment_id, 0) + taken.paid_fen
        return by_payment

    def of(self, part: Part) -> TakenBack:
        return self.taken_back.setdefault(part, TakenBack())


def lower(debt: Debt, correction: Correction, earlier: Mapping[int, Correction]) -> Lowered:
    """What a correction downwards does to a share; ``earlier`` are the corrections that its settlements name.

    Refuses `correction_too_large`.
    """
    reduce_fen = -correction.amount_fen
    if reduce_fen > debt.billed_fen:
        raise CorrectionTooLarge(
            f"{format_yuan(debt.billed_fen)} is billed, {format_yuan(reduce_fen)} would be taken off",
            account_no=debt.account_no, bill_no=debt.bill_no,
        )  # fmt: skip
    lowered = Lowered(refund_via=last_payment(debt))
    if correction.kind != CREDIT_NOTE:
        _discount_again(debt, correction, earlier, lowered)
    settled = _settled(debt)
    for part, taken in lowered.taken_back.items():
        settled[part][1] -= taken.discount_fen
    left_fen = _reduce_open(debt, settled, reduce_fen, lowered)
    for kind in ("paid_fen", "rounding_fen", "discount_fen"):
        left_fen = _reduce_settled(debt, settled, left_fen, kind, lowered)
    return lowered


def _settled(debt: Debt) -> dict[Part, list[int]]:
    """Paid, discount and rounding of every part, in the order in which the money came."""
    settled: dict[Part, list[int]] = {}
    for s in sorted(debt.settlements, key=lambda each: each.settled_on):
        sums = settled.setdefault(_part(s), [0, 0, 0])
        for number, fen in enumerate((s.paid_fen, s.discount_fen, s.rounding_fen)):
            sums[number] += fen
    return settled


def _part(settlement: Settlement) -> Part:
    return Part(settlement.receivable_id, settlement.payment_id, settlement.by_credit)


def _reduce_open(debt: Debt, settled: Mapping[Part, list[int]], left_fen: int, lowered: Lowered) -> int:
    """Take from what is open, the part due last first; what is left to take."""
    for receivable in reversed(debt.receivables):
        met_fen = sum(sum(sums) for part, sums in settled.items() if part.receivable_id == receivable.receivable_id)
        taken_fen = min(receivable.net_fen - met_fen, left_fen)
        if taken_fen:
            lowered.reductions[receivable.receivable_id] = taken_fen
            left_fen -= taken_fen
    return left_fen


def _reduce_settled(debt: Debt, settled: Mapping[Part, list[int]], left_fen: int, kind: str, lowered: Lowered) -> int:
    """Take from what was settled, the part due last and the money that came last first; what is left to take."""
    column = ("paid_fen", "discount_fen", "rounding_fen").index(kind)
    for receivable in reversed(debt.receivables):
        for part, sums in reversed(list(settled.items())):
            if part.receivable_id != receivable.receivable_id or not (taken_fen := min(sums[column], left_fen)):
                continue
            taken = lowered.of(part)
            setattr(taken, kind, getattr(taken, kind) + taken_fen)
            reduced_fen = lowered.reductions.get(receivable.receivable_id, 0)
            lowered.reductions[receivable.receivable_id] = reduced_fen + taken_fen
            left_fen -= taken_fen
    return left_fen


def last_payment(debt: Debt) -> int | None:
    """The payment whose money met the bill last."""
    made = [s for s in debt.settlements if s.correction_id is None and s.paid_fen > 0]
    return max(made, key=lambda s: (s.settled_on, s.payment_id)).payment_id if made else None


def _discount_again(debt: Debt, correction: Correction, earlier: Mapping[int, Correction], lowered: Lowered) -> None:
    """Each discount again, at its own percentage, on what it was given on less the reductions since; never more."""
    cancelled = correction.suspended and debt.terms.discount_excludes_suspended
    for group in _discounts(debt):
        given_fen = sum(s.discount_fen for s in group if s.correction_id is None)
        held_fen = sum(s.discount_fen for s in group)
        base_fen = sum(s.principal_fen for s in group if s.correction_id is None)
        pct = _pct_of(debt, given_fen, base_fen)
        base_fen += correction.amount_fen + _reduced_since(group, earlier)
        new_fen = 0 if cancelled else min(held_fen, half_up(max(base_fen, 0) * pct * PERCENT))
        _cancel(group, held_fen - new_fen, lowered)


def _discounts(debt: Debt) -> Iterator[list[Settlement]]:
    """Settlements that share a discount: those of one payment, or of all credit that met the bill when it came."""
    groups: dict[tuple[bool, int], list[Settlement]] = {}
    for s in debt.settlements:
        groups.setdefault((s.by_credit, 0 if s.by_credit else s.payment_id), []).append(s)
    yield from (group for group in groups.values() if any(s.discount_fen for s in group))


def _pct_of(debt: Debt, discount_fen: int, base_fen: int) -> Fraction:
    """The percentage of the terms that gave this discount on this sum."""
    percents = sorted({Fraction(window.pct) for window in debt.terms.discount_windows})
    return min(percents, key=lambda pct: abs(base_fen * pct * PERCENT - discount_fen), default=Fraction(0))


def _reduced_since(group: Iterable[Settlement], earlier: Mapping[int, Correction]) -> int:
    """What corrections took off since the discount was given, in fen below zero: each left a row in the group."""
    seen = {s.correction_id for s in group if s.correction_id is not None}
    return sum(earlier[number].amount_fen for number in seen if earlier[number].kind != CREDIT_NOTE)


def _cancel(group: list[Settlement], cancel_fen: int, lowered: Lowered) -> None:
    """Take so much discount back, the last of it first; a row tells of the correction even when nothing changes."""
    held: dict[Part, int] = {}
    for s in group:
        held[_part(s)] = held.get(_part(s), 0) + s.discount_fen
    lowered.of(next(part for part, fen in reversed(held.items()) if fen or not cancel_fen))
    for part, fen in reversed(held.items()):
        taken_fen = min(fen, cancel_fen)
        if taken_fen:
            lowered.of(part).discount_fen += taken_fen
            cancel_fen -= taken_fen

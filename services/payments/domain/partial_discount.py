"""The discount of a part payment, in cities that do not ask for the whole fee at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.payments.domain.debt import Debt
from services.payments.domain.discount import discount_pct
from services.payments.domain.owed import OwedOfDebt
from shared.kernel.rates import PERCENT, half_up


def settled_with_discount_fen(line: OwedOfDebt, open_fen: int, budget_fen: int, *, day: date, debts: Sequence[Debt],
                              channel: str) -> int:  # fmt: skip
    """How much principal of a part ``budget_fen`` settles: itself, or more where part payments earn the discount.

    The discount is the percentage of what is settled, rounded half-up; never more than ``open_fen`` is settled.
    """
    if line.debt.terms.discount_requires_full_payment:
        return min(open_fen, budget_fen)
    pct = discount_pct(line.debt, day, others=debts, channel=channel) * PERCENT
    if not pct:
        return min(open_fen, budget_fen)
    settled_fen = min(open_fen, int(budget_fen / (1 - pct)) + 2)
    while settled_fen - half_up(settled_fen * pct) > budget_fen:
        settled_fen -= 1
    return settled_fen

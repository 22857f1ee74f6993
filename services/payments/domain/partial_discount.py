"""The discount of a part payment, in cities that do not ask for the whole fee at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.payments.domain.channel import Channel
from services.payments.domain.debt import Debt
from services.payments.domain.discount import discount_pct
from services.payments.domain.owed import OwedOfDebt
from shared.kernel.rates import PERCENT, half_up


def discounted_part(line: OwedOfDebt, open_fen: int, budget_fen: int, *, day: date, debts: Sequence[Debt],
                    channel: Channel) -> tuple[int, int]:  # fmt: skip
    """What at most ``budget_fen`` pays of a part of which ``open_fen`` is open, and the discount it earns.

    The discount is the percentage of the principal that falls (both together), rounded half-up; it is earned where
    the terms do not ask for the whole fee. What the part does not need is not taken.
    """
    settled_fen = min(open_fen, budget_fen)
    if line.debt.terms.discount_requires_full_payment:
        return settled_fen, 0
    pct = discount_pct(line.debt, day, others=debts, channel=channel) * PERCENT
    if not 0 < pct < 1:
        return settled_fen, 0
    # Rounding moves the price by half a fen at most: no more principal than this is worth the budget.
    settled_fen = min(open_fen, int((budget_fen + 1) / (1 - pct)) + 1)
    while settled_fen - half_up(settled_fen * pct) > budget_fen:
        settled_fen -= 1
    discount_fen = half_up(settled_fen * pct)
    return settled_fen - discount_fen, discount_fen

"""Claims: what a public payer, or an employer, is asked for at once, and how old what it owes of them is."""

from __future__ import annotations

from datetime import date

from shared.kernel.lifecycle import Lifecycle, Move

DRAWN_UP, SENT, DISPUTED, WITHDRAWN = "drawn_up", "sent", "disputed", "withdrawn"
PARTLY_PAID, PAID = "partly_paid", "paid"

LIFECYCLE = Lifecycle("claim", initial=DRAWN_UP, moves=[
    Move("send", (DRAWN_UP, DISPUTED), SENT),
    Move("dispute", (SENT,), DISPUTED),
    Move("withdraw", (DRAWN_UP, DISPUTED), WITHDRAWN),
])  # fmt: skip
"""What people do with a claim. That it is paid, in part or whole, is told by payments and never written here."""

AGES = ("to_30", "to_60", "to_90", "over_90")
_UPPER = (30, 60, 90)


def standing(state: str, amount_fen: int, open_fen: int) -> str:
    """The state as people ask for it: a claim that was sent is paid as far as its shares are."""
    if state != SENT or open_fen >= amount_fen:
        return state
    return PARTLY_PAID if open_fen > 0 else PAID


def age_of(sent_on: date, day: date) -> str:
    """In which column of the ageing an open claim stands: 0 to 30 days after it was sent, to 60, to 90, more."""
    days = (day - sent_on).days
    return next((age for age, upper in zip(AGES, _UPPER, strict=False) if days <= upper), AGES[-1])

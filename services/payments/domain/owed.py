"""What a payer owes on a day: what settles it if it is paid then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.payments.domain.channel import Channel
from services.payments.domain.debt import Debt
from services.payments.domain.discount import discount_offered_fen
from services.payments.domain.late_fee import late_fee_open_fen
from shared.messages.accounts import SELF


@dataclass(frozen=True, slots=True)
class OwedOfDebt:
    debt: Debt
    principal_fen: int
    late_fee_fen: int
    discount_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.late_fee_fen - self.discount_fen


@dataclass(frozen=True, slots=True)
class Owed:
    """``lines`` hold only debts of which something is open, oldest season first."""

    lines: tuple[OwedOfDebt, ...]

    @property
    def principal_fen(self) -> int:
        return sum(line.principal_fen for line in self.lines)

    @property
    def late_fee_fen(self) -> int:
        return sum(line.late_fee_fen for line in self.lines)

    @property
    def discount_fen(self) -> int:
        return sum(line.discount_fen for line in self.lines)

    @property
    def total_fen(self) -> int:
        return sum(line.total_fen for line in self.lines)

    @property
    def by_season(self) -> dict[int, int]:
        """Season → total in fen."""
        seasons: dict[int, int] = {}
        for line in self.lines:
            seasons[line.debt.season] = seasons.get(line.debt.season, 0) + line.total_fen
        return seasons


def owed(debts: Sequence[Debt], day: date, *, payer: str = SELF, channel: Channel | None = None) -> Owed:
    """Principal, late fee up to and including ``day``, and the discount that one payment of all of it would get."""
    lines = []
    for debt in sorted(debts, key=in_order):
        if debt.payer != payer:
            continue
        principal_fen, late_fee_fen = debt.open_principal_fen, late_fee_open_fen(debt, day)
        if principal_fen or late_fee_fen:
            discount_fen = discount_offered_fen(debt, day, others=debts, channel=channel) if principal_fen else 0
            lines.append(OwedOfDebt(debt, principal_fen, late_fee_fen, discount_fen))
    return Owed(tuple(lines))


def in_order(debt: Debt) -> tuple[int, date, int]:
    """Debts are met oldest season first, in a season by their first due day, then by number."""
    return debt.season, debt.receivables[0].due_on, debt.bill_no

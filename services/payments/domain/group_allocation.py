"""How one payment of a payer meets its shares in many accounts: oldest season first, then what falls due first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.payments.domain.allocation import NewSettlement, open_parts
from services.payments.domain.debt import Debt
from services.payments.domain.owed import in_order


@dataclass(slots=True)
class ShareOfAccount:
    """What of the money one account gets."""

    amount_fen: int = 0
    settlements: list[NewSettlement] = field(default_factory=list)


def allocate_to_shares(debts: Iterable[Debt], amount_fen: int) -> tuple[dict[str, ShareOfAccount], int]:
    """By account what is settled, and what is left of the money.

    The shares of payers who are no household have neither late fee nor discount. The last one may be met in part.
    """
    shares: dict[str, ShareOfAccount] = {}
    for debt in sorted(debts, key=lambda each: (*in_order(each)[:2], each.account_no, each.bill_no)):
        for part, open_fen in open_parts(debt):
            paid_fen = min(open_fen, amount_fen)
            if not paid_fen:
                continue
            share = shares.setdefault(debt.account_no, ShareOfAccount())
            share.amount_fen += paid_fen
            share.settlements.append(NewSettlement(part.receivable_id, debt.bill_no, paid_fen))
            amount_fen -= paid_fen
    return shares, amount_fen

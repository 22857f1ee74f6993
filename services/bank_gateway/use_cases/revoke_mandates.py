"""Customers take their agreement back. Items that are with a bank already stay there; others leave their batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from services.bank_gateway.storage.mandates import lock_live_mandates, revoke
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound


class UnknownMandate(NotFound):
    code = "unknown_mandate"
    remedy: ClassVar[str] = "Check the account number; this account has no live mandate."


@dataclass(frozen=True, slots=True)
class RevokeMandates:
    account_nos: tuple[str, ...]


def revoke_mandates(command: RevokeMandates, work: Work) -> dict[str, Any]:
    """Revoke the live mandates of all these accounts, or none. Refuses `unknown_mandate`."""
    live = lock_live_mandates(work, command.account_nos)
    for account_no in command.account_nos:
        if account_no not in live:
            raise UnknownMandate("this account has no live mandate", account_no=account_no)
    revoke(work, [mandate_id for mandate_id, _, _ in live.values()])
    return {"revoked": len(live)}

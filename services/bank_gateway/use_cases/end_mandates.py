"""A home has another owner: the former one's agreement to be debited does not bind his bank account to it any more."""

from __future__ import annotations

from services.bank_gateway.storage.mandates import lock_live_mandates, revoke
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsTransferred


def end_mandates(event: AccountsTransferred, work: Work) -> None:
    """Items that are with a bank already stay there; others leave their batch. Homes without a mandate are passed over."""
    live = lock_live_mandates(work, tuple(item.account_no for item in event.items))
    if live:
        revoke(work, [mandate_id for mandate_id, _, _ in live.values()])

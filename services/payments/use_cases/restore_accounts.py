"""Homes that were cut off have heat again: their days are late again, if anything is overdue."""

from __future__ import annotations

from services.payments.storage.accounts import lock_accounts
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsRestored

_RESTORE = """
UPDATE cuts SET restored_on = v.restored_on FROM unnest(%s::text[], %s::date[]) AS v (account_no, restored_on)
WHERE cuts.account_no = v.account_no AND cuts.restored_on IS NULL RETURNING cuts.account_no
"""


def restore_accounts(event: AccountsRestored, work: Work) -> None:
    """A home that was never told to be cut off (it came so from an old system) stays as it is."""
    lock_accounts(work, {item.account_no for item in event.items})
    last = {item.account_no: item.restored_on for item in event.items}
    work.rows(_RESTORE, [list(column) for column in zip(*sorted(last.items()), strict=True)])

"""Homes were cut off for arrears: where the terms say so, no day without heat is late."""

from __future__ import annotations

from services.payments.storage.accounts import lock_accounts
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsCut

_CUT = """
INSERT INTO cuts (account_no, cut_on) SELECT * FROM unnest(%s::text[], %s::date[])
ON CONFLICT (account_no, cut_on) DO UPDATE SET restored_on = NULL RETURNING account_no
"""


def cut_accounts(event: AccountsCut, work: Work) -> None:
    """A home that was restored and is cut again on one day has no heat on it."""
    lock_accounts(work, {item.account_no for item in event.items})
    cuts = {(item.account_no, item.cut_on) for item in event.items}
    work.rows(_CUT, [list(column) for column in zip(*sorted(cuts), strict=True)])

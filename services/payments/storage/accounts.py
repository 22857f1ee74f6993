"""Locking heat accounts: every command that touches money locks its accounts first, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.messages.accounts import SELF


@dataclass(slots=True)
class LockedAccount:
    """``version`` is that of the last change; ``hold_id`` an open hold of a bank; ``household`` the present owner."""

    account_no: str
    version: int
    hold_id: int | None
    household: str = SELF

    def next_version(self) -> int:
        self.version += 1
        return self.version


def lock_accounts(work: Work, account_nos: Collection[str]) -> dict[str, LockedAccount]:
    """The accounts, locked until the work ends. Refuses when one of them does not exist."""
    locked = lock_known_accounts(work, account_nos)
    for account_no in account_nos:
        if account_no not in locked:
            raise UnknownAccount("there is no such account", account_no=account_no)
    return locked


def lock_known_accounts(work: Work, account_nos: Collection[str]) -> dict[str, LockedAccount]:
    """Those of the accounts that exist, locked until the work ends."""
    rows = work.rows(
        "SELECT account_no, version, hold_id, household FROM accounts WHERE account_no = ANY(%s)"
        " ORDER BY account_no FOR UPDATE",
        (list(account_nos),),
    )
    return {row[0]: LockedAccount(*row) for row in rows}

"""Locking heat accounts: every command that touches money locks its accounts first, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.chassis.collection_rules import LAST_VERSION, declaration_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.messages.accounts import SELF, CollectionRulesDeclared


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
    return _all_of(account_nos, lock_known_accounts(work, account_nos))


def lock_known_accounts(work: Work, account_nos: Collection[str]) -> dict[str, LockedAccount]:
    """Those of the accounts that exist, locked until the work ends."""
    return {row[0]: LockedAccount(*row) for row in work.rows(_LOCK.format(more=""), (list(account_nos),))}


def lock_accounts_under_rules(
    work: Work, account_nos: Collection[str]
) -> tuple[dict[str, LockedAccount], CollectionRulesDeclared]:
    """`lock_accounts`, and the rules of collection: one question for both, because every payment asks it."""
    rows = work.rows(_LOCK.format(more=f", {LAST_VERSION}"), (list(account_nos),))
    locked = _all_of(account_nos, {row[0]: LockedAccount(*row[:-1]) for row in rows})
    return locked, declaration_of(work, rows[0][-1])


def _all_of(account_nos: Collection[str], locked: dict[str, LockedAccount]) -> dict[str, LockedAccount]:
    for account_no in account_nos:
        if account_no not in locked:
            raise UnknownAccount("there is no such account", account_no=account_no)
    return locked


_LOCK = (
    "SELECT account_no, version, hold_id, household{more} FROM accounts WHERE account_no = ANY(%s)"
    " ORDER BY account_no FOR UPDATE"
)

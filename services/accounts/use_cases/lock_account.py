"""Accounts are locked for a reason: until the lock is taken off, the verbs that its kind blocks are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_lock import AlreadyLocked, lock_kind
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import assert_known
from services.accounts.storage.account_locks import add_locks, locks_on
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class LockAccount:
    account_nos: tuple[str, ...]
    kind: str
    reason: str
    preview: bool = False


def lock_account(command: LockAccount, work: Work) -> dict[str, Any]:
    """Lock all accounts of the list, or none. Refuses `unknown_account`, `already_locked` (with a lock of this kind)."""
    lock_kind(command.kind)
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    assert_known(work, account_nos)
    locks = locks_on(work, account_nos, work.today)
    for number, account_no in enumerate(account_nos):
        with refused_at(f"accounts/{number}", account_no=account_no):
            if same := next((lock for lock in locks.get(account_no, []) if lock.kind == command.kind), None):
                raise AlreadyLocked(
                    f"locked since {same.since}", lock_id=same.lock_id, since=same.since, state="locked"
                )
    ids = add_locks(work, account_nos, command.kind, reason=command.reason)
    return {"accounts": [
        {"account_no": account_no, "lock_id": lock_id, "kind": command.kind, "since": work.today.isoformat()}
        for account_no, lock_id in zip(account_nos, ids, strict=True)
    ]}  # fmt: skip

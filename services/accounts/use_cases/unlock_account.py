"""The reason of a lock is gone: the account is open to every verb again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_lock import NotLocked, lock_kind
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import assert_known
from services.accounts.storage.account_locks import add_releases, locks_on
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class UnlockAccount:
    account_nos: tuple[str, ...]
    kind: str
    reason: str
    preview: bool = False


def unlock_account(command: UnlockAccount, work: Work) -> dict[str, Any]:
    """Take the lock of this kind off all accounts of the list, or off none. Refuses `unknown_account`, `not_locked`."""
    lock_kind(command.kind)
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    assert_known(work, account_nos)
    locks = locks_on(work, account_nos, work.today)
    released = []
    for number, account_no in enumerate(account_nos):
        with refused_at(f"accounts/{number}", account_no=account_no):
            lock = next((lock for lock in locks.get(account_no, []) if lock.kind == command.kind), None)
            if lock is None:
                raise NotLocked(f"no lock {command.kind} is on the account", state="unlocked")
            released.append(lock.lock_id)
    add_releases(work, released, reason=command.reason)
    return {"accounts": [
        {"account_no": account_no, "lock_id": lock_id, "kind": command.kind}
        for account_no, lock_id in zip(account_nos, released, strict=True)
    ]}  # fmt: skip

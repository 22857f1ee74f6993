"""The locks of accounts: those that are on, and their history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.account_lock import Lock, assert_open_to
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.errors import refused_at

_LOCKS = """
SELECT l.lock_id, l.account_no, l.kind, l.locked_on::text, l.reason, k.actor
FROM account_locks l JOIN commands k USING (command_id)
WHERE l.account_no = ANY(%(account_nos)s) AND l.locked_on <= %(day)s
  AND NOT EXISTS (SELECT FROM account_lock_releases r WHERE r.lock_id = l.lock_id AND r.released_on <= %(day)s)
ORDER BY l.account_no, l.lock_id
"""


@row_of("account_locks")
class LockRow(NamedTuple):
    lock_id: int
    command_id: int
    account_no: str
    kind: str
    locked_on: date
    reason: str


@row_of("account_lock_releases")
class ReleaseRow(NamedTuple):
    lock_id: int
    command_id: int
    released_on: date
    reason: str


def locks_on(work: Work, account_nos: Collection[str], day: date) -> dict[str, list[Lock]]:
    """The locks that are on at the end of the day, by account, oldest first."""
    found: defaultdict[str, list[Lock]] = defaultdict(list)
    for row in work.rows(_LOCKS, {"account_nos": list(account_nos), "day": day}):
        found[row[1]].append(Lock(*row))
    return found


def assert_unlocked(work: Work, account_nos: Sequence[str], *, verb: str, place: str) -> None:
    """Refuses `account_locked`. The accounts are held by the caller, so that no lock comes in between."""
    locks = locks_on(work, account_nos, work.today)
    for number, account_no in enumerate(account_nos):
        with refused_at(f"{place}/{number}", account_no=account_no):
            assert_open_to(verb, locks.get(account_no, []))


def add_locks(work: Work, account_nos: Sequence[str], kind: str, *, reason: str) -> list[int]:
    ids = list(work.new_ids(len(account_nos)))
    work.add(
        LockRow(lock_id, work.command_id, account_no, kind, work.today, reason)
        for lock_id, account_no in zip(ids, account_nos, strict=True)
    )
    return ids


def add_releases(work: Work, lock_ids: Sequence[int], *, reason: str) -> None:
    work.add(ReleaseRow(lock_id, work.command_id, work.today, reason) for lock_id in lock_ids)

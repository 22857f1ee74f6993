"""The locks of one account: those that are on, and those that were."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.account_lock import LOCK_KINDS
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount

_HISTORY = """
SELECT l.lock_id, l.kind, l.locked_on, l.reason, k.actor, r.released_on, r.reason, x.actor
FROM account_locks l JOIN commands k USING (command_id)
LEFT JOIN account_lock_releases r USING (lock_id) LEFT JOIN commands x ON x.command_id = r.command_id
WHERE l.account_no = %s ORDER BY l.locked_on, l.lock_id
"""


def lock_history(work: Work, account_no: str) -> dict[str, Any]:
    """Refuses `unknown_account`."""
    if not work.rows("SELECT 1 FROM heat_accounts WHERE account_no = %s", (account_no,)):
        raise UnknownAccount("there is no such account", account_no=account_no)
    return {"account_no": account_no, "locks": [_line(account_no, row) for row in work.rows(_HISTORY, (account_no,))]}


def _line(account_no: str, row: tuple[Any, ...]) -> dict[str, Any]:
    lock_id, kind, since, reason, by, released_on, released_why, released_by = row
    released = {"on": released_on.isoformat(), "by": released_by, "reason": released_why} if released_on else None
    return {
        "account_no": account_no,
        "lock_id": lock_id,
        "kind": kind,
        "title": LOCK_KINDS[kind].title,
        "blocks": sorted(LOCK_KINDS[kind].blocks),
        "since": since.isoformat(),
        "reason": reason,
        "by": by,
        "released": released,
    }

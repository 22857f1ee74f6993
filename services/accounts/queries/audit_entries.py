"""Who did what, when and why: the newest first."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.audit import AuditFilter
from services.accounts.storage.audit import assert_known_command, commands_of_account
from shared.chassis.unit_of_work import Work

_ENTRIES = """
SELECT l.command_id, l.business_on, l.at, l.actor, s.person, l.verb, l.reason, coalesce(a.approval_id, d.approval_id),
       (SELECT count(*) FROM audit_changes c WHERE c.command_id = l.command_id)
FROM (SELECT * FROM audit_log {where} ORDER BY business_on DESC, at DESC, command_id DESC LIMIT %(limit)s) l
LEFT JOIN staff s ON l.actor = 'staff:' || s.login
LEFT JOIN approvals a ON a.command_id = l.command_id
LEFT JOIN approval_decisions d ON d.command_id = l.command_id
ORDER BY l.business_on DESC, l.at DESC, l.command_id DESC
"""

# Only what is asked for stands in the statement: a plan for all cases at once would use no index.
_WHERE = {
    "actor": "actor = %(actor)s",
    "verb": "verb = %(verb)s",
    "from_on": "business_on >= %(from_on)s",
    "until_on": "business_on < %(until_on)s",
    "commands": "command_id = ANY(%(commands)s)",
    "approval_id": "command_id IN (SELECT command_id FROM approvals WHERE approval_id = %(approval_id)s"
                   " UNION ALL SELECT command_id FROM approval_decisions WHERE approval_id = %(approval_id)s)",
    "after": "(business_on, at, command_id) < (SELECT business_on, at, command_id FROM audit_log WHERE command_id = %(after)s)",
}  # fmt: skip


def audit_entries(work: Work, asked: AuditFilter, *, after: int | None, limit: int) -> dict[str, Any]:
    """``after`` is the last command of the page before; ``next`` None: there is no more. Refuses `unknown_command`."""
    values: dict[str, Any] = {
        "actor": asked.actor, "verb": asked.verb, "from_on": asked.from_on, "until_on": asked.until_on,
        "approval_id": asked.approval_id, "after": after,
    }  # fmt: skip
    if after is not None:
        assert_known_command(work, after)
    if asked.account_no is not None:
        values["commands"] = commands_of_account(work, asked.account_no)
    given = {name: value for name, value in values.items() if value is not None}
    where = "WHERE " + " AND ".join(_WHERE[name] for name in given) if given else ""
    rows = work.rows(_ENTRIES.format(where=where), {**given, "limit": limit})
    return {"entries": [entry(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def entry(row: tuple[Any, ...]) -> dict[str, Any]:
    number, business_on, at, actor, person, verb, reason, approval_id, changes = row
    return {
        "command_id": number,
        "business_on": business_on.isoformat(),
        "at": at.isoformat(),
        "actor": actor,
        "person": person,
        "verb": verb,
        "reason": reason,
        "approval_id": approval_id,
        "changes": changes,
    }

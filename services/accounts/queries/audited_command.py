"""One command whole: what was asked, what was answered, and every row that it changed, before and after."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.audit import UnknownCommand, shown
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work

_COMMAND = """
SELECT l.business_on, l.at, l.actor, s.person, l.verb, l.reason, l.request, k.request_id, k.status, k.answer,
       coalesce(a.approval_id, d.approval_id)
FROM audit_log l JOIN commands k USING (command_id)
LEFT JOIN staff s ON l.actor = 'staff:' || s.login
LEFT JOIN approvals a ON a.command_id = l.command_id
LEFT JOIN approval_decisions d ON d.command_id = l.command_id
WHERE l.command_id = %s
"""
_CHANGES = """
SELECT change_id, table_name, row_key, account_no, before, after FROM audit_changes
WHERE command_id = %(command_id)s AND change_id > %(after)s ORDER BY change_id LIMIT %(limit)s
"""


def audited_command(work: Work, command_id: int, *, whole: bool, after: int, limit: int) -> dict[str, Any]:
    """Changes by pages; ``whole``: personal numbers are not masked. Refuses `unknown_command`."""
    found = work.rows(_COMMAND, (command_id,))
    if not found:
        raise UnknownCommand("the audit knows no such command", command_id=command_id)
    business_on, at, actor, person, verb, reason, request, request_id, status, answer, approval_id = found[0]
    changes = work.rows(_CHANGES, {"command_id": command_id, "after": after, "limit": limit})
    return {
        "command_id": command_id,
        "business_on": business_on.isoformat(),
        "at": at.isoformat(),
        "actor": actor,
        "person": person,
        "verb": verb,
        "reason": reason,
        "request_id": request_id,
        "approval_id": approval_id,
        "request": shown(request, whole=whole),
        "status": status,
        "answer": None if answer is None else shown(strict_json(bytes(answer).decode()), whole=whole),
        "changes": [
            {"change_id": change_id, "table": table, "key": key, "account_no": account_no,
             "before": shown(before, whole=whole), "after": shown(after_, whole=whole)}
            for change_id, table, key, account_no, before, after_ in changes
        ],
        "next": changes[-1][0] if len(changes) == limit else None,
    }  # fmt: skip

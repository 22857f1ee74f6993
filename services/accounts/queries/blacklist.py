"""The blacklist and its history; numbers of persons are masked."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.masking import masked_id_no
from shared.chassis.unit_of_work import Work

_PAGE = """
SELECT e.entry_id, e.id_type, e.id_no, c.name, e.listed_on, e.reason, k.actor, r.removed_on, r.reason
FROM blacklist_entries e JOIN commands k USING (command_id)
LEFT JOIN customers c ON c.customer_id = e.customer_id LEFT JOIN blacklist_removals r USING (entry_id)
WHERE e.entry_id > %(after)s AND (%(history)s OR r.entry_id IS NULL) ORDER BY e.entry_id LIMIT %(limit)s
"""


def blacklist_page(work: Work, *, after: int, limit: int, history: bool) -> dict[str, Any]:
    """Entries in the order in which they were made; ``history``: those that were taken off too."""
    rows = work.rows(_PAGE, {"after": after, "limit": limit, "history": history})
    return {"entries": [_entry(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    entry_id, id_type, id_no, name, since, reason, by, removed_on, removed_why = row
    return {
        "entry_id": entry_id,
        "id_type": id_type,
        "id_no": masked_id_no(id_no),
        "name": name,
        "since": since.isoformat(),
        "reason": reason,
        "by": by,
        "removed_on": removed_on.isoformat() if removed_on else None,
        "removed_because": removed_why,
    }

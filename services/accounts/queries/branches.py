"""Compounds with the branch that each belongs to on a day; one without a branch is shown too."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.chassis.unit_of_work import Work

_COMPOUNDS = """
SELECT p.compound, w.branch, w.valid_from FROM (SELECT DISTINCT compound FROM premises WHERE compound > %(after)s) p
LEFT JOIN LATERAL (
    SELECT branch, valid_from FROM branch_compounds JOIN commands k USING (command_id)
    WHERE compound = p.compound AND valid_from <= %(day)s ORDER BY valid_from DESC, k.at DESC, assignment_id DESC LIMIT 1
) w ON true
WHERE %(branch)s::text IS NULL OR coalesce(w.branch, '') = %(branch)s
ORDER BY p.compound LIMIT %(limit)s
"""


def branches(work: Work, *, day: date | None, branch: str | None, after: str, limit: int) -> dict[str, Any]:
    """``day`` None is today; ``next`` begins the next page, None at the end."""
    on = day or work.today
    rows = work.rows(_COMPOUNDS, {"day": on, "branch": branch, "after": after, "limit": limit})
    return {
        "on": on.isoformat(),
        "compounds": [
            {"compound": compound, "branch": name, "since": None if since is None else since.isoformat()}
            for compound, name, since in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }

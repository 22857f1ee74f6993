"""One application for a suspension: its moves, and what is or was due for it."""

from __future__ import annotations

from typing import Any

from services.accounts.storage.suspension_applications import suspension_applications
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label

_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.moved_on, m.note, k.actor, k.at
FROM suspension_moves m JOIN commands k USING (command_id) WHERE m.application_id = %s ORDER BY k.at, m.move_id
"""
_DEADLINES = """
SELECT kind, due_on, assumed, ended_on, outcome FROM deadlines WHERE suspension_id = %s ORDER BY deadline_id
"""


def suspension_application(work: Work, application_id: int) -> dict[str, Any]:
    """Refuses `not_found`."""
    (found,) = suspension_applications(work, [application_id], place="application", locked=False)
    return {
        "application_id": application_id, "account_no": found.account_no, "state": found.state,
        "season": season_label(found.season), "seasons": found.seasons, "asked_on": found.asked_on.isoformat(),
        "granted_on": found.granted_on.isoformat() if found.granted_on else None,
        "deadlines": [
            {"kind": kind, "due_on": due_on.isoformat(), "assumed": assumed, "outcome": outcome,
             "ended_on": ended_on.isoformat() if ended_on else None}
            for kind, due_on, assumed, ended_on, outcome in work.rows(_DEADLINES, (application_id,))
        ],
        "moves": [
            {"verb": verb, "from": before, "to": after, "moved_on": moved_on.isoformat(), "note": note, "by": actor,
             "at": at.isoformat()}
            for verb, before, after, moved_on, note, actor, at in work.rows(_MOVES, (application_id,))
        ],
    }  # fmt: skip

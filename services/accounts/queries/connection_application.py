"""One application for a connection, and every move of it."""

from __future__ import annotations

from typing import Any

from services.accounts.storage.connections import application_of
from shared.chassis.unit_of_work import Work

_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.moved_on, m.note, k.actor, k.at
FROM connection_moves m JOIN commands k USING (command_id) WHERE m.application_id = %s ORDER BY k.at, m.move_id
"""


def connection_application(work: Work, application_id: int) -> dict[str, Any]:
    """One application with its moves, oldest first. Refuses `not_found`."""
    application = application_of(work, application_id)
    return {
        "application_id": application_id, "state": application.state, "account_no": application.account_no,
        "compound": application.account.compound, "building": application.account.building,
        "unit": application.account.unit, "room": application.account.room,
        "moves": [
            {"verb": verb, "from": from_state, "to": to_state, "moved_on": moved_on.isoformat(), "note": note, "by": actor,
             "at": at.isoformat()}
            for verb, from_state, to_state, moved_on, note, actor, at in work.rows(_MOVES, (application_id,))
        ],
    }  # fmt: skip

"""One application for a connection, and every move of it."""

from __future__ import annotations

from typing import Any

from services.accounts.storage.connection_charges import Asked, asked_of
from services.accounts.storage.connections import application_of
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.moved_on, m.note, k.actor, k.at
FROM connection_moves m JOIN commands k USING (command_id) WHERE m.application_id = %s ORDER BY k.at, m.move_id
"""
_DEADLINES = """
SELECT kind, due_on, assumed, ended_on, outcome FROM deadlines WHERE connection_id = %s ORDER BY deadline_id
"""


def connection_application(work: Work, application_id: int) -> dict[str, Any]:
    """One application with its moves and deadlines, oldest first, and what its contract asks for. Refuses `not_found`."""
    application = application_of(work, application_id)
    asked = asked_of(work, [application_id]).get(application_id)
    return {
        "application_id": application_id, "state": application.state, "account_no": application.account_no,
        "compound": application.account.compound, "building": application.account.building,
        "unit": application.account.unit, "room": application.account.room,
        "charges": _charges(asked) if asked else None,
        "deadlines": [
            {"kind": kind, "due_on": due_on.isoformat(), "assumed": assumed, "outcome": outcome,
             "ended_on": ended_on.isoformat() if ended_on else None}
            for kind, due_on, assumed, ended_on, outcome in work.rows(_DEADLINES, (application_id,))
        ],
        "moves": [
            {"verb": verb, "from": from_state, "to": to_state, "moved_on": moved_on.isoformat(), "note": note, "by": actor,
             "at": at.isoformat()}
            for verb, from_state, to_state, moved_on, note, actor, at in work.rows(_MOVES, (application_id,))
        ],
    }  # fmt: skip


def _charges(asked: Asked) -> dict[str, Any]:
    return {
        "connection_fee": format_yuan(asked.charge.connection_fen),
        "first_season": format_yuan(asked.charge.first_season_fen),
        "document": asked.document,
        "receipt": asked.receipt,
        "paid_on": asked.paid_on.isoformat() if asked.paid_on else None,
    }

"""One work order: where and why, every move of it, and what was done."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.work_order import KINDS
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound

_ORDER = """
SELECT o.kind, o.cause, o.state, o.assignee, o.account_no, o.connection_id, o.heat_station, o.compound, o.building, o.unit,
       o.room, o.opened_on, o.note, r.done_by, r.done_on, r.valve, r.seal_no, r.removed_seal, r.found, r.photo_id
FROM work_orders o LEFT JOIN work_results r USING (work_order_id) WHERE o.work_order_id = %s
"""
_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.moved_on, m.assignee, m.note, k.actor, k.at
FROM work_order_moves m JOIN commands k USING (command_id) WHERE m.work_order_id = %s ORDER BY k.at, m.move_id
"""
_MEMBERS = ("kind", "cause", "state", "assignee", "account_no", "connection_id", "heat_station", "compound", "building", "unit",
            "room", "opened_on", "note")  # fmt: skip
_RESULT = ("done_by", "done_on", "valve", "seal_no", "removed_seal", "found", "photo_id")


def work_order(work: Work, work_order_id: int) -> dict[str, Any]:
    """Refuses `not_found`."""
    rows = work.rows(_ORDER, (work_order_id,))
    if not rows:
        raise NotFound("there is no such work order", work_order_id=work_order_id)
    order = dict(zip((*_MEMBERS, *_RESULT), map(_plain, rows[0]), strict=True))
    result = {name: order.pop(name) for name in _RESULT}
    return {
        "work_order_id": work_order_id, "title": KINDS[str(order["kind"])].title, **order,
        "result": result if result["done_by"] else None,
        "moves": [
            {"verb": verb, "from": before, "to": after, "moved_on": moved_on.isoformat(), "assignee": assignee, "note": note,
             "by": actor, "at": at.isoformat()}
            for verb, before, after, moved_on, assignee, note, actor, at in work.rows(_MOVES, (work_order_id,))
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

"""Work orders are given to a crew, or to another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.work_orders import locked_orders, move_orders
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class AssignWorkOrders:
    work_order_ids: tuple[int, ...]
    assignee: str
    note: str


def assign_work_orders(command: AssignWorkOrders, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `transition_refused`."""
    orders = locked_orders(work, command.work_order_ids, place="work_orders")
    move_orders(work, orders, verb="assign", note=command.note, assignee=command.assignee)
    return {"work_orders": [
        {"work_order_id": each.work_order_id, "state": "assigned", "assignee": command.assignee} for each in orders
    ]}  # fmt: skip

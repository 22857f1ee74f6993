"""Work orders are not needed any more, or should not have been opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.work_orders import locked_orders, move_orders
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class CancelWorkOrders:
    work_order_ids: tuple[int, ...]
    note: str


def cancel_work_orders(command: CancelWorkOrders, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `transition_refused`."""
    orders = locked_orders(work, command.work_order_ids, place="work_orders")
    move_orders(work, orders, verb="cancel", note=command.note)
    return {"work_orders": [{"work_order_id": each.work_order_id, "state": "cancelled"} for each in orders]}

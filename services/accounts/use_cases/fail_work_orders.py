"""A crew came back without having done it: nobody at home, a valve that does not move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.work_orders import locked_orders, move_orders
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FailWorkOrders:
    work_order_ids: tuple[int, ...]
    note: str


def fail_work_orders(command: FailWorkOrders, work: Work) -> dict[str, Any]:
    """All of the list, or none; they wait to be assigned again. Refuses `not_found`, `transition_refused`."""
    orders = locked_orders(work, command.work_order_ids, place="work_orders")
    move_orders(work, orders, verb="fail", note=command.note)
    return {"work_orders": [{"work_order_id": each.work_order_id, "state": "failed"} for each in orders]}

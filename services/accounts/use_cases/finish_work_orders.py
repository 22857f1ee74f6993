"""Work was done: which valve, which seal, by whom, when, and the photo that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.work_order import WorkResult, assert_told
from services.accounts.storage.work_orders import add_results, locked_orders, move_orders
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "results"


@dataclass(frozen=True, slots=True)
class FinishWorkOrders:
    results: tuple[WorkResult, ...]
    note: str


def finish_work_orders(command: FinishWorkOrders, work: Work) -> dict[str, Any]:
    """All of the list, or none.

    Refuses `not_found`, `transition_refused`, `work_result_incomplete`, `seal_used`.
    """
    orders = locked_orders(work, [each.work_order_id for each in command.results], place=PLACE)
    move_orders(work, orders, verb="finish", note=command.note, place=PLACE)
    for number, (order, result) in enumerate(zip(orders, command.results, strict=True)):
        with refused_at(f"{PLACE}/{number}", work_order_id=order.work_order_id):
            assert_told(order.kind, result, opened_on=order.opened_on, today=work.today)
    add_results(work, command.results, place=PLACE)
    return {"work_orders": [{"work_order_id": each.work_order_id, "state": "done"} for each in orders]}

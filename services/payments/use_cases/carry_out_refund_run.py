"""An approved refund run is carried out, a page at a time: credit becomes money that is to be paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.domain.refund import APPROVED, CARRIED_OUT, ORDER
from services.payments.storage.refund_books import promise_what_is_there
from services.payments.storage.refunds import locked_order, move_order, refunds_waiting
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

REFUNDS_MAX = 1000


@dataclass(frozen=True, slots=True)
class CarryOutRefundRun:
    order_id: int
    limit: int = REFUNDS_MAX


def carry_out_refund_run(command: CarryOutRefundRun, work: Work) -> dict[str, Any]:
    """What was promised, page by page, is not looked at again: a run that was cut off goes on where it was.

    A refund whose credit was used since it was listed is passed over. ``complete``: nothing is left; asked again, a
    complete run does nothing. Refuses `unknown_refund_order`, `transition_refused` of what nobody approved.
    """
    order = locked_order(work, command.order_id)
    if order.state == CARRIED_OUT:
        return {**order.told(), "promised": 0, "promised_amount": format_yuan(0), "passed_over": 0, "complete": True}
    ORDER.after("carry_out", order.state)
    page = refunds_waiting(work, order.order_id, limit=command.limit)
    after = promise_what_is_there(work, page) if page else []
    if len(page) < command.limit:
        move_order(work, order, "carry_out")
    promised = [refund for refund in after if refund.state == APPROVED]
    return {
        **order.told(),
        "promised": len(promised),
        "promised_amount": format_yuan(sum(refund.amount_fen for refund in promised)),
        "passed_over": len(after) - len(promised),
        "complete": order.state == CARRIED_OUT,
    }

"""Who asked for an order of refunds takes it back before anybody decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.storage.refunds import RefundDecisionRow, end_waiting, locked_order, move_order
from shared.chassis.unit_of_work import Work
from shared.kernel.two_people import Person, assert_maker


@dataclass(frozen=True, slots=True)
class WithdrawRefundOrder:
    order_id: int
    maker: Person
    remark: str | None = None


def withdraw_refund_order(command: WithdrawRefundOrder, work: Work) -> dict[str, Any]:
    """Refuses `unknown_refund_order`, `transition_refused`, `not_own_request`."""
    order = locked_order(work, command.order_id)
    state = move_order(work, order, "withdraw")
    assert_maker(order, command.maker.login)
    work.add([RefundDecisionRow(order.order_id, work.command_id, state, order.content_hash, order.maker_person,
                                command.maker.login, order.maker_person, command.remark)])  # fmt: skip
    end_waiting(work, order, "withdraw")
    return order.told()

"""A second person agrees to an order of refunds, or says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.payments.domain.refund import APPROVED, ORDER
from services.payments.gateways.accounts import RulesOf
from services.payments.storage.refund_books import promise
from services.payments.storage.refunds import (
    RefundDecisionRow,
    end_waiting,
    locked_order,
    move_order,
    refunds_waiting,
)
from shared.chassis.unit_of_work import Work
from shared.kernel.two_people import Person, assert_second_person


@dataclass(frozen=True, slots=True)
class DecideRefundOrder:
    """``verb`` is ``approve`` or ``reject``; ``seen`` the hash of the list that was read."""

    order_id: int
    verb: str
    seen: bytes
    checker: Person
    remark: str | None
    rules_of: RulesOf = field(repr=False)


def decide_refund_order(command: DecideRefundOrder, work: Work) -> dict[str, Any]:
    """Refunds of named homes are promised in the same transaction; those of a run when it is carried out.

    Refuses `unknown_refund_order`, `transition_refused`, `own_request`, `content_differs`, `beyond_approval_limit`,
    `accounts_unavailable`, and on approval `exceeds_refundable`: then the order stays open.
    """
    order = locked_order(work, command.order_id)
    ORDER.after(command.verb, order.state)
    assert_second_person(order, command.checker, command.rules_of(None).limits, seen=command.seen)
    state = move_order(work, order, command.verb)
    work.add([RefundDecisionRow(order.order_id, work.command_id, state, order.content_hash, order.maker_person,
                                command.checker.login, command.checker.name, command.remark)])  # fmt: skip
    if state != APPROVED:
        end_waiting(work, order, command.verb)
    elif order.season is None:
        promise(work, refunds_waiting(work, order.order_id, limit=order.refunds))
    return order.told()

"""All that is owed back of a season is to be paid: the run begins with an empty list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.domain.refund import ORDER
from services.payments.storage.refunds import EMPTY_LIST, RefundOrder, RefundOrderRow
from shared.chassis.unit_of_work import Work
from shared.kernel.two_people import Person


@dataclass(frozen=True, slots=True)
class BeginRefundRun:
    season: int
    reason: str
    maker: Person


def begin_refund_run(command: BeginRefundRun, work: Work) -> dict[str, Any]:
    """Refuses `refund_run_under_way` while another run of the season has not ended."""
    (order_id,) = work.new_ids(1)
    work.add([RefundOrderRow(order_id, work.command_id, command.season, command.reason, command.maker.login,
                             command.maker.name, work.today, ORDER.initial, EMPTY_LIST, 0, 0, 0)])  # fmt: skip
    return RefundOrder(order_id, command.season, command.maker.login, command.maker.name, ORDER.initial, EMPTY_LIST,
                       0, 0, 0, "").told()  # fmt: skip

"""Who asked for waivers thinks better of it, before anybody has decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.domain.waiver_request import WAIVER_REQUEST
from services.payments.storage.waivers import WaiverDecisionRow, read_waiver_request
from shared.chassis.unit_of_work import Work
from shared.kernel.two_people import Person, assert_maker


@dataclass(frozen=True, slots=True)
class WithdrawWaivers:
    request_id: int
    maker: Person
    remark: str | None = None


def withdraw_waivers(command: WithdrawWaivers, work: Work) -> dict[str, Any]:
    """Refuses `unknown_waiver_request`, `transition_refused`, `not_own_request`."""
    request = read_waiver_request(work, command.request_id)
    state = WAIVER_REQUEST.after("withdraw", request.state)
    assert_maker(request, command.maker.login)
    work.add([WaiverDecisionRow(
        request.request_id, work.command_id, work.today, state, request.content_hash, request.maker_person,
        command.maker.login, command.maker.name, command.remark,
    )])  # fmt: skip
    return {"request_id": request.request_id, "state": state, "waived": "0.00"}

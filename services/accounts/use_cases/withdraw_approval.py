"""Who asked thinks better of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval import Person, assert_may_withdraw
from services.accounts.storage.approvals import DecisionRow, read_request
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class WithdrawApproval:
    approval_id: int
    maker: Person
    remark: str | None


def withdraw_approval(command: WithdrawApproval, work: Work) -> dict[str, Any]:
    """Refused: `unknown_request`, `transition_refused`, `not_own_request`."""
    request = read_request(work, command.approval_id)
    state = assert_may_withdraw(request, command.maker.login)
    work.add([
        DecisionRow(request.approval_id, work.command_id, state, request.content_hash, request.maker_person,
                    command.maker.login, command.maker.name, command.remark),
    ])  # fmt: skip
    return {"approval_id": request.approval_id, "state": state}

"""An application for a connection is taken back by who made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.deadline import CONTRACT_PAYMENT, DROPPED, NOTICE, SURVEY
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.deadlines import CONNECTION, end_deadlines
from services.accounts.storage.work_orders import cancel_joins
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class WithdrawConnection:
    application_ids: tuple[int, ...]
    reason: str


def withdraw_connection(command: WithdrawConnection, work: Work) -> dict[str, Any]:
    """All of the list, or none; nothing is due for them any more. Refuses `not_found`, `transition_refused`."""
    applications = locked_applications(work, command.application_ids, place="applications")
    move_applications(work, applications, verb="withdraw", place="applications", note=command.reason)
    cancel_joins(work, command.application_ids, note=command.reason)
    end_deadlines(work, command.application_ids, [SURVEY, NOTICE, CONTRACT_PAYMENT], of=CONNECTION, outcome=DROPPED)
    return {"applications": [{"application_id": each.application_id, "state": "withdrawn"} for each in applications]}

"""Applications whose contract was not paid in time lapse: somebody looks at the list and says so, no clock does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.connection_charge import NotOverdue
from services.accounts.domain.deadline import CONTRACT_PAYMENT, LAPSED
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.deadlines import CONNECTION, end_deadlines, waiting_deadlines
from services.accounts.storage.work_orders import cancel_joins
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class LapseConnections:
    application_ids: tuple[int, ...]
    reason: str


def lapse_connections(command: LapseConnections, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `transition_refused`, `not_overdue`."""
    applications = locked_applications(work, command.application_ids, place="applications")
    waiting = waiting_deadlines(work, command.application_ids, [CONTRACT_PAYMENT], of=CONNECTION)
    move_applications(work, applications, verb="lapse", place="applications", note=command.reason)
    for number, application_id in enumerate(command.application_ids):
        with refused_at(f"applications/{number}", application_id=application_id):
            if application_id not in waiting:
                raise NotOverdue("nothing is waited for")
            if (due_on := waiting[application_id].deadline.due_on) >= work.today:
                raise NotOverdue(f"it may be paid until {due_on}", due_on=due_on.isoformat())
    cancel_joins(work, command.application_ids, note=command.reason)
    end_deadlines(work, command.application_ids, [CONTRACT_PAYMENT], of=CONNECTION, outcome=LAPSED)
    return {"applications": [{"application_id": each.application_id, "state": "withdrawn"} for each in applications]}

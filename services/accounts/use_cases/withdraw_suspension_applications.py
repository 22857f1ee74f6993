"""Applications for a suspension are taken back before they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.deadline import DROPPED, SUSPENSION_ANSWER
from services.accounts.storage.deadlines import SUSPENSION, end_deadlines
from services.accounts.storage.suspension_applications import move_suspension_applications, suspension_applications
from shared.chassis.unit_of_work import Work

PLACE = "applications"


@dataclass(frozen=True, slots=True)
class WithdrawSuspensionApplications:
    application_ids: tuple[int, ...]
    reason: str


def withdraw_suspension_applications(command: WithdrawSuspensionApplications, work: Work) -> dict[str, Any]:
    """All of the list, or none; nothing is due for them any more. Refuses `not_found`, `transition_refused`."""
    applications = suspension_applications(work, command.application_ids, place=PLACE)
    move_suspension_applications(work, applications, verb="withdraw", place=PLACE, note=command.reason)
    end_deadlines(work, command.application_ids, [SUSPENSION_ANSWER], of=SUSPENSION, outcome=DROPPED)
    return {"applications": [
        {"application_id": each.application_id, "account_no": each.account_no, "state": "withdrawn"}
        for each in applications
    ]}  # fmt: skip

"""Applicants were told what the survey of their place found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.deadline import MET, NOTICE
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.deadlines import CONNECTION, end_deadlines
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class NotifyApplicants:
    """``reason`` says how they were told: a letter and its number, a call."""

    application_ids: tuple[int, ...]
    reason: str


def notify_applicants(command: NotifyApplicants, work: Work) -> dict[str, Any]:
    """All of the list, or none; whoever was told before may be told again. Refuses `not_found`, `transition_refused`."""
    applications = locked_applications(work, command.application_ids, place="applications")
    move_applications(work, applications, verb="notify", place="applications", note=command.reason)
    end_deadlines(work, command.application_ids, [NOTICE], of=CONNECTION, outcome=MET)
    return {"applications": [{"application_id": each.application_id, "state": each.state} for each in applications]}

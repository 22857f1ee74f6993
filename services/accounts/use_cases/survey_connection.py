"""The place of a connection was looked at: heat can be supplied there, or it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.connections import locked_applications, move_applications
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SurveyConnection:
    """``feasible`` False: the applications are rejected, for the reason given."""

    application_ids: tuple[int, ...]
    feasible: bool
    reason: str


def survey_connection(command: SurveyConnection, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `transition_refused`."""
    applications = locked_applications(work, command.application_ids, place="applications")
    verb, state = ("survey", "surveyed") if command.feasible else ("reject", "rejected")
    move_applications(work, applications, verb=verb, place="applications", note=command.reason)
    return {"applications": [{"application_id": each.application_id, "state": state} for each in applications]}

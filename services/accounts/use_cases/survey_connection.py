"""The place of a connection was looked at: heat can be supplied there, or it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.deadline import MET, NOTICE, SURVEY, deadline, told
from services.accounts.storage.calendar import calendar_now
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.deadlines import CONNECTION, add_deadlines, end_deadlines
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SurveyConnection:
    """``feasible`` False: the applications are rejected, for the reason given."""

    application_ids: tuple[int, ...]
    feasible: bool
    reason: str


def survey_connection(command: SurveyConnection, work: Work) -> dict[str, Any]:
    """All of the list, or none; the applicants are to be told within the days of the policy.

    Refuses `not_found`, `transition_refused`.
    """
    applications = locked_applications(work, command.application_ids, place="applications")
    verb, state = ("survey", "surveyed") if command.feasible else ("reject", "rejected")
    move_applications(work, applications, verb=verb, place="applications", note=command.reason)
    in_force, calendar = InForce(work), calendar_now(work)
    due = [
        deadline(NOTICE, in_force.values_today(each.account), begun_on=work.today, calendar=calendar)
        for each in applications
    ]
    end_deadlines(work, command.application_ids, [SURVEY, NOTICE], of=CONNECTION, outcome=MET)
    add_deadlines(work, zip(command.application_ids, due, strict=True), of=CONNECTION)
    return {"applications": [
        {"application_id": each.application_id, "state": state, "deadline": told(notice)}
        for each, notice in zip(applications, due, strict=True)
    ]}  # fmt: skip

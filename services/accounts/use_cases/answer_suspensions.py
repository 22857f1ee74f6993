"""Applications for a suspension are answered: the homes are suspended from today on, or they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.deadline import MET, SUSPENSION_ANSWER, SUSPENSION_PAYMENT, Deadline, deadline, told
from services.accounts.domain.suspension import assert_no_debt
from services.accounts.domain.suspension_application import SUSPENSION_APPLICATION, SuspensionApplication
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.calendar import calendar_now
from services.accounts.storage.deadlines import SUSPENSION, add_deadlines, end_deadlines
from services.accounts.storage.in_force import InForce
from services.accounts.storage.suspension_applications import move_suspension_applications, suspension_applications
from services.accounts.storage.suspensions import decided, suspend_homes
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "applications"
_BILLED = """
SELECT DISTINCT b.account_no, b.season FROM bills b JOIN unnest(%s::text[], %s::smallint[]) AS a (account_no, season)
USING (account_no, season) WHERE b.live AND b.kind = 'season'
"""


@dataclass(frozen=True, slots=True)
class AnswerSuspensions:
    """``granted`` False: they are declined, for the reason given. ``overdue_of`` tells what is overdue now."""

    application_ids: tuple[int, ...]
    granted: bool
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def answer_suspensions(command: AnswerSuspensions, work: Work) -> dict[str, Any]:
    """All of the list, or none. What a suspended home keeps owing of a season that was billed is due within the policy's days.

    Refuses `not_found`, `transition_refused`, and of a granted one what a suspension is refused for; that the answer
    comes after the last day to ask is nobody's fault but ours.
    """
    applications = suspension_applications(work, command.application_ids, place=PLACE)
    verb = "grant" if command.granted else "decline"
    for number, each in enumerate(applications):
        with refused_at(f"{PLACE}/{number}", application_id=each.application_id):
            SUSPENSION_APPLICATION.after(verb, each.state)
    told_accounts, due = _granted(command, work, applications) if command.granted else ([], {})
    if not command.preview:
        move_suspension_applications(work, applications, verb=verb, place=PLACE, note=command.reason)
        end_deadlines(work, command.application_ids, [SUSPENSION_ANSWER], of=SUSPENSION, outcome=MET)
        add_deadlines(work, due.items(), of=SUSPENSION)
    return {"accounts": told_accounts, "applications": [
        {"application_id": each.application_id, "account_no": each.account_no,
         "state": SUSPENSION_APPLICATION.after(verb, each.state),
         "deadline": told(due[each.application_id]) if each.application_id in due else None}
        for each in applications
    ]}  # fmt: skip


def _granted(command: AnswerSuspensions, work: Work,
             applications: Sequence[SuspensionApplication]) -> tuple[list[dict[str, Any]], dict[int, Deadline]]:  # fmt: skip
    """What is told of each home, and by application what is due now; what is not billed yet falls due with its bill."""
    account_nos = [each.account_no for each in applications]
    overdue = command.overdue_of(account_nos)
    accounts, in_force = locked_facts(work, account_nos, place=PLACE, verb="suspend"), InForce(work)
    calendar, due, suspended = calendar_now(work), {}, []
    billed = set(work.rows(_BILLED, (account_nos, [each.season for each in applications])))
    for number, (facts, each) in enumerate(zip(accounts, applications, strict=True)):
        values = in_force.values(facts, each.season)
        with refused_at(f"{PLACE}/{number}", application_id=each.application_id, account_no=facts.account_no):
            suspended.append(
                decided(facts, each.season, each.seasons, in_force, asked_on=each.asked_on, today=work.today)
            )
            if values.suspend_requires_no_debt:
                assert_no_debt(household_overdue_fen(overdue.get(facts.account_no, [])))
        if (each.account_no, each.season) in billed:
            due[each.application_id] = deadline(SUSPENSION_PAYMENT, values, begun_on=work.today, calendar=calendar)
    return suspend_homes(work, suspended, reason=command.reason, preview=command.preview), due

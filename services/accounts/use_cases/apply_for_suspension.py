"""Somebody asks that a home be suspended; the company answers within the days of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from services.accounts.domain.deadline import SUSPENSION_ANSWER, deadline, told
from services.accounts.domain.suspension_application import SUSPENSION_APPLICATION
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.calendar import calendar_now
from services.accounts.storage.deadlines import SUSPENSION, add_deadlines
from services.accounts.storage.in_force import InForce
from services.accounts.storage.suspension_applications import add_suspension_applications
from services.accounts.storage.suspensions import decided
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "applications"


class AskedSuspension(NamedTuple):
    """``seasons`` None: as the policy renews."""

    account_no: str
    season: int
    seasons: int | None = None


@dataclass(frozen=True, slots=True)
class ApplyForSuspension:
    """``reason`` is the applicant's."""

    applications: tuple[AskedSuspension, ...]
    reason: str


def apply_for_suspension(command: ApplyForSuspension, work: Work) -> dict[str, Any]:
    """Record them all, or none; what the rules forbid already today is refused at once, debts are looked at in the answer.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `warranty`, `first_season`, `deadline_passed`,
    `already_asked`.
    """
    account_nos = [asked.account_no for asked in command.applications]
    assert_once(account_nos, place=PLACE)
    accounts = locked_facts(work, account_nos, place=PLACE, verb="suspend")
    in_force, calendar = InForce(work), calendar_now(work)
    due = []
    for number, (facts, asked) in enumerate(zip(accounts, command.applications, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            decided(facts, asked.season, asked.seasons, in_force, asked_on=work.today, today=work.today)
            values = in_force.values(facts, asked.season)
            due.append(deadline(SUSPENSION_ANSWER, values, begun_on=work.today, calendar=calendar))
    ids = add_suspension_applications(work, command.applications, note=command.reason, place=PLACE)
    add_deadlines(work, zip(ids, due, strict=True), of=SUSPENSION)
    return {"applications": [
        {"application_id": number, "account_no": account_no, "state": SUSPENSION_APPLICATION.initial, "deadline": told(each)}
        for number, account_no, each in zip(ids, account_nos, due, strict=True)
    ]}  # fmt: skip

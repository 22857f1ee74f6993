"""Suspensions lapse for which nothing was paid in time: the homes are charged as if they had never been suspended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import ACTIVE, LIFECYCLE, SUSPENDED, AccountFacts
from services.accounts.domain.connection_charge import NotOverdue
from services.accounts.domain.deadline import LAPSED, SUSPENSION_PAYMENT
from services.accounts.domain.suspension_application import (
    SUSPENSION_APPLICATION,
    SuspensionApplication,
    SuspensionPaid,
)
from services.accounts.gateways.payments import OpenOf
from services.accounts.storage.account_facts import add_moves, locked_facts, void_period
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.deadlines import SUSPENSION, end_deadlines, waiting_deadlines
from services.accounts.storage.suspension_applications import move_suspension_applications, suspension_applications
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.lifecycle import TransitionRefused
from shared.kernel.season import season_label

PLACE = "applications"


@dataclass(frozen=True, slots=True)
class LapseUnpaidSuspensions:
    """``open_of`` tells what of each season has not been paid now (`gateways.payments`)."""

    application_ids: tuple[int, ...]
    reason: str
    open_of: OpenOf
    preview: bool = False


def lapse_unpaid_suspensions(command: LapseUnpaidSuspensions, work: Work) -> dict[str, Any]:
    """All of the list, or none; the whole fee of the season is owed again.

    Refuses `not_found`, `transition_refused`, `not_overdue`, `suspension_paid`, `account_locked`, `payments_unavailable`.
    """
    applications = suspension_applications(work, command.application_ids, place=PLACE)
    account_nos = [each.account_no for each in applications]
    accounts = locked_facts(work, account_nos, place=PLACE, verb="lapse")
    _assert_may_lapse(command, work, applications, accounts)
    season = min(each.season for each in applications)
    after = [void_period(work, facts, work.today, season=each.season)
             for facts, each in zip(accounts, applications, strict=True)]  # fmt: skip
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        move_suspension_applications(work, applications, verb="lapse", place=PLACE, note=command.reason)
        add_moves(work, [(facts, SUSPENDED) for facts in accounts], verb="lapse", to_state=ACTIVE, day=work.today,
                  reason=command.reason)  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="lapse", note=command.reason)
        end_deadlines(work, command.application_ids, [SUSPENSION_PAYMENT], of=SUSPENSION, outcome=LAPSED)
    told = told_by_account(corrections)
    return {
        "accounts": [{"account_no": number, "state": ACTIVE, "corrections": told.get(number, [])} for number in account_nos],
        "applications": [{"application_id": each.application_id, "account_no": each.account_no, "state": "lapsed"}
                         for each in applications],
    }  # fmt: skip


def _assert_may_lapse(command: LapseUnpaidSuspensions, work: Work, applications: Sequence[SuspensionApplication],
                      accounts: Sequence[AccountFacts]) -> None:  # fmt: skip
    waiting = waiting_deadlines(work, command.application_ids, [SUSPENSION_PAYMENT], of=SUSPENSION)
    not_paid = command.open_of([each.account_no for each in applications])
    for number, (facts, each) in enumerate(zip(accounts, applications, strict=True)):
        with refused_at(f"{PLACE}/{number}", application_id=each.application_id, account_no=each.account_no):
            SUSPENSION_APPLICATION.after("lapse", each.state)
            LIFECYCLE.after("lapse", facts.state_on(work.today))
            _assert_is_that_suspension(facts, each, work)
            if each.application_id not in waiting:
                raise NotOverdue("nothing is waited for")
            if (due_on := waiting[each.application_id].deadline.due_on) >= work.today:
                raise NotOverdue(f"it may be paid until {due_on}", due_on=due_on.isoformat())
            if not not_paid.get(each.account_no, {}).get(season_label(each.season), 0):
                raise SuspensionPaid("nothing of the season is open")


def _assert_is_that_suspension(facts: AccountFacts, application: SuspensionApplication, work: Work) -> None:
    """A home that was resumed and suspended anew is suspended by something else."""
    period = facts.period_on(work.today)
    if period is None or (period.from_on, period.from_season) != (application.granted_on, application.season):
        raise TransitionRefused("the home is suspended by another application", state=SUSPENDED, verb="lapse")

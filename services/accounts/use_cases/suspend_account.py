"""Heat is suspended for one or more seasons: only the share that the policy keeps of the fee is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import LIFECYCLE, SUSPENDED, AccountFacts, InactivePeriod
from services.accounts.domain.suspension import SeasonDates, assert_no_debt, deadline_of, seasons_of, suspension
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import add_moves, add_period, locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.blacklist import owners_listed
from services.accounts.storage.in_force import InForce
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "suspensions"


@dataclass(frozen=True, slots=True)
class Suspension:
    """``seasons`` None: as the policy renews, until it is cancelled or for one season."""

    account_no: str
    season: int
    seasons: int | None = None


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`); ``after_deadline``: an exception was agreed to."""

    suspensions: tuple[Suspension, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False
    after_deadline: bool = False


def suspend_account(command: SuspendAccount, work: Work) -> dict[str, Any]:
    """Suspend all homes of the list from today on, or none.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `warranty`, `first_season`, `deadline_passed`, `debt_outstanding`,
    `payments_unavailable`.
    """
    account_nos = [asked.account_no for asked in command.suspensions]
    assert_once(account_nos, place=PLACE)
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, place=PLACE, verb="suspend")
    in_force = InForce(work)
    suspended: list[tuple[AccountFacts, InactivePeriod]] = []
    for number, (facts, asked) in enumerate(zip(accounts, command.suspensions, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            period = _decided(facts, asked, in_force, work, after_deadline=command.after_deadline)
            if in_force.values(facts, asked.season).suspend_requires_no_debt:
                assert_no_debt(household_overdue_fen(overdue.get(facts.account_no, [])))
            suspended.append((facts, period))
    after = [add_period(work, facts, period, season=period.from_season or 0) for facts, period in suspended]
    first = min(asked.season for asked in command.suspensions)
    corrections = corrections_due(work, after, from_season=first)
    if not command.preview:
        add_moves(work, [(facts, facts.state_on(work.today)) for facts in accounts], verb="suspend", to_state=SUSPENDED,
                  day=work.today, reason=command.reason)  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="suspend", note=command.reason)
    told, listed = told_by_account(corrections), owners_listed(work, account_nos)
    return {"accounts": [
        {"account_no": facts.account_no, "state": SUSPENDED, "suspended_until": _text(period),
         "warnings": ["blacklisted"] if facts.account_no in listed else [],
         "corrections": told.get(facts.account_no, [])}
        for facts, period in suspended
    ]}  # fmt: skip


def _decided(
    facts: AccountFacts, asked: Suspension, in_force: InForce, work: Work, *, after_deadline: bool
) -> InactivePeriod:
    LIFECYCLE.after("suspend", facts.state_on(work.today))
    values = in_force.values(facts, asked.season)
    seasons = seasons_of(asked.seasons, values)
    season = in_force.season(asked.season)
    last = in_force.season(asked.season + (seasons or 1) - 1)
    dates = SeasonDates(season, in_force.season(asked.season - 1), last)
    deadline = deadline_of(season, values)
    return suspension(
        facts, dates, values, deadline=deadline, today=work.today, seasons=seasons, after_deadline=after_deadline
    )


def _text(period: InactivePeriod) -> str | None:
    return period.until_on.isoformat() if period.until_on else None

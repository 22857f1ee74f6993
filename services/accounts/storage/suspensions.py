"""Suspending homes: what the rules make of an application, and what follows for states, bills and valves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from services.accounts.domain.account_facts import LIFECYCLE, SUSPENDED, AccountFacts, InactivePeriod
from services.accounts.domain.suspension import SeasonDates, deadline_of, seasons_of, suspension
from services.accounts.storage.account_facts import add_moves, add_period
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.blacklist import owners_listed
from services.accounts.storage.in_force import InForce
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work


class Suspended(NamedTuple):
    facts: AccountFacts
    period: InactivePeriod


def decided(facts: AccountFacts, season: int, seasons: int | None, in_force: InForce, *, asked_on: date,
            today: date, after_deadline: bool = False) -> Suspended:  # fmt: skip
    """The period that begins today of a suspension that was asked for on a day: that day decides what is in time.

    ``after_deadline``: an exception was agreed to. Refuses `transition_refused`, `warranty`, `first_season`, `deadline_passed`.
    """
    LIFECYCLE.after("suspend", facts.state_on(today))
    values = in_force.values(facts, season)
    lasting = seasons_of(seasons, values)
    first, last = in_force.season(season), in_force.season(season + (lasting or 1) - 1)
    dates = SeasonDates(first, in_force.season(season - 1), last)
    period = suspension(facts, dates, values, deadline=deadline_of(first, values), today=asked_on, seasons=lasting,
                        after_deadline=after_deadline)  # fmt: skip
    return Suspended(facts, replace(period, from_on=today))


def suspend_homes(work: Work, suspended: Sequence[Suspended], *, reason: str, preview: bool) -> list[dict[str, Any]]:
    """What is told of each. Bills are corrected, and somebody is sent to close the valves; a preview writes nothing."""
    after = [add_period(work, facts, period, season=period.from_season or 0) for facts, period in suspended]
    corrections = corrections_due(work, after, from_season=min(period.from_season or 0 for _, period in suspended))
    if not preview:
        before = [(facts, facts.state_on(work.today)) for facts, _ in suspended]
        add_moves(work, before, verb="suspend", to_state=SUSPENDED, day=work.today, reason=reason)
        post_corrections(work, corrections, reason=reason)
        open_work(work, [facts.account_no for facts, _ in suspended], verb="suspend", note=reason)
    told, listed = told_by_account(corrections), owners_listed(work, [facts.account_no for facts, _ in suspended])
    return [
        {"account_no": facts.account_no, "state": SUSPENDED, "warnings": ["blacklisted"] if facts.account_no in listed else [],
         "corrections": told.get(facts.account_no, []),
         "suspended_until": period.until_on.isoformat() if period.until_on else None}
        for facts, period in suspended
    ]  # fmt: skip

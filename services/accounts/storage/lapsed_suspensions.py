"""Suspensions that end with a season: those that were for it alone, and where they are renewed yearly all without an end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.accounts.domain.account_facts import LIFECYCLE, SUSPENDED, AccountFacts
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.storage.account_facts import end_period, facts_of
from services.accounts.storage.in_force import InForce
from services.accounts.storage.rows import MOVE, MoveRow
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsMoved, MovedAccount

LAPSE = "lapse"
REASON = "报停到期 · the suspension ended with its season"

# Their period says the day; only their state was never told.
_ENDED = """
SELECT a.account_no, i.until_on, i.from_season FROM heat_accounts a
JOIN inactive_periods i ON i.account_no = a.account_no AND i.state = 'suspended' AND i.from_season = a.suspended_from
WHERE a.state = 'suspended' AND i.until_on <= %(today)s AND i.from_on < i.until_on
ORDER BY a.account_no FOR UPDATE OF a
"""
# An old system's suspension has no period of its own: nobody applied for it here.
_TAKEN_OVER = """
SELECT a.account_no FROM heat_accounts a
WHERE a.state = 'suspended' AND a.suspended_from <= %(season)s
  AND NOT EXISTS (SELECT FROM inactive_periods i WHERE i.account_no = a.account_no AND i.until_on IS DISTINCT FROM i.from_on)
ORDER BY a.account_no FOR UPDATE OF a
"""
_SUSPENDED = "SELECT count(*) FROM heat_accounts WHERE state = 'suspended'"


class Lapsed(NamedTuple):
    """``ended`` by themselves; ``not_renewed`` are homes as they are after it; ``renewed`` go on."""

    ended: int
    not_renewed: list[AccountFacts]
    renewed: int


def lapse_suspensions(work: Work, season: HeatingSeason, in_force: InForce) -> Lapsed:
    """The homes are active again from the day after the season on; every one has its move."""
    ended = work.rows(_ENDED, {"today": work.today})
    work.change(MOVE, [(account_no, _active(), None, first) for account_no, _, first in ended])
    _tell(work, [(account_no, until_on) for account_no, until_on, _ in ended])
    yearly = _renewed_yearly(work, season, in_force)
    day = season.end_on + timedelta(days=1)
    after = [end_period(work, facts, day, season=season.season + 1) for facts in yearly]
    _tell(work, [(facts.account_no, day) for facts in yearly])
    suspended = work.rows(_SUSPENDED)[0][0]
    return Lapsed(len(ended), after, suspended - len(ended) - len(yearly))


def _renewed_yearly(work: Work, season: HeatingSeason, in_force: InForce) -> list[AccountFacts]:
    taken_over = [row[0] for row in work.rows(_TAKEN_OVER, {"season": season.season})]
    facts = facts_of(work, taken_over) if taken_over else {}
    return [each for each in facts.values() if in_force.values(each, season.season + 1).suspend_renewal == "YEARLY"]


def _active() -> str:
    return LIFECYCLE.after(LAPSE, SUSPENDED)


def _tell(work: Work, lapsed: Sequence[tuple[str, date]]) -> None:
    """The move of each, and somebody is sent to open its valve."""
    work.emit(AccountsMoved(tuple(
        MovedAccount(account_no, LAPSE, SUSPENDED, _active(), day) for account_no, day in lapsed
    )))  # fmt: skip
    open_work(work, [account_no for account_no, _ in lapsed], verb=LAPSE, note=REASON)
    work.add(
        MoveRow(move_id, work.command_id, account_no, LAPSE, SUSPENDED, _active(), day, REASON)
        for move_id, (account_no, day) in zip(work.new_ids(len(lapsed)), lapsed, strict=True)
    )

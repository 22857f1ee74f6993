"""Who may suspend, for which season and until when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.account_facts import SUSPENDED, AccountFacts, InactivePeriod, first_season
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_dates import HeatingSeason, placed
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

SEASONS_MAX = 20
_DAY = timedelta(days=1)


class DeadlinePassed(Refusal):
    code = "deadline_passed"
    status = 409
    remedy = "Apply before the deadline of the next season; before the season begins two people can make an exception."


class WarrantyRuns(Refusal):
    code = "warranty"
    status = 409
    remedy = "A home is not suspended inside its warranty; apply for the first season after it."


class FirstSeason(Refusal):
    code = "first_season"
    status = 409
    remedy = "The first season after a connection is heated; apply for the next one."


class DebtOutstanding(Refusal):
    code = "debt_outstanding"
    status = 409
    remedy = "Take what is overdue first; a bill that is not due yet does not count."


class SeasonDates(NamedTuple):
    """The season that is asked for, the one before it, and the last one that the suspension covers."""

    season: HeatingSeason
    before: HeatingSeason
    last: HeatingSeason


def deadline_of(season: HeatingSeason, values: PolicyInForce) -> date:
    return placed(values.suspend_deadline, season, opens=values.billing_open_date)


def seasons_of(seasons: int | None, values: PolicyInForce) -> int | None:
    """How many seasons a suspension lasts; None: until it is cancelled."""
    if seasons is None and values.suspend_renewal == "YEARLY":
        return 1
    if seasons is not None and not 1 <= seasons <= SEASONS_MAX:
        raise InvalidInput(f"a suspension is for 1 to {SEASONS_MAX} seasons", place="seasons", value=seasons)
    return seasons


def suspension(facts: AccountFacts, dates: SeasonDates, values: PolicyInForce, *, deadline: date, today: date,
               seasons: int | None, after_deadline: bool = False) -> InactivePeriod:  # fmt: skip
    """The period of a suspension that is applied for today. Refuses `warranty`, `first_season`, `deadline_passed`.

    ``after_deadline``: two people agreed to an exception. It reaches to the first day of the season: then heat was used.
    """
    season = dates.season
    if "WARRANTY" in values.suspend_forbidden_when and _warranty_runs(facts, season):
        raise WarrantyRuns("the warranty runs on the first day of the season", warranty_until=str(facts.warranty_until))
    if "FIRST_SEASON" in values.suspend_forbidden_when and first_season(facts.home.connected_on, season, dates.before):
        raise FirstSeason("the home was connected for this season", connected_on=str(facts.home.connected_on))
    late_pct: Decimal | None = None
    if today > deadline:
        accepted = after_deadline or values.late_suspend_rule == "ACCEPT_WITH_PENALTY"
        if not accepted or today >= season.start_on:
            raise DeadlinePassed(
                f"suspensions for {season_label(season.season)} were taken until {deadline}", deadline=str(deadline)
            )
        if values.late_suspend_rule == "ACCEPT_WITH_PENALTY":
            late_pct = values.late_suspend_penalty_pct or None
    until_on = None if seasons is None else dates.last.end_on + _DAY
    return InactivePeriod(None, SUSPENDED, today, until_on, season.season, late_pct)


def _warranty_runs(facts: AccountFacts, season: HeatingSeason) -> bool:
    return facts.warranty_until is not None and facts.warranty_until >= season.start_on


def assert_no_debt(overdue_fen: int) -> None:
    """Refuses `debt_outstanding`: what the household owes past its due day, late fee included."""
    if overdue_fen:
        raise DebtOutstanding(f"{format_yuan(overdue_fen)} is overdue", overdue=format_yuan(overdue_fen))

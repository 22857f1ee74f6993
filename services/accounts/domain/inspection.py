"""What an inspector may charge: a home that has no right to heat, in a season that has begun."""

from __future__ import annotations

from datetime import date

from services.accounts.domain.account_facts import NOT_CONNECTED, AccountFacts
from services.accounts.domain.illegal_use import IllegalUse, presumed_since
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import Refusal
from shared.kernel.lifecycle import TransitionRefused


class SeasonNotBegun(Refusal):
    code = "season_not_begun"
    status = 409
    remedy = "Before the first day of the season there is no heat to be used; seal the valve and inspect again."


class BilledByOldSystem(Refusal):
    code = "billed_by_old_system"
    status = 409
    remedy = "The old system handed over a debt of this season; settle with the customer what it covers."


def found_in(facts: AccountFacts, season: HeatingSeason, *, since: date | None, today: date) -> IllegalUse:
    """What was found today. Refuses `season_not_begun`, a home that is part of another account, and an impossible day."""
    if today < season.start_on:
        raise SeasonNotBegun(f"the season begins on {season.start_on}", season_start=season.start_on.isoformat())
    if facts.merged_on is not None:
        raise TransitionRefused(
            "the home is part of another account, which is charged for it", state="merged", verb="inspect"
        )
    period = facts.period_on(today)
    lost_on = period.from_on if period is not None and period.state != NOT_CONNECTED else None
    used_since = presumed_since(season, since=since, state_since=lost_on, today=today)
    return IllegalUse(season.season, used_since, today)

"""The price of a season that was billed changes: decreed after a provisional one, or right in place of a wrong one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from services.accounts.domain.policy import Policy
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import Refusal

SETTLEMENT, CORRECTION = "settlement", "correction"
"""Kinds of decisions. A settlement is posted in the terms of the season after; a correction falls due as others do."""

_DAY = timedelta(days=1)


class SeasonNotBilled(Refusal):
    code = "season_not_billed"
    status = 409
    remedy = "Declare the season or activate the policy with the right price, and bill then."


class PriceNotProvisional(Refusal):
    code = "price_not_provisional"
    status = 409
    remedy = "The season was billed at its final price; a price that was entered wrongly is corrected."


class PriceStillProvisional(Refusal):
    code = "price_still_provisional"
    status = 409
    remedy = "Activate the policy with the decreed price, in which provisional_price_flag is false."


class PriceNotDecided(Refusal):
    code = "price_not_decided"
    status = 409
    remedy = "Decide on the season's price first: nothing is posted before."


def assert_may_settle(billed_by: Collection[Policy], now: Policy, season: int) -> None:
    """Only a provisional price is settled, by a policy in which it is final.

    Refuses `season_not_billed`, `price_not_provisional`, `price_still_provisional`.
    """
    assert_billed(billed_by)
    if not any(policy.for_season(season).provisional_price_flag for policy in billed_by):
        raise PriceNotProvisional("no bill of the season says that its price is provisional")
    if now.for_season(season).provisional_price_flag:
        raise PriceStillProvisional("by the policy in force the price of the season is provisional still")


def assert_billed(billed_by: Collection[Policy]) -> None:
    """Refuses `season_not_billed`."""
    if not billed_by:
        raise SeasonNotBilled("no bill of the season was issued")


def declared_end(policy: Policy, season: HeatingSeason) -> date:
    """The season's end as a declaration writes it, which the policy reads as it reads its own."""
    exclusive = policy.for_season(season.season).season_boundary_mode == "END_EXCLUSIVE"
    return season.end_on + _DAY if exclusive else season.end_on

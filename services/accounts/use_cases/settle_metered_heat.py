"""The heat of the season was read: metered homes are settled by it, as the policy settles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.metered_heat import SeasonHeat, assert_possible
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.heat_readings import add_readings
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal, refused_at


class NoHeatTaken(Refusal):
    code = "not_supplied"
    remedy = "A home without heat in the season has nothing to settle; inspect its valve when its meter moved."


@dataclass(frozen=True, slots=True)
class SettleMeteredHeat:
    """``readings`` are account numbers, each with its heat of the current season."""

    readings: tuple[tuple[str, SeasonHeat], ...]
    reason: str
    preview: bool = False


def settle_metered_heat(command: SettleMeteredHeat, work: Work) -> dict[str, Any]:
    """Settle all homes of the list, or none; one that is not billed yet is billed by its heat when it is.

    Refuses `unknown_account`, `not_supplied` (suspended for the whole season), `metered_heat_invalid`.
    """
    account_nos = [account_no for account_no, _ in command.readings]
    assert_once(account_nos, place="readings")
    accounts = locked_facts(work, account_nos, place="readings")
    in_force = InForce(work)
    season = in_force.current_season
    after = []
    for number, (facts, (_, heat)) in enumerate(zip(accounts, command.readings, strict=True)):
        with refused_at(f"readings/{number}", account_no=facts.account_no):
            after.append(_with_heat(facts, heat, in_force, season))
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        add_readings(work, command.readings, season=season, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [{"account_no": number, "corrections": told.get(number, [])} for number in account_nos]}


def _with_heat(facts: AccountFacts, heat: SeasonHeat, in_force: InForce, season: int) -> AccountFacts:
    home = facts.home_in(in_force.season(season))
    if home.without_heat or home.use.gone:
        raise NoHeatTaken("the home has no heat in this season")
    assert_possible(heat, enabled=in_force.values(facts, season).flat_correction_factor_enabled)
    return replace(facts, heat={**facts.heat, season: heat})

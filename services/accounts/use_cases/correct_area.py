"""The area of a home was measured again: the current season and those billed after it cost what it says now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.new_account import AreaOrder
from services.accounts.domain.rating import dm2
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.areas import add_areas
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class NewArea:
    """Areas are m² with at most two decimals; None stays as it is."""

    account_no: str
    building_area: Decimal
    inner_area: Decimal | None = None
    usable_area: Decimal | None = None
    certified_area: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CorrectArea:
    areas: tuple[NewArea, ...]
    reason: str
    preview: bool = False


def correct_area(command: CorrectArea, work: Work) -> dict[str, Any]:
    """Correct all areas of the list, or none; seasons before the current one stay as they were billed.

    Refuses `unknown_account`, `account_locked`, `area_order`.
    """
    account_nos = [area.account_no for area in command.areas]
    assert_once(account_nos, place="areas")
    before = locked_facts(work, account_nos, place="areas", verb="area")
    after = []
    for number, (facts, area) in enumerate(zip(before, command.areas, strict=True)):
        with refused_at(f"areas/{number}", account_no=facts.account_no):
            after.append(_with_area(facts, area))
    corrections = corrections_due(work, after, from_season=InForce(work).current_season)
    if not command.preview:
        add_areas(work, before, after, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [{"account_no": number, "corrections": told.get(number, [])} for number in account_nos]}


def _with_area(facts: AccountFacts, area: NewArea) -> AccountFacts:
    now = facts.home
    home = replace(
        now,
        building_area_dm2=dm2(area.building_area),
        inner_area_dm2=now.inner_area_dm2 if area.inner_area is None else dm2(area.inner_area),
        usable_area_dm2=now.usable_area_dm2 if area.usable_area is None else dm2(area.usable_area),
        certified_area_dm2=now.certified_area_dm2 if area.certified_area is None else dm2(area.certified_area),
    )
    inner_dm2 = home.building_area_dm2 if home.inner_area_dm2 is None else home.inner_area_dm2
    if inner_dm2 > home.building_area_dm2:
        raise AreaOrder("the inner area is larger than the building area", place="inner_area")
    if home.usable_area_dm2 is not None and home.usable_area_dm2 > inner_dm2:
        raise AreaOrder("the usable area is larger than the inner area", place="usable_area")
    return replace(facts, home=home)

"""The area of a home was taken apart: balconies, attics and the like count as much as the policy says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.accounts.domain.rating import dm2
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.area_components import add_components
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work

Part = tuple[str, Decimal]
"""A component (`area.COMPONENTS`) and its area in m²."""


@dataclass(frozen=True, slots=True)
class TakeAreaApart:
    """``homes`` are account numbers, each with its parts; without any the measured areas count again."""

    homes: tuple[tuple[str, tuple[Part, ...]], ...]
    reason: str
    preview: bool = False


def take_area_apart(command: TakeAreaApart, work: Work) -> dict[str, Any]:
    """Take the areas of all homes apart, or of none; seasons before the current one stay as they were billed.

    Refuses `unknown_account`, `account_locked`.
    """
    account_nos = [account_no for account_no, _ in command.homes]
    assert_once(account_nos, place="homes")
    before = locked_facts(work, account_nos, place="homes", verb="area")
    after = [
        replace(facts, home=replace(facts.home, components=tuple((name, dm2(area)) for name, area in parts)))
        for facts, (_, parts) in zip(before, command.homes, strict=True)
    ]
    season = InForce(work).current_season
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        add_components(work, after, season=season, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [{"account_no": number, "corrections": told.get(number, [])} for number in account_nos]}

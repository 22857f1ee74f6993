"""One home becomes two: a part of it has an account of its own from today on; the season is charged by its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.division import Division, divided
from services.accounts.domain.new_account import assert_may_be_opened
from services.accounts.domain.rating import Home
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import add_moves, locked_facts
from services.accounts.storage.account_joins import SPLIT, add_joins
from services.accounts.storage.areas import add_areas
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.bills_now import Ground, bill_now, ground_of
from services.accounts.storage.blacklist import assert_not_blacklisted
from services.accounts.storage.former_homes import add_former_areas
from services.accounts.storage.in_force import InForce
from services.accounts.storage.new_accounts import add_accounts, as_opened, assert_free
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

PLACE = "divisions"
PART = "part"
"""The payer of what is billed at once: the owner of the part, whose account has no number in a preview."""


@dataclass(frozen=True, slots=True)
class SplitAccount:
    divisions: tuple[Division, ...]
    reason: str
    preview: bool = False


def split_account(command: SplitAccount, work: Work) -> dict[str, Any]:
    """Divide all homes of the list from today on, or none; where the season is billed, the part is billed its days of it.

    A part without an owner of its own belongs to the owner of the home, and has its compound, building, unit and station.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `area_taken_apart`, `areas_do_not_add_up`,
    `area_order`, `account_no_taken`, `flat_taken`, `number_wrong`, `blacklisted`.
    """
    account_nos = [division.account_no for division in command.divisions]
    assert_once(account_nos, place=PLACE)
    before = locked_facts(work, account_nos, place=PLACE, verb="split")
    origins = as_opened(work, account_nos)
    after = []
    parts = []
    for number, (facts, division) in enumerate(zip(before, command.divisions, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            after.append(divided(facts, division, today=work.today))
            part = division.part.opened_like(origins[facts.account_no])
            assert_may_be_opened(part, today=work.today, place="part")
            parts.append(part)
    assert_not_blacklisted(work, [(part.id_type, part.id_no) for part in parts], place=PLACE)
    assert_free(work, parts, place=PLACE)
    season = InForce(work).current_season
    corrections = corrections_due(work, after, from_season=season)
    opened = [] if command.preview else add_accounts(
        work, parts, verb="split", reason=command.reason, varies_from=season,
        heat_stations=[facts.heat_station for facts in before])  # fmt: skip
    begun = _begun(work, after, command.divisions, opened)
    charged = _bill(work, after, begun, season)
    if not command.preview:
        _write(work, command, before, after, opened, season)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": facts.account_no, "state": facts.state_on(work.today), "corrections": told.get(facts.account_no, []),
         "billed": [{"season": season_label(season), "payer": PART, "amount": charged[number]}] if number in charged else [],
         "part": {"account_no": part.account_no or None, "charged": charged.get(number)}}
        for number, (facts, part) in enumerate(zip(after, begun, strict=True))
    ]}  # fmt: skip


def _begun(
    work: Work, after: Sequence[AccountFacts], divisions: Sequence[Division], opened: Sequence[str]
) -> list[AccountFacts]:
    """The parts as accounts that begin today; they have no number in a preview."""
    return [
        AccountFacts(
            opened[number] if opened else division.part.account_no or "", facts.premises_id, facts.customer_id,
            facts.heat_station, Home(division.part.price_class or facts.home.price_class, *division.part.areas,
                                     facts.home.storey_height_mm),
            facts.warranty_until, supplies=facts.supplies, split_on=work.today)
        for number, (facts, division) in enumerate(zip(after, divisions, strict=True))
    ]  # fmt: skip


def _bill(work: Work, after: Sequence[AccountFacts], begun: Sequence[AccountFacts], season: int) -> dict[int, str]:
    """What each part is charged of a season that runs, where the home is billed for it: by the policy of that bill."""
    grounds = ground_of(work, [facts.account_no for facts in after], season)
    running = {number for number, ground in grounds.items() if work.today <= ground.charges.season.end_on}
    by_ground: dict[Ground, list[int]] = {}
    for number, facts in enumerate(after):
        if facts.account_no in running:
            by_ground.setdefault(grounds[facts.account_no], []).append(number)
    charged: dict[int, str] = {}
    for ground, numbers in by_ground.items():
        amounts = bill_now(work, [begun[number] for number in numbers], ground)
        charged |= {number: format_yuan(fen) for number, fen in zip(numbers, amounts, strict=True)}
    return charged


def _write(work: Work, command: SplitAccount, before: Sequence[AccountFacts], after: Sequence[AccountFacts],
           opened: Sequence[str], season: int) -> None:  # fmt: skip
    reason = command.reason
    pairs = [(facts.account_no, part_no) for facts, part_no in zip(after, opened, strict=True)]
    add_joins(work, SPLIT, pairs, reason=reason)
    add_former_areas(work, [(facts, facts.formers[-1]) for facts in after], cause=SPLIT, season=season, reason=reason)
    add_areas(work, before, after, reason=reason)
    for facts in after:
        state = facts.state_on(work.today)
        add_moves(work, [(facts, state)], verb="split", to_state=state, day=work.today, reason=reason)

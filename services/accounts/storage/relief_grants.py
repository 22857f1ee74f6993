"""Granting relief to a list of homes: decided for all of them, then written with what it does to their bills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from services.accounts.domain.relief import (
    AskedRelief,
    Relief,
    after_the_last,
    assert_compatible,
    own_price_of,
    relief_of,
)
from services.accounts.domain.verb_list import assert_once
from services.accounts.reliefs import RELIEF_KINDS, relief_kind
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import Corrected, corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.reliefs import add_reliefs, owners_of, reliefs_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.season import season_label

Asked = Sequence[tuple[str, AskedRelief]]


class Grants(NamedTuple):
    """What is to be granted for a season, in the order of the list, and what it does to the bills."""

    season: int
    rows: list[tuple[str, Relief, AskedRelief]]
    corrections: list[Corrected]

    def told(self) -> list[dict[str, Any]]:
        told = told_by_account(self.corrections)
        return [
            {"account_no": account_no, "season": season_label(self.season), "payer": relief.payer, "kind": relief.kind,
             "mechanism": relief.mechanism, "corrections": told.get(account_no, [])}
            for account_no, relief, _ in self.rows
        ]  # fmt: skip


def decided_grants(work: Work, asked: Asked, *, place: str) -> Grants:
    """All of the list for the current season. Refuses `unknown_account`, `relief_granted_before`, `relief_excluded`, and
    what `relief_of` refuses.
    """
    account_nos = [account_no for account_no, _ in asked]
    assert_once(account_nos, place=place)
    accounts = locked_facts(work, account_nos, place=place)
    in_force = InForce(work)
    season = in_force.current_season
    granted, owners = reliefs_of(work, account_nos, season=season), owners_of(work, account_nos)
    rows, after = [], []
    for number, (facts, (account_no, one)) in enumerate(zip(accounts, asked, strict=True)):
        with refused_at(f"{place}/{number}", account_no=account_no):
            relief = relief_of(one, relief_kind(one.kind), in_force.values(facts, season), day=work.today,
                               owner=owners[account_no])  # fmt: skip
            assert_compatible(relief, granted[account_no], RELIEF_KINDS, day=work.today)
            relief = after_the_last(relief, granted[account_no], in_force.season(season))
        granted[account_no].append(relief)
        rows.append((account_no, relief, one))
        own_price = own_price_of(granted[account_no])
        after.append(replace(facts, own_prices={**facts.own_prices, season: own_price}) if own_price else facts)
    return Grants(season, rows, corrections_due(work, after, from_season=season, reliefs={season: granted}))


def post_grants(work: Work, grants: Grants, *, reason: str) -> Sequence[int]:
    """Write them; the numbers of their cases."""
    case_ids = add_reliefs(work, grants.season, grants.rows, reason=reason)
    post_corrections(work, grants.corrections, reason=reason)
    return case_ids

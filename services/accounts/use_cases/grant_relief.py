"""Somebody else bears a share of what a home costs this season, or it is charged by a price of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.relief import AskedRelief, assert_compatible, own_price_of, relief_of
from services.accounts.domain.verb_list import assert_once
from services.accounts.reliefs import RELIEF_KINDS, relief_kind
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.reliefs import add_reliefs, owners_of, reliefs_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.season import season_label

PLACE = "reliefs"


@dataclass(frozen=True, slots=True)
class GrantRelief:
    """Relief is for the current season only; ``reliefs`` are pairs of an account number and what was asked for it."""

    reliefs: tuple[tuple[str, AskedRelief], ...]
    reason: str
    preview: bool = False


def grant_relief(command: GrantRelief, work: Work) -> dict[str, Any]:
    """Grant all of the list, or none; a season that was billed is divided anew, from today on.

    Refuses `unknown_account`, `relief_granted_before`, `relief_excluded`, and what `relief_of` refuses.
    """
    account_nos = [account_no for account_no, _ in command.reliefs]
    assert_once(account_nos, place=PLACE)
    accounts = locked_facts(work, account_nos, place=PLACE)
    in_force = InForce(work)
    season = in_force.current_season
    granted, owners = reliefs_of(work, account_nos, season=season), owners_of(work, account_nos)
    rows, after = [], []
    for number, (facts, (account_no, asked)) in enumerate(zip(accounts, command.reliefs, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=account_no):
            relief = relief_of(asked, relief_kind(asked.kind), in_force.values(facts, season), day=work.today,
                               owner=owners[account_no])  # fmt: skip
            assert_compatible(relief, granted[account_no], RELIEF_KINDS, day=work.today)
        granted[account_no].append(relief)
        rows.append((account_no, relief, asked))
        own_price = own_price_of(granted[account_no])
        after.append(replace(facts, own_prices={**facts.own_prices, season: own_price}) if own_price else facts)
    corrections = corrections_due(work, after, from_season=season, reliefs={season: granted})
    if not command.preview:
        add_reliefs(work, season, rows, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": account_no, "season": season_label(season), "payer": relief.payer, "kind": relief.kind,
         "mechanism": relief.mechanism, "corrections": told.get(account_no, [])}
        for account_no, relief, _ in rows
    ]}  # fmt: skip

"""Somebody else bears a share of what a home costs this season: a finance bureau, an employer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.relief import AskedRelief, Relief, ReliefGrantedBefore, relief_of
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.reliefs import ReliefCaseRow, reliefs_of
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

    Refuses `unknown_account`, `proof_expired`, `relief_unknown`, `relief_granted_before`.
    """
    account_nos = [account_no for account_no, _ in command.reliefs]
    assert_once(account_nos, place=PLACE)
    accounts = locked_facts(work, account_nos, place=PLACE)
    in_force = InForce(work)
    season = in_force.current_season
    granted = reliefs_of(work, account_nos, season=season)
    rows = []
    for number, (facts, (account_no, asked)) in enumerate(zip(accounts, command.reliefs, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=account_no):
            relief = relief_of(asked, in_force.values(facts, season), day=work.today)
            _refuse_second(relief, granted[account_no])
            granted[account_no].append(relief)
            rows.append((account_no, relief, asked))
    corrections = corrections_due(work, accounts, from_season=season, reliefs={season: granted})
    if not command.preview:
        work.add(
            ReliefCaseRow(case_id, work.command_id, account_no, season, relief.kind, relief.payer, relief.share_pct,
                          relief.cap_m2, relief.mechanism, asked.proof_until, command.reason)
            for case_id, (account_no, relief, asked) in zip(work.new_ids(len(rows)), rows, strict=True)
        )  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": account_no, "season": season_label(season), "payer": relief.payer, "kind": relief.kind,
         "mechanism": relief.mechanism, "corrections": told.get(account_no, [])}
        for account_no, relief, _ in rows
    ]}  # fmt: skip


def _refuse_second(relief: Relief, granted: list[Relief]) -> None:
    if any((each.kind, each.payer) == (relief.kind, relief.payer) for each in granted):
        raise ReliefGrantedBefore(
            "this payer bears a share of this season already", payer=relief.payer, kind=relief.kind
        )

"""A relief ends before its season does: granted by mistake, or the employer bears no more of it from a day on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.accounts.domain.relief import Relief, own_price_of
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.reliefs import ReliefEndingRow, reliefs_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal, refused_at
from shared.kernel.season import season_label

PLACE = "endings"


class ReliefNotGranted(Refusal):
    code = "relief_not_granted"
    status = 409
    remedy = "Look at the reliefs of the account: nothing of that kind holds this season, or it has ended."


@dataclass(frozen=True, slots=True)
class Ending:
    """``until_on`` is the first day for which it does not hold; None: it never held. ``payer`` None: whoever bears it."""

    account_no: str
    kind: str
    payer: str | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class EndRelief:
    endings: tuple[Ending, ...]
    reason: str
    preview: bool = False


def end_relief(command: EndRelief, work: Work) -> dict[str, Any]:
    """End all of the list in the current season, or none; a season that was billed is divided anew.

    A price of its own ends for the whole season. Refuses `unknown_account`, `relief_not_granted`.
    """
    account_nos = [ending.account_no for ending in command.endings]
    assert_once(account_nos, place=PLACE)
    accounts = locked_facts(work, account_nos, place=PLACE)
    in_force = InForce(work)
    season = in_force.current_season
    starts_on = in_force.season(season).start_on
    granted = reliefs_of(work, account_nos, season=season)
    ended, after = [], []
    for number, (facts, ending) in enumerate(zip(accounts, command.endings, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            until_on = ending.until_on or min(starts_on, work.today)
            relief = _found(ending, granted[facts.account_no], until_on)
        granted[facts.account_no] = [
            replace(each, until_on=until_on, ended=True) if each is relief else each
            for each in granted[facts.account_no]
        ]
        own_price = own_price_of(granted[facts.account_no])
        others = {each: price for each, price in facts.own_prices.items() if each != season}
        after.append(replace(facts, own_prices={**others, season: own_price} if own_price else others))
        ended.append((relief, until_on))
    corrections = corrections_due(work, after, from_season=season, reliefs={season: granted})
    if not command.preview:
        work.add(
            ReliefEndingRow(relief.case_id or 0, work.command_id, until_on, command.reason)
            for relief, until_on in ended
        )
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": ending.account_no, "season": season_label(season), "payer": relief.payer, "kind": relief.kind,
         "mechanism": relief.mechanism, "corrections": told.get(ending.account_no, [])}
        for ending, (relief, _) in zip(command.endings, ended, strict=True)
    ]}  # fmt: skip


def _found(ending: Ending, granted: list[Relief], until_on: date) -> Relief:
    """The one that is meant, if it would have held longer."""
    for relief in granted:
        holds = not relief.ended and (relief.until_on is None or relief.until_on > until_on)
        if holds and relief.kind == ending.kind and ending.payer in (None, relief.payer):
            return relief
    raise ReliefNotGranted("no such relief holds", kind=ending.kind)

"""What another price of a season that was billed means for its bills: a page of homes at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.payment_terms import due_parts
from services.accounts.domain.price_decision import SETTLEMENT
from services.accounts.domain.rating import values_of
from services.accounts.domain.rehearsal import HomeToRehearse, Rehearsing
from services.accounts.domain.season_charge import SeasonCharges, season_charges
from services.accounts.storage.account_facts import unlocked_facts
from services.accounts.storage.bill_corrections import Corrected, Known, charges_of, corrections_due, shares_billed
from services.accounts.storage.in_force import InForce
from services.accounts.storage.places import account_nos_billed
from services.accounts.storage.price_decisions import season_at
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

HOMES_MAX = 1000
"""Homes of a page: a million are a thousand pages."""


class PricePage(NamedTuple):
    """``next`` is what to ask ``after``, None at the end; ``locked`` are homes of the page that a lock holds back."""

    accounts: Sequence[AccountFacts]
    corrections: Sequence[Corrected]
    next: str | None
    locked: Sequence[str]


def price_page(work: Work, season: int, kind: str, *, after: str, priced: SeasonCharges | None = None) -> PricePage:
    """The next homes that were billed, and by how much each payer's share is more or less.

    ``priced`` are the charges at prices that nobody decided on yet; None: at those that hold.
    """
    account_nos = account_nos_billed(work, season, after=after, limit=HOMES_MAX)
    accounts, locked = unlocked_facts(work, account_nos)
    due = corrections_due(work, accounts, from_season=season, priced=priced)
    corrections = [each for each in due if each.season == season]
    if kind == SETTLEMENT:
        corrections = _in_terms_of_the_next(work, season, corrections)
    return PricePage(accounts, corrections, account_nos[-1] if len(account_nos) == HOMES_MAX else None, locked)


def charges_at(work: Work, season: int, prices: Mapping[str, str]) -> SeasonCharges:
    """The charges under the policy in force, at these prices."""
    return season_charges(InForce(work).policy, season_at(work, season, prices), work.today)


def _in_terms_of_the_next(work: Work, season: int, corrections: Sequence[Corrected]) -> list[Corrected]:
    """What is more falls due with the next season's bills."""
    in_force = InForce(work)
    following = in_force.season(season + 1)
    return [
        each._replace(due_on=due_parts(
            in_force.policy, following, amount_fen=1, posted_on=work.today, payer="", scope=each.charge.scope
        )[0][1])
        for each in corrections
    ]  # fmt: skip


def told_of_page(season: int, page: PricePage) -> dict[str, Any]:
    """Homes and sums: extra lines are ``more``, reductions ``less``."""
    more = [each for each in page.corrections if each.amount_fen > 0]
    less = [each for each in page.corrections if each.amount_fen < 0]
    return {
        "season": season_label(season),
        "homes": len(page.accounts),
        "more": _sums(more),
        "less": _sums(less),
        "next": page.next,
        "locked": page.locked,
    }


def why_of_page(work: Work, season: int, page: PricePage, priced: SeasonCharges) -> dict[str, Any]:
    """The causes of the differences, and the homes that differ most, each with its reason in two languages."""
    shares = shares_billed(work, [facts.account_no for facts in page.accounts], from_season=season)
    homes: dict[int, tuple[SeasonCharges, list[HomeToRehearse]]] = {}
    known: Known = {}
    for facts in page.accounts:
        billed_by = charges_of(work, season, shares[facts.account_no, season], known=known)
        was, becomes = (values_of(facts.home_in(each.season)) for each in (billed_by, priced))
        home = HomeToRehearse(facts.account_no, "", facts.heat_station, was, becomes)
        homes.setdefault(id(billed_by), (billed_by, []))[1].append(home)
    causes: dict[str, list[int]] = {}
    top = []
    for billed_by, of_run in homes.values():
        found = Rehearsing(billed_by, priced).of(of_run)
        top += found.top
        for code, (count, fen) in found.causes.items():
            causes.setdefault(code, [0, 0])
            causes[code] = [causes[code][0] + count, causes[code][1] + fen]
    top.sort(key=lambda change: abs(change.difference_fen), reverse=True)
    return {
        "causes": [{"cause": code, "homes": count, "difference": format_yuan(fen)} for code, (count, fen) in sorted(causes.items())],
        "top": [
            {"account_no": change.account_no, "price_class": change.price_class, "before": format_yuan(change.before_fen),
             "after": format_yuan(change.after_fen), "difference": format_yuan(change.difference_fen),
             "why": change.why.zh, "why_en": change.why.en}
            for change in top[:20]
        ],
    }  # fmt: skip


def _sums(corrections: Sequence[Corrected]) -> dict[str, Any]:
    homes = len({each.account_no for each in corrections})
    return {"homes": homes, "amount": format_yuan(sum(each.amount_fen for each in corrections))}

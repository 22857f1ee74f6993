"""The heat of a season really ran for other days: homes that should have had all of it are credited for the missing.

Days beyond the season are charged, where the policy charges them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.partial_use import WHOLE_SEASON
from services.accounts.domain.refund_entitlement import short_season_claims
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_extension import Supply
from services.accounts.storage.account_facts import unlocked_facts
from services.accounts.storage.bill_corrections import Corrected, corrections_due, post_corrections
from services.accounts.storage.entitlements import Claimed, billed_seasons, credit_claims
from services.accounts.storage.places import account_nos_billed
from services.accounts.storage.season_supplies import add_supply
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

HOMES_MAX = 1000


@dataclass(frozen=True, slots=True)
class CreditShortSeason:
    """Both days had heat. At most a thousand homes at a time: those billed, after ``after`` by number."""

    season: int
    supplied_from: date
    supplied_until: date
    reason: str
    after: str = ""
    preview: bool = False


def credit_short_season(command: CreditShortSeason, work: Work) -> dict[str, Any]:
    """Credit or charge the next homes; the same days told again add nothing. ``next`` is what to ask ``after``, None at
    the end. The sums are of all payers.

    Suspended, cut and disconnected homes and homes connected within the season take no part; ``locked`` are those that a
    lock holds back: told again once it is off, the same days credit them too.
    """
    account_nos = account_nos_billed(work, command.season, after=command.after, limit=HOMES_MAX)
    accounts, locked = unlocked_facts(work, account_nos)
    source = {"reported": "short_season", "from": command.supplied_from.isoformat(),
              "until": command.supplied_until.isoformat()}  # fmt: skip
    claimed = []
    for home in billed_seasons(work, accounts, season=command.season).values():
        season = home.charges.season
        if _had_all_of_it(home.facts, season):
            values = home.charges.kinds[home.charge.scope].tariff.values
            claims = short_season_claims(
                values, season, supplied_from=command.supplied_from, supplied_until=command.supplied_until
            )
            claimed.append(Claimed(home, claims, source))
    notes = credit_claims(work, claimed, reason=command.reason, preview=command.preview)
    charged = _charged(command, work, accounts)
    return {
        "homes": len({note.account_no for note in notes} | {each.account_no for each in charged}),
        "credited": format_yuan(-sum(note.amount_fen for note in notes)),
        "charged": format_yuan(sum(each.amount_fen for each in charged)),
        "next": account_nos[-1] if len(account_nos) == HOMES_MAX else None,
        "locked": locked,
    }


def _charged(command: CreditShortSeason, work: Work, accounts: list[AccountFacts]) -> list[Corrected]:
    """Days beyond the season are a fact of it: the season is charged again, and the difference posted."""
    supply = Supply(command.supplied_from, command.supplied_until)
    told = [replace(facts, supplies={**facts.supplies, command.season: supply}) for facts in accounts]
    corrections = [each for each in corrections_due(work, told, from_season=command.season)
                   if each.season == command.season]  # fmt: skip
    if not command.preview:
        if accounts and accounts[0].supplies.get(command.season) != supply:
            add_supply(work, command.season, supply, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
    return corrections


def _had_all_of_it(facts: AccountFacts, season: HeatingSeason) -> bool:
    """Whether nothing but the company's own supply kept the home from a whole season of heat."""
    home = facts.home_in(season)
    return home.connected_on is None and not home.suspended and home.use == WHOLE_SEASON

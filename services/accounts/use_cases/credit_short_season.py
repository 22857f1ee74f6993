"""The heat of a season really ran for other days: homes that should have had all of it are credited for the missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.partial_use import WHOLE_SEASON
from services.accounts.domain.refund_entitlement import short_season_claims
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.entitlements import Claimed, billed_seasons, credit_claims
from services.accounts.storage.places import account_nos_billed
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.messages.accounts import SELF

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
    """Credit the next homes; the same days told again add nothing. ``next`` is what to ask ``after``, None at the end.

    Suspended, cut and disconnected homes and homes connected within the season take no part.
    """
    account_nos = account_nos_billed(work, command.season, after=command.after, limit=HOMES_MAX)
    accounts = locked_facts(work, account_nos)
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
    own = [note for note in notes if note.share.payer == SELF]
    return {
        "homes": len(own),
        "credited": format_yuan(-sum(note.amount_fen for note in own)),
        "charged": format_yuan(0),
        "next": account_nos[-1] if len(account_nos) == HOMES_MAX else None,
    }


def _had_all_of_it(facts: AccountFacts, season: HeatingSeason) -> bool:
    """Whether nothing but the company's own supply kept the home from a whole season of heat."""
    home = facts.home_in(season)
    return home.connected_on is None and not home.suspended and home.use == WHOLE_SEASON

"""Every account billed under a draft policy, a page at a time, and nothing written: who would pay more or less, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.accounts.domain.account import CHARGED
from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_difference import differences
from services.accounts.domain.policy_remarks import not_followed
from services.accounts.domain.rating import values_of
from services.accounts.domain.rehearsal import Changed, HomeToRehearse, Rehearsal, Rehearsing, Sums
from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_dates import HeatingSeason, current_season
from services.accounts.policies import REFERENCE, load_policy, named_policy
from services.accounts.storage.account_facts import facts_of
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.seasons import Declaration, declaration_in_force, heating_season
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

PARKED_SHOWN = 100
_COUNT = """
SELECT count(*) FROM heat_accounts
WHERE state = ANY(%(charged)s) AND (connected_on IS NULL OR connected_on <= %(end_on)s)
"""
_PAGE = """
SELECT a.account_no, p.compound FROM heat_accounts a JOIN premises p USING (premises_id)
WHERE a.account_no > %(after)s AND a.state = ANY(%(charged)s)
  AND (a.connected_on IS NULL OR a.connected_on <= %(end_on)s)
ORDER BY a.account_no LIMIT %(limit)s
"""


class Draft(NamedTuple):
    """A pack by its name, or the text of one; with other values for some parameters (parameter → YAML text)."""

    name: str
    pack: str | None = None
    changes: Mapping[str, str] | None = None

    def read(self) -> Policy:
        return named_policy(self.name, self.pack, self.changes)


def rehearsed_policy(
    work: Work, draft: Draft, *, season: int | None = None, after: str = "", limit: int
) -> dict[str, Any]:
    """A page of accounts, in the order of their numbers, charged for the season under both policies.

    ``season`` None is the current one. The sums are those of the page; the first page (``after`` "") also says how
    many accounts there are and in which parameters the policies differ. Refused: what a policy refuses.
    """
    before, proposed = policy_in_force(work), draft.read()
    season = current_season(before, work.today) if season is None else season
    declared = declaration_in_force(work, season)
    charges = [_charges(policy, season, declared, work) for policy in (before, proposed)]
    homes = _homes(work, charges[0].season, charges[1].season, after=after, limit=limit)
    found = Rehearsing(*charges).of(homes)
    return {
        "season": season_label(season),
        "policy": {"name": before.name, "version": before.version},
        "draft": {"name": proposed.name, "version": proposed.version},
        **(_first_page(work, before, proposed, charges[0].season) if not after else {}),
        **_told(found),
        "next": homes[-1].account_no if len(homes) == limit else None,
    }


def _charges(policy: Policy, season: int, declared: Declaration | None, work: Work) -> SeasonCharges:
    return SeasonCharges(policy, heating_season(policy, season, declared), posted_on=work.today)


def _first_page(work: Work, before: Policy, proposed: Policy, season: HeatingSeason) -> dict[str, Any]:
    return {
        "accounts": work.rows(_COUNT, _which(season))[0][0],
        "differences": [difference._asdict() for difference in differences(before, proposed)],
        "not_followed": not_followed(proposed, load_policy(REFERENCE)),
    }


def _homes(
    work: Work, before: HeatingSeason, proposed: HeatingSeason, *, after: str, limit: int
) -> list[HomeToRehearse]:
    rows = work.rows(_PAGE, {**_which(before), "after": after, "limit": limit})
    facts = facts_of(work, [account_no for account_no, _ in rows])
    return [_home(facts[account_no], compound, before, proposed) for account_no, compound in rows]


def _home(facts: AccountFacts, compound: str, before: HeatingSeason, proposed: HeatingSeason) -> HomeToRehearse:
    was, becomes = (values_of(facts.home_in(season)) for season in (before, proposed))
    return HomeToRehearse(facts.account_no, compound, facts.heat_station, was, becomes)


def _which(season: HeatingSeason) -> dict[str, Any]:
    return {"charged": list(CHARGED), "end_on": season.end_on}


def _told(found: Rehearsal) -> dict[str, Any]:
    return {
        "charged": _sums(found.whole),
        "more": _sums(found.more),
        "less": _sums(found.less),
        "by_class": [{"price_class": name, **_sums(sums)} for name, sums in sorted(found.by_class.items())],
        "by_compound": [{"compound": name, **_sums(sums)} for name, sums in sorted(found.by_compound.items())],
        "causes": [
            {"cause": code, "homes": homes, "difference": format_yuan(fen)}
            for code, (homes, fen) in sorted(found.causes.items())
        ],
        "top": [_changed(change) for change in found.top],
        "parked": len({home.account_no for home in found.parked}),
        "parked_accounts": [home._asdict() for home in found.parked[:PARKED_SHOWN]],
    }


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "homes": sums.homes,
        "before": format_yuan(sums.before_fen),
        "after": format_yuan(sums.after_fen),
        "difference": format_yuan(sums.after_fen - sums.before_fen),
    }


def _changed(change: Changed) -> dict[str, Any]:
    return {
        "account_no": change.account_no,
        "compound": change.compound,
        "price_class": change.price_class,
        "before": format_yuan(change.before_fen),
        "after": format_yuan(change.after_fen),
        "difference": format_yuan(change.difference_fen),
        "why": change.why.zh,
        "why_en": change.why.en,
    }

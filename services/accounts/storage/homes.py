"""Reading homes for billing: one query a list, plain tuples, in the order of the account numbers.

The accounts stay locked against changes of their state until the work ends, so that a bill and a suspension
that come together are seen by one another; the bill's own foreign key would lock the row anyway. Premises and
bills are looked up home by home (LATERAL): in the middle of a run the statistics are those of an empty table
of bills, and a planner that believes them reads the whole season for each chunk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.accounts.domain.account import CHARGED
from services.accounts.domain.account_facts import ACTIVE, DISCONNECTED, AccountFacts
from services.accounts.domain.rating import values_of
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_run import HomeToBill
from services.accounts.storage.account_facts import facts_of
from shared.chassis.unit_of_work import Work

_HOMES = """
SELECT a.account_no, a.state,
       b.account_no IS NOT NULL,
       a.connected_on IS NULL OR a.connected_on <= %(end_on)s,
       p.heat_station,
       a.price_class, (p.building_area * 100)::bigint, (p.inner_area * 100)::bigint,
       (p.usable_area * 100)::bigint, (p.certified_area * 100)::bigint, (p.storey_height * 1000)::integer,
       CASE WHEN a.connected_on > %(start_on)s THEN a.connected_on END,
       a.state = 'suspended' AND a.suspended_from <= %(season)s,
       a.household, coalesce(a.varies_from <= %(season)s, false) OR EXISTS (
           SELECT FROM relief_cases r
           WHERE r.account_no = a.account_no AND r.season = %(season)s AND r.mechanism = 'PRICE_CLASS')
FROM heat_accounts a
CROSS JOIN LATERAL (SELECT * FROM premises WHERE premises_id = a.premises_id LIMIT 1) p
LEFT JOIN LATERAL (
    SELECT account_no FROM bills WHERE account_no = a.account_no AND season = %(season)s AND live LIMIT 1
) b ON true
WHERE {which}
ORDER BY a.account_no
FOR SHARE OF a
"""
# A home that left within the season is charged for it like any other.
CHARGED_IN_SEASON = """
(a.state = ANY(%(charged)s) OR a.state = 'disconnected' AND EXISTS (
    SELECT FROM inactive_periods i
    WHERE i.account_no = a.account_no AND i.state = 'disconnected' AND i.from_on >= %(start_on)s))
AND (a.connected_on IS NULL OR a.connected_on <= %(end_on)s)"""
_IN_RANGE = _HOMES.format(which=f"a.account_no BETWEEN %(first)s AND %(last)s AND {CHARGED_IN_SEASON}")
_NAMED = _HOMES.format(which="a.account_no = ANY(%(account_nos)s)")

_RANGES = f"""
SELECT min(account_no), max(account_no), count(*)
FROM (SELECT a.account_no, (row_number() OVER (ORDER BY a.account_no) - 1) / %(size)s AS chunk
      FROM heat_accounts a WHERE {CHARGED_IN_SEASON}) numbered
GROUP BY chunk ORDER BY chunk
"""


def homes_in_range(work: Work, season: HeatingSeason, *, first: str, last: str) -> list[HomeToBill]:
    """The homes that are charged for the season, between two account numbers, both included."""
    return _homes(work, _IN_RANGE, season, first=first, last=last)


def homes_named(work: Work, season: HeatingSeason, account_nos: Sequence[str]) -> list[HomeToBill]:
    """Those of the accounts that exist, whatever their state."""
    return _homes(work, _NAMED, season, account_nos=list(account_nos))


def ranges(work: Work, season: HeatingSeason, *, size: int) -> list[tuple[str, str, int]]:
    """All homes that are charged for the season, in ranges of ``size``: first number, last number, homes."""
    values = {"charged": list(CHARGED), "start_on": season.start_on, "end_on": season.end_on, "size": size}
    return [(first, last, count) for first, last, count in work.rows(_RANGES, values)]


def _homes(work: Work, sql: str, season: HeatingSeason, **which: Any) -> list[HomeToBill]:
    values = {
        "season": season.season,
        "start_on": season.start_on,
        "end_on": season.end_on,
        "charged": list(CHARGED),
    }
    rows = work.rows(sql, values | which)
    homes = [
        HomeToBill(account_no, state, already, in_season, heat_station, tuple(home), household)
        for account_no, state, already, in_season, heat_station, *home, household, _ in rows
    ]
    varying = [row[0] for row in rows if row[-1]]
    return _as_used(homes, facts_of(work, varying), season) if varying else homes


def _as_used(homes: list[HomeToBill], facts: Mapping[str, AccountFacts], season: HeatingSeason) -> list[HomeToBill]:
    """The homes that were suspended, cut off or resumed at some time, or have a price of their own: as they are charged."""
    return [_of_facts(home, facts[home.account_no], season) if home.account_no in facts else home for home in homes]


def _of_facts(home: HomeToBill, facts: AccountFacts, season: HeatingSeason) -> HomeToBill:
    """A home that left within the season, or after it, is charged for it like any other."""
    used = facts.home_in(season)
    state = ACTIVE if home.state == DISCONNECTED and not used.use.gone else home.state
    begun = facts.split_on is None or facts.split_on <= season.end_on
    return home._replace(state=state, in_season=home.in_season and begun, home=values_of(used))

"""Reading what is true of accounts, and writing what changes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import ACTIVE, AccountFacts, InactivePeriod
from services.accounts.domain.account_lock import blocked
from services.accounts.domain.home_parts import Areas, FormerHome
from services.accounts.domain.illegal_use import IllegalUse
from services.accounts.domain.metered_heat import SeasonHeat
from services.accounts.domain.rating import Home
from services.accounts.domain.season_extension import Supply
from services.accounts.storage.account_locks import assert_unlocked, locks_on
from services.accounts.storage.reliefs import own_prices_of
from services.accounts.storage.rows import END_PERIOD, MOVE, MoveRow, PeriodRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount, refused_at
from shared.messages.accounts import AccountsMoved, MovedAccount

_FACTS = """
SELECT a.account_no, a.premises_id, a.customer_id, p.heat_station, a.warranty_until, a.state, a.suspended_from, a.opened_on,
       a.household, a.price_class, (p.building_area * 100)::bigint, (p.inner_area * 100)::bigint, (p.usable_area * 100)::bigint,
       (p.certified_area * 100)::bigint, (p.storey_height * 1000)::integer, a.connected_on
FROM heat_accounts a CROSS JOIN LATERAL (SELECT * FROM premises WHERE premises_id = a.premises_id LIMIT 1) p
WHERE a.account_no = ANY(%s) ORDER BY a.account_no
"""
_PERIODS = """
SELECT account_no, period_id, state, from_on, until_on, from_season, late_pct FROM inactive_periods
WHERE account_no = ANY(%s) AND (until_on IS NULL OR until_on > from_on) ORDER BY account_no, from_on
"""
_VALVES = "SELECT account_no, season FROM inspections WHERE account_no = ANY(%s)"
_FORMERS = """
SELECT account_no, until_on, price_class, (building_area * 100)::bigint, (inner_area * 100)::bigint,
       (usable_area * 100)::bigint, (certified_area * 100)::bigint
FROM former_homes JOIN commands k USING (command_id)
WHERE account_no = ANY(%s) ORDER BY account_no, until_on, k.at, former_id
"""
_JOINS = "SELECT other_no, kind, on_day FROM account_joins WHERE other_no = ANY(%s)"
_ILLEGAL = """
SELECT account_no, season, used_since, found_on FROM illegal_uses JOIN commands k USING (command_id)
WHERE account_no = ANY(%s) ORDER BY account_no, k.at, use_id
"""
_COMPONENTS = """
SELECT DISTINCT ON (premises_id) premises_id, components FROM premises_components JOIN commands k USING (command_id)
WHERE premises_id = ANY(%s) ORDER BY premises_id, k.at DESC, version_id DESC
"""
_SUPPLIES = """
SELECT DISTINCT ON (season) season, supplied_from, supplied_until FROM season_supplies JOIN commands k USING (command_id)
ORDER BY season, k.at DESC, supply_id DESC
"""
_HEAT = """
SELECT DISTINCT ON (account_no, season) account_no, season, quantity, unit, correction_factor
FROM heat_readings JOIN commands k USING (command_id)
WHERE account_no = ANY(%s) ORDER BY account_no, season, k.at DESC, reading_id DESC
"""


def locked_facts(
    work: Work, account_nos: Sequence[str], *, place: str = "accounts", verb: str = ""
) -> list[AccountFacts]:
    """The accounts in the order asked, which nobody else changes until the work ends.

    Refuses `unknown_account`, and `account_locked` where an account has a lock that blocks the ``verb``; a verb without a
    name is blocked by locks that block everything.
    """
    held = held_facts(work, account_nos, place=place)
    assert_unlocked(work, account_nos, verb=verb, place=place)
    return held


def held_facts(work: Work, account_nos: Sequence[str], *, place: str = "accounts") -> list[AccountFacts]:
    """The same whatever locks are on the accounts: what others have done, as paying, is a fact that no lock can refuse.

    Refuses `unknown_account`.
    """
    found = {facts.account_no: facts for facts in _facts(work, account_nos, " FOR UPDATE OF a")}
    _assert_found(account_nos, found, place)
    return [found[account_no] for account_no in account_nos]


def unlocked_facts(work: Work, account_nos: Sequence[str]) -> tuple[list[AccountFacts], list[str]]:
    """Of a page of a city: the homes that no lock blocks, held like the others, and the numbers of those that are locked."""
    accounts = held_facts(work, account_nos)
    locks = locks_on(work, account_nos, work.today)
    locked = [account_no for account_no in account_nos if blocked("", locks.get(account_no, []))]
    return [facts for facts in accounts if facts.account_no not in set(locked)], locked


def assert_known(work: Work, account_nos: Sequence[str], *, place: str = "accounts") -> None:
    """Nobody else changes these accounts until the work ends, whatever locks are on them. Refuses `unknown_account`."""
    held = "SELECT account_no FROM heat_accounts WHERE account_no = ANY(%s) ORDER BY account_no FOR UPDATE"
    _assert_found(account_nos, {row[0] for row in work.rows(held, (list(account_nos),))}, place)


def _assert_found(account_nos: Sequence[str], found: Collection[str], place: str) -> None:
    for number, account_no in enumerate(account_nos):
        with refused_at(f"{place}/{number}"):
            if account_no not in found:
                raise UnknownAccount("there is no such account", account_no=account_no)


def facts_of(work: Work, account_nos: Collection[str]) -> dict[str, AccountFacts]:
    """Those of the accounts that exist, as they are now."""
    return {facts.account_no: facts for facts in _facts(work, account_nos, "")}


def _facts(work: Work, account_nos: Collection[str], lock: str) -> list[AccountFacts]:
    numbers = list(account_nos)
    rows = work.rows(_FACTS + lock, (numbers,))
    periods: defaultdict[str, list[InactivePeriod]] = defaultdict(list)
    for account_no, *period in work.rows(_PERIODS, (numbers,)):
        periods[account_no].append(InactivePeriod(*period))
    valves: defaultdict[str, set[int]] = defaultdict(set)
    for account_no, season in work.rows(_VALVES, (numbers,)):
        valves[account_no].add(season)
    heat: defaultdict[str, dict[int, SeasonHeat]] = defaultdict(dict)
    for account_no, season, *shown in work.rows(_HEAT, (numbers,)):
        heat[account_no][season] = SeasonHeat(*shown)
    formers: defaultdict[str, list[FormerHome]] = defaultdict(list)
    for account_no, until_on, price_class, *areas in work.rows(_FORMERS, (numbers,)):
        formers[account_no].append(FormerHome(until_on, price_class, None if areas[0] is None else Areas(*areas)))
    joins = {(account_no, kind): on_day for account_no, kind, on_day in work.rows(_JOINS, (numbers,))}
    illegal: defaultdict[str, list[IllegalUse]] = defaultdict(list)
    for account_no, *use in work.rows(_ILLEGAL, (numbers,)):
        illegal[account_no].append(IllegalUse(*use))
    components = {
        premises_id: tuple((component, area_dm2) for component, area_dm2 in parts)
        for premises_id, parts in work.rows(_COMPONENTS, ([row[1] for row in rows],))
    }
    supplies = {season: Supply(*days) for season, *days in work.rows(_SUPPLIES)}
    own = own_prices_of(work, numbers)
    facts = (_of_row(row, periods[row[0]], valves[row[0]]) for row in rows)
    found = (
        replace(
            each,
            heat=heat[each.account_no],
            supplies=supplies,
            formers=tuple(formers[each.account_no]),
            split_on=joins.get((each.account_no, "split")),
            merged_on=joins.get((each.account_no, "merge")),
            illegal_uses=tuple(illegal[each.account_no]),
            own_prices=own.get(each.account_no, {}),
        )
        for each in facts
    )
    return [replace(each, home=replace(each.home, components=components.get(each.premises_id, ()))) for each in found]


def _of_row(row: tuple[Any, ...], periods: list[InactivePeriod], valves: set[int]) -> AccountFacts:
    (
        account_no,
        premises_id,
        customer_id,
        heat_station,
        warranty_until,
        state,
        suspended_from,
        opened_on,
        household,
        *home,
    ) = row
    if state != ACTIVE and not periods:
        periods = [InactivePeriod(None, state, opened_on, None, suspended_from)]  # it came so from the old system
    return AccountFacts(account_no, premises_id, customer_id, heat_station, Home(*home), warranty_until, tuple(periods),
                        frozenset(valves), household)  # fmt: skip


def add_period(work: Work, facts: AccountFacts, period: InactivePeriod, *, season: int) -> AccountFacts:
    """From now on the account has this period; ``season`` is the first whose charge it may change."""
    work.change(MOVE, [(facts.account_no, period.state, period.from_season, season)])
    return _with_period(work, facts, period)


def _with_period(work: Work, facts: AccountFacts, period: InactivePeriod) -> AccountFacts:
    period_id = work.new_ids(1)[0]
    period = replace(period, period_id=period_id)
    work.add([PeriodRow(period_id, work.command_id, facts.account_no, period.state, period.from_on, period.until_on,
                        period.from_season, period.late_pct)])  # fmt: skip
    return replace(facts, periods=tuple(sorted([*facts.periods, period], key=lambda each: each.from_on)))


def end_period(work: Work, facts: AccountFacts, day: date, *, season: int) -> AccountFacts:
    """The account is active again from ``day`` on: the period that covers it ends."""
    work.change(MOVE, [(facts.account_no, ACTIVE, None, season)])
    return _without_period(work, facts, day)


def void_period(work: Work, facts: AccountFacts, day: date, *, season: int) -> AccountFacts:
    """The period that covers ``day`` never was: it ends on its first day, and the account was active all along."""
    period = facts.period_on(day)
    if period is None or period.period_id is None:
        raise ValueError("there is no period of that day that was begun here")
    work.change(MOVE, [(facts.account_no, ACTIVE, None, season)])
    work.change(END_PERIOD, [(period.period_id, period.from_on)])
    return replace(facts, periods=tuple(each for each in facts.periods if each is not period))


def replace_period(work: Work, facts: AccountFacts, period: InactivePeriod, *, season: int) -> AccountFacts:
    """The account's period of the day ends, if there is one, and this one begins."""
    return add_period(work, _without_period(work, facts, period.from_on), period, season=season)


def _without_period(work: Work, facts: AccountFacts, day: date) -> AccountFacts:
    period = facts.period_on(day)
    if period is None:
        return facts
    ended = replace(period, until_on=day)
    if period.period_id is None:
        return _with_period(work, replace(facts, periods=()), ended)
    work.change(END_PERIOD, [(period.period_id, day)])
    periods = (ended if each is period else each for each in facts.periods)
    return replace(facts, periods=tuple(each for each in periods if each.until_on != each.from_on))


def add_moves(work: Work, moved: Iterable[tuple[AccountFacts, str]], *, verb: str, to_state: str, day: date,
              reason: str) -> None:  # fmt: skip
    """History, told to the others too: ``moved`` are accounts, each with the state that it had before."""
    pairs = list(moved)
    work.emit(AccountsMoved(tuple(
        MovedAccount(facts.account_no, verb, from_state, to_state, day) for facts, from_state in pairs
    )))  # fmt: skip
    work.add(
        MoveRow(move_id, work.command_id, facts.account_no, verb, from_state, to_state, day, reason)
        for move_id, (facts, from_state) in zip(work.new_ids(len(pairs)), pairs, strict=True)
    )

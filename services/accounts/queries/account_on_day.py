"""Everything that was true of an account on a day: the home, its owner, its season and policy, relief, locks, bills.

What is asked is what held on that day by all that is known now, not what was known then: a change that was told late
counts from its own day. Who told what, and when, is the history's and the audit's.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.account_lock import LOCK_KINDS
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import PARAMETERS
from services.accounts.domain.season_dates import current_season
from services.accounts.domain.tariff import as_used
from services.accounts.storage.account_facts import facts_of
from services.accounts.storage.account_locks import locks_on
from services.accounts.storage.policies import policy_in_force, policy_of
from services.accounts.storage.seasons import declaration_in_force, heating_season
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

# A day before the first version is told with the first one: it is what the account was opened with.
_AREAS = """
SELECT building_area, inner_area, usable_area, certified_area FROM (
    SELECT building_area, inner_area, usable_area, certified_area, valid_from, k.at, valid_from <= %(day)s AS begun
    FROM premises_areas JOIN commands k USING (command_id) WHERE premises_id = %(premises_id)s
    UNION ALL
    SELECT building_area, inner_area, usable_area, certified_area, NULL, NULL, false FROM premises WHERE premises_id = %(premises_id)s
) v
ORDER BY begun DESC, CASE WHEN begun THEN valid_from END DESC, CASE WHEN begun THEN at END DESC, valid_from, at LIMIT 1
"""
_COMPONENTS = """
SELECT components FROM premises_components JOIN commands k USING (command_id)
WHERE premises_id = %(premises_id)s AND valid_from <= %(day)s ORDER BY valid_from DESC, k.at DESC, version_id DESC LIMIT 1
"""
_OWNER = """
SELECT o.payer, c.name, o.since FROM ownerships o JOIN customers c USING (customer_id)
WHERE o.account_no = %(account_no)s AND (o.since IS NULL OR o.since <= %(day)s) ORDER BY o.since DESC NULLS LAST LIMIT 1
"""
_PRESENT_OWNER = """
SELECT a.household, c.name, NULL::date FROM heat_accounts a JOIN customers c USING (customer_id) WHERE a.account_no = %(account_no)s
"""
_POLICY = """
SELECT p.policy_id FROM policies p JOIN commands k USING (command_id)
ORDER BY k.business_on <= %(day)s DESC, CASE WHEN k.business_on <= %(day)s THEN p.activated_at END DESC, p.activated_at LIMIT 1
"""
_RELIEFS = """
SELECT r.kind, r.payer, r.share_pct, r.cap_m2, r.mechanism, coalesce(r.from_on, k.business_on)
FROM relief_cases r JOIN commands k USING (command_id) LEFT JOIN relief_endings e USING (case_id)
WHERE r.account_no = %(account_no)s AND r.season = %(season)s AND coalesce(r.from_on, k.business_on) <= %(day)s
  AND (coalesce(e.until_on, r.until_on) IS NULL OR coalesce(e.until_on, r.until_on) > %(day)s) ORDER BY k.at, r.case_id
"""
_BILLED = """
SELECT payer, sum(amount_fen)::bigint FROM (
    SELECT payer, amount_fen FROM bills
    WHERE account_no = %(account_no)s AND season = %(season)s AND live AND posted_on <= %(day)s
    UNION ALL
    SELECT payer, amount_fen FROM bill_corrections
    WHERE account_no = %(account_no)s AND season = %(season)s AND posted_on <= %(day)s
) b GROUP BY payer ORDER BY payer
"""
_JOINS = """
SELECT kind, account_no, other_no, on_day FROM account_joins
WHERE (account_no = %(account_no)s OR other_no = %(account_no)s) AND on_day <= %(day)s ORDER BY on_day, join_id
"""
_FOUND = """
SELECT found_on, 'valve_open', NULL::date FROM inspections WHERE account_no = %(account_no)s AND season = %(season)s AND found_on <= %(day)s
UNION ALL
SELECT found_on, finding, used_since FROM illegal_uses WHERE account_no = %(account_no)s AND season = %(season)s AND found_on <= %(day)s
ORDER BY 1
"""
_CLAIMS = """
SELECT cause, share_of, share_by FROM entitlement_days WHERE account_no = %(account_no)s AND day = %(day)s ORDER BY claim_id
"""


def account_on_day(work: Work, account_no: str, day: date) -> dict[str, Any]:
    """Refuses `unknown_account`. Before a policy begins, season and values are null; before the first was activated it holds."""
    facts = facts_of(work, [account_no]).get(account_no)
    if facts is None:
        raise UnknownAccount("there is no such account", account_no=account_no)
    asked: dict[str, Any] = {"account_no": account_no, "day": day, "premises_id": facts.premises_id}
    policies = work.rows(_POLICY, asked)
    policy = policy_of(work, policies[0][0]) if policies else policy_in_force(work)
    season = current_season(policy, day) if day >= policy.valid_from else None
    asked["season"] = season
    opened_on = work.rows("SELECT opened_on FROM heat_accounts WHERE account_no = %s", (account_no,))[0][0]
    return {
        "account_no": account_no,
        "day": day.isoformat(),
        "opened_on": opened_on.isoformat(),
        "state": _state(facts, day),
        "home": _home(work, facts, asked, day),
        "owner": _owner(work, asked),
        "season": _season(work, policy, season) if season is not None else None,
        "values": _values(policy, facts, season, day) if season is not None else None,
        "reliefs": [_relief(row) for row in work.rows(_RELIEFS, asked)],
        "locks": [
            {"kind": lock.kind, "title": LOCK_KINDS[lock.kind].title, "since": lock.since, "reason": lock.reason, "by": lock.by}
            for lock in locks_on(work, [account_no], day).get(account_no, [])
        ],
        "joins": [
            {"kind": kind, "account_no": stays, "other_no": other, "on": on.isoformat()}
            for kind, stays, other, on in work.rows(_JOINS, asked)
        ],
        "found": [
            {"on": on.isoformat(), "finding": finding, "used_since": _text(since)}
            for on, finding, since in work.rows(_FOUND, asked)
        ],
        "claims": [{"cause": cause, "share": f"{of}/{by}"} for cause, of, by in work.rows(_CLAIMS, asked)],
        "billed": [{"payer": payer, "amount": format_yuan(fen)} for payer, fen in work.rows(_BILLED, asked)],
    }  # fmt: skip


def _state(facts: AccountFacts, day: date) -> dict[str, Any]:
    period = facts.period_on(day)
    begun = facts.split_on is None or facts.split_on <= day
    return {
        "state": facts.state_on(day) if begun else "not_begun",
        "since": period.from_on.isoformat() if period else None,
        "until": _text(period.until_on) if period else None,
        "from_season": season_label(period.from_season) if period and period.from_season else None,
    }


def _home(work: Work, facts: AccountFacts, asked: dict[str, Any], day: date) -> dict[str, Any]:
    areas = work.rows(_AREAS, asked)[0]
    components = work.rows(_COMPONENTS, asked)
    names = ("building_area", "inner_area", "usable_area", "certified_area")
    return {
        "price_class": facts.home_on(day).price_class,
        "heat_station": facts.heat_station,
        **{name: _text(area) for name, area in zip(names, areas, strict=True)},
        "components": [
            {"component": name, "area": f"{dm2 // 100}.{dm2 % 100:02d}"}
            for name, dm2 in (components[0][0] if components else [])
        ],
        "connected_on": _text(facts.home.connected_on),
        "warranty_until": _text(facts.warranty_until),
    }


def _owner(work: Work, asked: dict[str, Any]) -> dict[str, Any]:
    payer, name, since = (work.rows(_OWNER, asked) or work.rows(_PRESENT_OWNER, asked))[0]
    return {"payer": payer, "name": name, "since": _text(since)}


def _season(work: Work, policy: Policy, season: int) -> dict[str, Any]:
    dates = heating_season(policy, season, declaration_in_force(work, season))
    return {
        "season": season_label(season),
        "start_on": dates.start_on.isoformat(),
        "end_on": dates.end_on.isoformat(),
        "day_count": dates.day_count,
        "policy": policy.name,
        "version": policy.version,
        "document": policy.document,
    }


def _values(policy: Policy, facts: AccountFacts, season: int, day: date) -> dict[str, Any]:
    """Every value of the policy for the home as it was, each with its ground and for whom it is."""
    scope = policy.scope_of(price_class=facts.home_on(day).price_class, heat_station=facts.heat_station,
                            contract=facts.account_no)  # fmt: skip
    governing = policy.governing_day(season)
    return {name: as_used(policy, name, governing, scope) for name in PARAMETERS}


def _relief(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, payer, share_pct, cap_m2, mechanism, since = row
    return {"kind": kind, "payer": payer, "share_pct": str(share_pct), "cap_m2": _text(cap_m2), "mechanism": mechanism,
            "since": since.isoformat()}  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)

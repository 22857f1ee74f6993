"""Laws of a season's charge, over random homes and histories: what no rule of a city may break."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounts.domain.account_facts import AccountFacts, InactivePeriod
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.home_parts import Areas, FormerHome, areas_of, home_on
from services.accounts.domain.illegal_use import IllegalUse
from services.accounts.domain.partial_use import PartialUse
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, values_of
from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_dates import season_of
from shared.kernel.rates import half_up
from tests.accounts.policy_packs import pack

DAYS = st.dates(date(2025, 10, 1), date(2026, 4, 30))
CLASSES = st.sampled_from(list(PRICE_CLASSES))
AREAS = st.integers(min_value=1, max_value=100_000)
RULES = st.fixed_dictionaries({
    "midseason_resume_rule": st.sampled_from(["FULL", "DAYS_BLEND", "BASE_PLUS_DAYS"]),
    "midseason_class_rule": st.sampled_from(["DAYS", "WHOLE_SEASON", "NEXT_SEASON"]),
    "illegal_use_rule": st.sampled_from(["FULL_SEASON", "DAYS"]),
    "suspend_fee_pct": st.sampled_from(["0", "20", "30", "100"]),
    "cut_for_arrears_loss_pct": st.sampled_from(["0", "10", "100"]),
})  # fmt: skip


def charges(rules: dict[str, str]) -> SeasonCharges:
    policy = pack("\n".join(f"{name}: {{value: {text}, document: A}}" for name, text in rules.items()) or "{}")
    return SeasonCharges(policy, season_of(policy, 2025), posted_on=date(2025, 7, 2))


def fee(of: SeasonCharges, facts: AccountFacts) -> int:
    """The charge; worked out again from its derivation it must be the same."""

    charge = of.of(values_of(facts.home_in(of.season)))
    again = recomputed_fen({"tariff": of.kinds[charge.scope].tariff.facts, "line": json.loads(charge.derivation)})
    assert again == charge.amount_fen
    return charge.amount_fen


def account(home: Home, **facts: Any) -> AccountFacts:
    return AccountFacts("0110000001", 1, 1, None, home, **facts)


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """Changes of class and area, a suspension, a cut, a finding, a beginning and an end: whatever there is, in any order."""
    days = sorted(draw(st.lists(DAYS, max_size=4)))
    formers = tuple(
        FormerHome(day, price_class=draw(CLASSES)) if draw(st.booleans()) else FormerHome(day, areas=Areas(draw(AREAS)))
        for day in days
    )
    facts: dict[str, Any] = {"formers": formers}
    if draw(st.booleans()):
        facts["split_on"] = draw(DAYS)
    if draw(st.booleans()):
        facts["merged_on"] = draw(DAYS)
    begins, ends = sorted([draw(DAYS), draw(DAYS)])
    kind = draw(st.sampled_from(["none", "suspended", "cut", "found"]))
    if kind in ("suspended", "cut"):
        from_season = 2025 if kind == "suspended" else None
        facts["periods"] = (InactivePeriod(1, kind, begins, draw(st.sampled_from([ends, None])), from_season),)
    if kind == "found":
        facts["illegal_uses"] = (IllegalUse(2025, begins, ends),)
    return facts


@given(rules=RULES, history=histories(), price_class=CLASSES, area=AREAS, more=st.integers(1, 50_000))
@settings(max_examples=150, deadline=None)
def test_a_larger_home_never_pays_less_whatever_happened_to_it(
    rules: dict[str, str], history: dict[str, Any], price_class: str, area: int, more: int
) -> None:
    of = charges(rules)
    larger = tuple(
        former._replace(areas=Areas(former.areas.building_area_dm2 + more)) if former.areas else former
        for former in history["formers"]
    )
    small = account(Home(price_class, area), **history)
    large = account(Home(price_class, area + more), **{**history, "formers": larger})
    assert 0 <= fee(of, small) <= fee(of, large)


@given(rules=RULES, area=AREAS, resumed_on=DAYS)
@settings(max_examples=100, deadline=None)
def test_suspension_and_resumption_cost_at_most_the_season_unless_the_rule_adds_days_to_what_is_kept(
    rules: dict[str, str], area: int, resumed_on: date
) -> None:
    of = charges(rules)
    whole = fee(of, account(Home("residential", area)))
    period = InactivePeriod(1, "suspended", date(2025, 9, 1), resumed_on, 2025)
    paid = fee(of, account(Home("residential", area), periods=(period,)))
    kept = half_up(whole * Decimal(rules["suspend_fee_pct"]) / 100)
    if rules["midseason_resume_rule"] == "BASE_PLUS_DAYS":
        assert paid <= whole + kept
    else:
        assert paid <= whole
    assert paid >= min(kept, whole) - 1 or resumed_on > of.season.end_on


@given(area=AREAS, history=histories(), price_class=CLASSES)
@settings(max_examples=100, deadline=None)
def test_a_home_that_changes_pays_between_its_cheapest_and_its_dearest_version(
    area: int, history: dict[str, Any], price_class: str
) -> None:
    of = charges({})
    facts = account(Home(price_class, area), formers=history["formers"])
    versions, home = [facts.home], facts.home
    for former in reversed(facts.formers):
        home = former.before(home)
        versions.append(home)
    fees = [fee(of, account(version)) for version in versions]
    assert min(fees) <= fee(of, facts) <= max(fees)


@given(first=AREAS, second=AREAS, day=DAYS, price_class=CLASSES)
@settings(max_examples=100, deadline=None)
def test_two_homes_that_merge_pay_together_what_both_would_have(
    first: int, second: int, day: date, price_class: str
) -> None:
    of = charges({})
    one, other = Home(price_class, first), Home(price_class, second)
    stays = account(Home(price_class, first + second), formers=(FormerHome(day, areas=areas_of(one)),))
    gone = InactivePeriod(2, "disconnected", day, None)
    ends = account(other, merged_on=day, periods=(gone,))
    apart = fee(of, account(one)) + fee(of, account(other))
    together = fee(of, stays) + fee(of, ends)
    assert abs(together - apart) <= 2  # each of the four fees is rounded once


@given(history=histories(), area=AREAS, price_class=CLASSES, day=DAYS)
@settings(max_examples=100, deadline=None)
def test_the_days_of_the_parts_are_the_days_of_the_season(
    history: dict[str, Any], area: int, price_class: str, day: date
) -> None:
    of = charges({})
    facts = account(Home(price_class, area), formers=history["formers"])
    home = facts.home_in(of.season)
    assert not home.parts or sum(part.days for part in home.parts) == of.season.day_count
    for part in home.parts:
        there = home_on(facts.home, facts.formers, max(part.from_on, of.season.start_on))
        assert (part.price_class, part.areas) == (there.price_class, areas_of(there))
    if not home.parts:
        days = (of.season.start_on + timedelta(days=number) for number in range(of.season.day_count))
        assert len({(facts.home_on(each).price_class, areas_of(facts.home_on(each))) for each in days}) == 1


@given(area=AREAS, since=DAYS, until=DAYS, pct=st.sampled_from(["100", "150", "300"]))
@settings(max_examples=100, deadline=None)
def test_heat_used_without_a_right_costs_the_days_or_the_season_at_the_policys_percentage(
    area: int, since: date, until: date, pct: str
) -> None:
    since, until = sorted([since, until])
    never = (InactivePeriod(None, "not_connected", date(2020, 1, 1), None),)
    used = account(Home("residential", area), periods=never, illegal_uses=(IllegalUse(2025, since, until),))
    whole = fee(charges({}), account(Home("residential", area)))
    by_season = fee(charges({"illegal_use_pct": pct}), used)
    by_days = fee(charges({"illegal_use_pct": pct, "illegal_use_rule": "DAYS"}), used)
    assert by_season == half_up(whole * Decimal(pct) / 100)
    assert 0 <= by_days <= by_season


def test_a_home_without_a_history_is_simply_heated() -> None:
    home = account(Home("residential", 8963)).home_in(charges({}).season)
    assert (home.parts, home.use) == ((), PartialUse())

"""Every parameter that a policy sets and that is obeyed changes something: here is what, one example for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounts.calendars import shipped_years
from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.collection_rules import collection_rules
from services.accounts.domain.deadline import (
    CONTRACT_PAYMENT,
    NOTICE,
    SURVEY,
    SUSPENSION_ANSWER,
    SUSPENSION_PAYMENT,
    deadline,
)
from services.accounts.domain.dunning import assert_noticed
from services.accounts.domain.home_parts import Areas, HomePart
from services.accounts.domain.illegal_use import Used
from services.accounts.domain.measured_days import assert_hour_counts, came_late, claims_of, days_measured
from services.accounts.domain.metered_heat import SeasonHeat
from services.accounts.domain.occupancy import Occupancy, assert_gate_open
from services.accounts.domain.partial_use import PartialUse
from services.accounts.domain.payment_terms import due_parts, payment_terms
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS, PolicyInForce
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.policy_values import Word, Words
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.price_decision import assert_may_settle
from services.accounts.domain.rating import Home, rate_by, values_of
from services.accounts.domain.refund_entitlement import (
    DayClaim,
    outage_claims,
    refund_fen,
    short_season_claims,
)
from services.accounts.domain.refund_rules import approval_limits, choice_closed, refund_due_on
from services.accounts.domain.relief import AskedRelief, divide, relief_of
from services.accounts.domain.resumption import assert_may_resume
from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_dates import current_season, season_of
from services.accounts.domain.suspension import SeasonDates, deadline_of, seasons_of, suspension
from services.accounts.domain.tariff import tariff_of
from services.accounts.domain.working_days import working_calendar
from services.accounts.reliefs import RELIEF_KINDS
from shared.kernel.clock import CHINA
from shared.kernel.errors import Refusal
from tests.accounts.cold_days import SEASON, readings, temperature_claims
from tests.accounts.policy_packs import pack

ROOT = Path(__file__).resolve().parents[2]
HOME = Home("residential", 8963)
SHOP = Home("nonresidential", 10000, storey_height_mm=4300)
Probe = Callable[[Policy], Any]


def fee(home: Home, season: int = 2025) -> Probe:
    """What the home pays for the season."""

    def probe(policy: Policy) -> Any:
        tariff = tariff_of(policy, season_of(policy, season), Scope(price_class=home.price_class))
        try:
            return rate_by(tariff, home).amount_fen
        except Refusal as refusal:
            return refusal.code

    return probe


def terms(policy: Policy) -> Any:
    """What a bill travels with; payments prove what follows from each of its fields."""
    found = payment_terms(policy, season_of(policy, 2025))
    return {field: getattr(found, field) for field in found.__slots__ if field != "policy"}


def parts(policy: Policy) -> Any:
    return due_parts(policy, season_of(policy, 2025), amount_fen=10000, posted_on=date(2025, 7, 2))


def values(tell: Callable[[PolicyInForce], Any]) -> Probe:
    return lambda policy: tell(policy.for_season(2025))


def metered(policy: Policy) -> Any:
    enabled = policy.for_season(2025).flat_correction_factor_enabled
    return fee(replace(HOME, heat=SeasonHeat(Decimal(20000), "kWh", Decimal("0.9") if enabled else None)))(policy)


def season_calendar(policy: Policy) -> Any:
    season = season_of(policy, 2025)
    return season.start_on, season.end_on, season.day_count


def suspended(*, today: date, **facts: Any) -> Probe:
    """The period of a suspension for 2025-2026 that is applied for, or why there is none."""

    def probe(policy: Policy) -> Any:
        seasons = [season_of(policy, first) for first in (2025, 2024, 2025)]
        season_values = policy.for_season(2025)
        account = AccountFacts("0110000001", 1, 1, None, facts.get("home", HOME), facts.get("warranty_until"))
        try:
            return suspension(
                account, SeasonDates(*seasons), season_values, deadline=deadline_of(seasons[0], season_values),
                today=today, seasons=seasons_of(None, season_values),
            )  # fmt: skip
        except Refusal as refusal:
            return refusal.code

    return probe


def resumed(policy: Policy) -> Any:
    season, today = season_of(policy, 2025), date(2026, 1, 1)
    try:
        assert_may_resume(season, policy.for_season(2025), today=today)
    except Refusal as refusal:
        return refusal.code
    return fee(Home("residential", 8963, use=PartialUse(resumed_on=today)))(policy)


def became_a_shop(policy: Policy) -> Any:
    parts = (HomePart(date(2025, 11, 1), 70, "residential", Areas(8963)),
             HomePart(date(2026, 1, 10), 81, "nonresidential", Areas(8963)))  # fmt: skip
    charges = SeasonCharges(policy, season_of(policy, 2025), posted_on=date(2026, 1, 10))
    return charges.of(values_of(Home("nonresidential", 8963, parts=parts))).amount_fen


def noticed(served_on: tuple[date, ...]) -> Callable[[PolicyInForce], Any]:
    def tell(season_values: PolicyInForce) -> Any:
        try:
            assert_noticed(served_on, date(2026, 1, 1), season_values, today=date(2026, 2, 1))
        except Refusal as refusal:
            return refusal.code
        return "may be cut"

    return tell


def refunded(claims: Callable[[PolicyInForce], list[DayClaim]]) -> Probe:
    def probe(policy: Policy) -> Any:
        season_values = policy.for_season(2025)
        return refund_fen(season_values, season_of(policy, 2025), fee_fen=2330_38, claims=claims(season_values))

    return probe


def cold(season_values: PolicyInForce) -> list[DayClaim]:
    return temperature_claims(season_values, "16.5", days=12, last_day=date(2026, 1, 20))


def measured_by_others(season_values: PolicyInForce) -> list[DayClaim]:
    return temperature_claims(season_values, "16.5", days=12, last_day=date(2026, 1, 20), official=True)


def cold_twice(season_values: PolicyInForce) -> list[DayClaim]:
    """Two single days, far apart in one month, and a third that makes it a month's mean."""
    days = (date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 20))
    measured = [one for day in days for one in readings(season_values, "16.5", days=1, last_day=day)]
    return claims_of(season_values, measured, SEASON)


def from_request(season_values: PolicyInForce) -> list[date]:
    return days_measured(season_values, days=1, last_day=date(2026, 1, 20), requested_on=date(2026, 1, 17))


def nearly_warm(season_values: PolicyInForce) -> list[DayClaim]:
    return temperature_claims(season_values, "18.5", days=12, last_day=date(2026, 1, 20))


def came_after_12_hours(season_values: PolicyInForce) -> bool:
    asked = datetime(2026, 1, 12, 7, 0, tzinfo=CHINA)
    return came_late(season_values, asked, asked + timedelta(hours=12))


def measured_at_noon(season_values: PolicyInForce) -> Any:
    try:
        assert_hour_counts(season_values, datetime(2026, 1, 12, 12, 0, tzinfo=CHINA))
    except Refusal as refusal:
        return refusal.code
    return "counts"


def outage(hours: int) -> Callable[[PolicyInForce], list[DayClaim]]:
    return lambda season_values: outage_claims(season_values, Decimal(hours), last_day=date(2026, 1, 20))


def relieved(kind: str) -> Callable[[PolicyInForce], Any]:
    """Who bears how much of 2,860.00 for 110 m²."""

    def tell(season_values: PolicyInForce) -> Any:
        asked = AskedRelief(kind, payer="PAYER")
        try:
            relief = relief_of(asked, RELIEF_KINDS[kind], season_values, day=date(2025, 7, 2))
        except Refusal as refusal:
            return refusal.code
        return divide(2860_00, area_m2=Fraction(110), reliefs=[relief])

    return tell


def due(kind: str) -> Probe:
    """The last day of what begins on a Thursday."""
    calendar = working_calendar(shipped_years().values())
    return values(lambda asked: deadline(kind, asked, begun_on=date(2026, 3, 5), calendar=calendar).due_on)


def let_in(season_values: PolicyInForce) -> Any:
    try:
        assert_gate_open(Occupancy(homes=10, heated=2, applied=4), season_values.occupancy_gate_pct)
    except Refusal as refusal:
        return refusal.code
    return "let in"


def others_proof(season_values: PolicyInForce) -> Any:
    """What becomes of a proof that names somebody else than the owner."""
    asked = AskedRelief("low_income", holder="LI")
    try:
        return relief_of(asked, RELIEF_KINDS["low_income"], season_values, day=date(2025, 7, 2), owner="WANG")
    except Refusal as refusal:
        return refusal.code


def short_season(policy: Policy) -> Any:
    season = season_of(policy, 2025)
    supplied = {"supplied_from": date(2025, 11, 4), "supplied_until": season.end_on}
    return len(short_season_claims(policy.for_season(2025), season, **supplied))


def told_to_all(policy: Policy) -> Any:
    """What payments and the bank gateway are told; they prove what follows from each of its fields."""
    return collection_rules(policy).items


def due_back(policy: Policy) -> Any:
    return refund_due_on(policy.for_season(2025), season_of(policy, 2025))


def choice_in_season(policy: Policy) -> Any:
    return choice_closed(policy.for_season(2025), season_of(policy, 2025), date(2025, 12, 1))


def settled_later(policy: Policy) -> Any:
    """Whether bills of this policy are settled when the price is final."""
    try:
        assert_may_settle([policy], pack("{}"), 2025)
    except Refusal as refusal:
        return refusal.code
    return "settled"


NOT_SCHOOL = ", ".join(f"{name}: RESIDENTIAL" for name in PRICE_CLASSES if name != "school")
COMPONENTS = (
    "{main: 1, balcony: 0.5, open_balcony: 0.5, attic_heated: 1, attic_unheated: 0.5, attic_low: 0, basement: 1,"
    " kitchen_unheated: 0.9, shared_heated: 1, shared_piped: 0.3, shared_unpiped: 0}"
)
PARTS = Home("residential", 8963, components=(("main", 8000), ("balcony", 963)))
MULTIPLIER = {"height_rule_kind": "MULTIPLIER"}
ONE_OFF = {"late_fee_kind": "ONE_OFF"}
BASIC_OFF = {"refund_base": "FEE_MINUS_BASIC"}
LATE = {"late_suspend_rule": "ACCEPT_WITH_PENALTY"}
IN_TIME, TOO_LATE = date(2025, 9, 10), date(2025, 10, 10)
TWO_NOTICES = (date(2026, 1, 5), date(2026, 1, 12))

MATTERS: dict[str, tuple[str, Probe] | tuple[str, Probe, dict[str, str]]] = {
    "season_start": ("10-20", season_calendar),
    "season_end": ("04-10", season_calendar),
    "season_day_count": ("150", season_calendar),
    "season_boundary_mode": ("END_EXCLUSIVE", season_calendar),
    "extension_pricing": ("DAILY_CHARGE", fee(Home("residential", 8963, extra_days=5))),
    "short_season_credit_threshold_days": ("140", short_season),
    "price_basis": ("PER_MONTH", fee(HOME)),
    "area_basis": ("USABLE", fee(Home("residential", 8963, usable_area_dm2=7000))),
    "price_residential": ("27.50", fee(HOME)),
    "price_nonresidential": ("36.00", fee(SHOP)),
    "price_garage_factor": ("60", fee(Home("garage", 2000))),
    "price_classes": (f"{{{NOT_SCHOOL}, school: NONRESIDENTIAL}}", fee(Home("school", 10000))),
    "missing_area_fallback_factor": ("80", fee(HOME), {"area_basis": "USABLE"}),
    "height_threshold": ("3.00", fee(SHOP)),
    "height_step": ("0.10", fee(SHOP)),
    "height_pct_per_step": ("5", fee(SHOP)),
    "height_partial_step": ("FLOOR", fee(SHOP)),
    "height_cap_pct": ("20", fee(SHOP)),
    "height_rule_kind": ("RATIO", fee(SHOP)),
    "height_multiplier": ("3", fee(SHOP), MULTIPLIER),
    "height_negotiated_above": ("4", fee(SHOP)),
    "area_component_coefficients": (COMPONENTS, fee(PARTS)),
    "area_precision": ("0", fee(HOME)),
    "basic_share_pct": ("40", refunded(cold), BASIC_OFF),
    "metered_price": ("0.16/kWh", metered),
    "metered_settlement_mode": ("REFUND_ONLY", metered),
    "metered_prepay": ("BASIC_ONLY", fee(Home("residential", 8963, metered=True))),
    "flat_correction_factor_enabled": ("true", metered),
    "billing_open_date": ("09-01", lambda policy: current_season(policy, date(2026, 8, 1))),
    "due_date": ("11-30", parts),
    "instalment_plan": ("[{pct: 50, due: 10-15}, {pct: 50, due: 12-31}]", parts),
    "midseason_connect_rule": ("FULL", fee(Home("residential", 8963, connected_on=date(2026, 1, 10)))),
    "midseason_class_rule": ("NEXT_SEASON", became_a_shop),
    "illegal_use_rule": ("DAYS", fee(Home("residential", 8963, use=PartialUse(illegal=Used(40))))),
    "illegal_use_pct": ("200", fee(Home("residential", 8963, use=PartialUse(illegal=Used(40))))),
    "midseason_resume_rule": ("NOT_ALLOWED", resumed),
    "provisional_price_flag": ("true", settled_later),
    "discount_windows": ("[{from: 08-01, to: 08-31, pct: 2}]", terms),
    "discount_requires_no_arrears": ("false", terms),
    "discount_requires_full_payment": ("false", terms),
    "discount_excludes_suspended": ("false", terms),
    "discount_classes": ("ALL", terms),
    "discount_channels": ("ONLINE", terms),
    "late_fee_kind": ("NONE", terms),
    "late_fee_one_off_pct": ("3", terms, ONE_OFF),
    "late_fee_daily_rate": ("2", terms),
    "late_fee_base": ("WHOLE_FEE", terms),
    "late_fee_grace_days": ("5", terms),
    "late_fee_count_pay_day": ("false", terms),
    "late_fee_cap_pct_of_principal": ("30", terms),
    "late_fee_stop_on_cut": ("false", terms),
    "late_fee_rounding": ("TRUNC", terms),
    "late_fee_waiver_modes": ("[PERCENT]", terms),
    "waiver_expiry_days": ("30", terms),
    "dunning_notice_days_before_cut": ("30", values(noticed(TWO_NOTICES))),
    "dunning_min_notices": ("3", values(noticed(TWO_NOTICES))),
    "suspend_deadline": ("09-01", suspended(today=IN_TIME)),
    "suspend_fee_pct": ("20", fee(Home("residential", 8963, suspended=True))),
    "suspend_renewal": ("YEARLY", suspended(today=IN_TIME)),
    "suspend_forbidden_when": ("none", suspended(today=IN_TIME, warranty_until=date(2026, 6, 1))),
    "suspend_answer_days": ("5 working", due(SUSPENSION_ANSWER)),
    "suspend_pay_within_days": ("3", due(SUSPENSION_PAYMENT)),
    "late_suspend_rule": ("ACCEPT_WITH_PENALTY", suspended(today=TOO_LATE)),
    "late_suspend_penalty_pct": ("10", suspended(today=TOO_LATE), LATE),
    "cut_for_arrears_loss_pct": ("30", fee(Home("residential", 8963, use=PartialUse(cut_days=44)))),
    "room_standard": ("20.0", refunded(nearly_warm), {"refund_bands": "[{lower_incl: 16.0, pct: 30}]"}),
    "refund_bands": ("[{upper_excl: 20.0, pct: 10}]", refunded(cold)),
    "refund_day_rule": ("MONTH_AVERAGE_OF_3", refunded(cold_twice)),
    "refund_base": ("FEE_MINUS_BASIC", refunded(cold)),
    "refund_official_multiplier": ("2", refunded(measured_by_others)),
    "outage_threshold_hours": ("48", refunded(outage(31))),
    "outage_day_rounding": ("HOURS", refunded(outage(31))),
    "outage_multiplier": ("2", refunded(outage(31))),
    "refund_due_days_after_season": ("107", due_back),
    "refund_after_season_started": ("true", choice_in_season),
    "refund_approval_limits": ("[{up_to: 500, role: supervisor}, {role: finance}]", values(approval_limits)),
    "measure_within_hours": ("24", values(came_after_12_hours)),
    "measure_forbidden_hours": ("none", values(measured_at_noon)),
    "relief_schemes": (
        "[{kind: low_income, pct: 60, cap_m2: 50, mechanism: SPLIT_BILL}]",
        values(relieved("low_income")),
    ),
    "relief_requires_owner_match": ("false", values(others_proof)),
    "differential_subsidy_per_m2": ("2.70", values(relieved("differential_subsidy"))),
    "employer_share_pct": ("50", values(relieved("employer"))),
    "employer_cap_m2": ("120", values(relieved("employer"))),
    "cashier_reverse_window": ("SAME_DAY", told_to_all),
    "payment_closed_period": ("[{from: 12-01, to: 12-31}]", told_to_all),
    "in_transit_blocks_other_channels": ("false", told_to_all),
    "in_transit_freeze_late_fee": ("false", told_to_all),
    "batch_timeout_days": ("5", told_to_all),
    "bank_only_autopost": ("MANUAL", told_to_all),
    "survey_days": ("7", due(SURVEY)),
    "notice_days": ("3", due(NOTICE)),
    "contract_pay_days": ("30", due(CONTRACT_PAYMENT)),
    "occupancy_gate_pct": ("60", values(let_in)),
}
"""Parameter → another value, what is looked at, and other parameters that must be so for it to matter."""

ELSEWHERE = {
    "connection_fee_enabled": "services/accounts/domain/connection_charge.py",
    "suspend_requires_no_debt": "services/accounts/use_cases",
    "refund_scope": "services/accounts/use_cases",
    "refund_route": "services/accounts/queries/refund_rules.py",
    "allocation_within_season": "services/accounts/domain/payment_terms.py",
    "partial_payment_allowed": "services/accounts/domain/payment_terms.py",
    "cash_precision": "services/accounts/domain/payment_terms.py",
    "noncash_precision": "services/accounts/domain/payment_terms.py",
}
"""Parameters whose effect is a verb's, or a payment's: scenarios and tests of the routes show it."""


def changed(parameter: str, value: str, needed: dict[str, str]) -> tuple[Policy, Policy]:
    """The policy without and with the value; what it needs holds in both."""

    def of(settings: dict[str, str]) -> Policy:
        return pack("\n".join(f"{name}: {{value: {text}, document: A}}" for name, text in settings.items()) or "{}")

    return of(needed), of({**needed, parameter: value})


@pytest.mark.parametrize(
    ("rule", "probe"), [("MIN_CONTINUOUS_48H", refunded(cold_twice)), ("FROM_REQUEST_TO_FIX", values(from_request))]
)
def test_each_rule_of_days_matters(rule: str, probe: Probe) -> None:
    without, with_it = changed("refund_day_rule", rule, {})
    assert probe(without) != probe(with_it)


@pytest.mark.parametrize("parameter", list(MATTERS))
def test_the_parameter_matters(parameter: str) -> None:
    value, probe, *needed = MATTERS[parameter]
    without, with_it = changed(parameter, value, needed[0] if needed else {})
    assert probe(without) != probe(with_it)


def _has_one_choice(parameter: str) -> bool:
    kind = PARAMETERS[parameter].kind
    return isinstance(kind, (Word, Words)) and len(kind.choices) == 1


def test_every_parameter_that_is_obeyed_has_its_example() -> None:
    """One with a single possible value changes nothing by nature; one that nobody follows is on the honest list."""
    fixed = {name for name in PARAMETERS if _has_one_choice(name)}
    assert set(PARAMETERS) - set(MATTERS) - set(ELSEWHERE) - fixed - NOT_YET_OBEYED == set()


_WITHOUT_A_STORY = """
    differential_subsidy_per_m2 relief_requires_owner_match connection_fee_enabled
"""
WITHOUT_A_STORY = frozenset(_WITHOUT_A_STORY.split())
"""Parameters that no scenario of ours sets so far: the list only grows shorter."""


def test_every_parameter_that_is_obeyed_has_a_story_that_sets_it() -> None:
    stories = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "scenarios").glob("*.scenario")]
    told = {name for story in stories for name in re.findall(r"^set (\S+)", story, re.MULTILINE)}
    fixed = {name for name in PARAMETERS if _has_one_choice(name)}
    assert set(PARAMETERS) - told - fixed - NOT_YET_OBEYED <= WITHOUT_A_STORY


@pytest.mark.parametrize(("parameter", "place"), ELSEWHERE.items())
def test_what_is_followed_elsewhere_is_asked_there(parameter: str, place: str) -> None:
    where = ROOT / place
    files = [where] if where.is_file() else sorted(where.rglob("*.py"))
    assert any(re.search(rf"\.{parameter}\b", file.read_text(encoding="utf-8")) for file in files)


@pytest.mark.parametrize("parameter", sorted(NOT_YET_OBEYED))
def test_no_verb_asks_for_what_is_said_to_be_followed_by_nothing(parameter: str) -> None:
    """The list is honest in both directions: a verb that asks for a parameter takes it off the list."""
    asking = [
        file.name
        for folder in ("use_cases", "api", "queries")
        for file in (ROOT / "services" / "accounts" / folder).rglob("*.py")
        if re.search(rf"\.{parameter}\b", file.read_text(encoding="utf-8"))
    ]
    assert asking == []

"""What a home is charged for a season."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, PriceClassUnknown, dm2, mm, rate
from services.accounts.domain.season_dates import HeatingSeason, declared_season, season_of
from services.accounts.domain.tariff import tariffs
from services.accounts.policies import load_policy
from shared.kernel.rates import half_up

DEFAULT = load_policy("default")
SEASON = season_of(DEFAULT, 2025)
TARIFFS = tariffs(DEFAULT, SEASON)

AREAS = st.integers(1, 1_000_000)


def home(price_class: str = "residential", area: str = "89.63", **more: str) -> Home:
    """Areas in m², height in m, as a clerk writes them."""
    return Home(
        price_class,
        dm2(Decimal(area)),
        inner_area_dm2=dm2(Decimal(more["inner"])) if "inner" in more else None,
        usable_area_dm2=dm2(Decimal(more["usable"])) if "usable" in more else None,
        storey_height_mm=mm(Decimal(more["height"])) if "height" in more else None,
        connected_on=date.fromisoformat(more["connected"]) if "connected" in more else None,
        suspended="suspended" in more,
    )


def fen(charged: Home, changes: dict[str, str] | None = None, season: HeatingSeason | None = None) -> int:
    policy = DEFAULT.with_changes(changes or {})
    return rate(charged, tariffs(policy, season or season_of(policy, 2025))).amount_fen


def declared(changes: dict[str, str], start: str, end: str, **prices: str) -> HeatingSeason:
    return declared_season(
        DEFAULT.with_changes(changes),
        season=date.fromisoformat(start).year,
        start_on=date.fromisoformat(start),
        end_on=date.fromisoformat(end),
        prices=prices,
    )


def test_a1_a_home_pays_area_times_price() -> None:
    assert fen(home()) == 2330_38


def test_a2_each_step_begun_adds_its_percentage() -> None:
    assert fen(home("nonresidential", "120.50", height="4.30")) == 5012_80
    assert fen(home("nonresidential", "120.50", height="3.50")) == 3856_00
    assert fen(home("residential", "120.50", height="4.30")) == 3133_00


CHANGCHUN = {
    "price_nonresidential": "31.00",
    "height_threshold": "3.00",
    "height_pct_per_step": "5",
    "height_partial_step": "FLOOR",
}


@pytest.mark.parametrize(
    ("height", "amount"), [("4.00", 7130_00), ("6.00", 9300_00), ("7.50", 9300_00), ("2.70", 6200_00)]
)
def test_a3_full_steps_count_up_to_the_cap(height: str, amount: int) -> None:
    assert fen(home("nonresidential", "200.00", height=height), CHANGCHUN) == amount


def test_a3_steps_begun_are_one_more() -> None:
    begun = {**CHANGCHUN, "height_partial_step": "CEIL"}
    assert fen(home("nonresidential", "200.00", height="4.00"), begun) == 7440_00


def test_a_height_exactly_on_a_step_has_begun_no_other() -> None:
    begun = {**CHANGCHUN, "height_partial_step": "CEIL"}
    assert fen(home("nonresidential", "200.00", height="3.90"), begun) == 7130_00
    assert fen(home("nonresidential", "200.00", height="3.901"), begun) == 7440_00


def test_without_a_cap_steps_go_on() -> None:
    assert fen(home("nonresidential", "200.00", height="7.50"), {**CHANGCHUN, "height_cap_pct": "none"}) == 10850_00


def test_a4_a_ratio_of_heights_on_a_monthly_price() -> None:
    changes = {
        "price_basis": "PER_MONTH",
        "price_nonresidential": "7.27",
        "height_rule_kind": "RATIO",
        "height_threshold": "3.00",
    }
    season = declared(changes, "2025-11-15", "2026-03-15")
    assert fen(home("nonresidential", "150.00", height="3.60"), changes, season) == 5234_40
    assert fen(home("nonresidential", "150.00", height="2.80"), changes, season) == 4362_00
    assert fen(home("nonresidential", "150.00", height="6.00"), changes, season) == 8724_00, "the cap is one of steps"


def test_a_multiplier_holds_above_the_threshold_only() -> None:
    double = {"height_rule_kind": "MULTIPLIER", "height_threshold": "4.00"}
    assert fen(home("nonresidential", "100.00", height="4.00"), double) == 3200_00
    assert fen(home("nonresidential", "100.00", height="4.01"), double) == 6400_00


def test_a5_a_monthly_price_on_the_usable_area() -> None:
    changes = {"price_basis": "PER_MONTH", "area_basis": "USABLE", "missing_area_fallback_factor": "100"}
    assert fen(home(area="95.20"), {**changes, "price_residential": "3.60"}) == 1713_60
    assert fen(home(area="93.30", usable="70.00"), {**changes, "price_residential": "4.80"}) == 1680_00


def test_a6_a_daily_price_on_the_inner_area() -> None:
    changes = {
        "price_basis": "PER_DAY",
        "price_residential": "0.19",
        "area_basis": "INNER",
        "season_start": "11-15",
        "season_end": "03-15",
        "season_boundary_mode": "END_EXCLUSIVE",
    }
    assert fen(home(area="98.60", inner="82.35"), changes) == 1877_58
    assert fen(home(area="100.00"), changes) == 2052_00


def test_a_missing_area_is_not_rounded_on_the_way() -> None:
    changes = {"price_basis": "PER_DAY", "price_residential": "0.185", "area_basis": "USABLE"}
    exact = Fraction(6001) * Fraction("0.92") * Fraction("0.185") * 151
    assert fen(home(area="60.01"), {**changes, "missing_area_fallback_factor": "92"}) == half_up(exact)


def test_a7_connected_within_the_season_pays_by_days() -> None:
    late = home(connected="2026-01-10")
    assert fen(late) == 1250_07
    assert fen(late, {"midseason_connect_rule": "FULL"}) == 2330_38


@pytest.mark.parametrize(
    ("connected", "amount"),
    [
        ("2025-10-31", 2330_38),
        ("2025-11-01", 2330_38),
        ("2025-11-02", 2314_95),
        ("2026-03-31", 15_43),
        ("2026-04-01", 0),
    ],
)
def test_the_day_of_connection_is_a_day_with_heat(connected: str, amount: int) -> None:
    assert fen(home(connected=connected)) == amount


def test_a_home_connected_after_the_season_pays_nothing_under_any_rule() -> None:
    assert fen(home(connected="2026-04-01"), {"midseason_connect_rule": "FULL"}) == 0


def test_a8_prices_that_change_within_the_season() -> None:
    usable = {"area_basis": "USABLE"}
    charged = home(area="128.00", usable="100.00")
    computed = declared(usable, "2005-11-16", "2006-04-05", segments="11-16:24.00 01-01:26.40")
    published = declared(usable, "2006-11-16", "2007-04-05", published="7.82 17.78")
    assert fen(charged, usable, computed) == 2561_70
    assert fen(charged, usable, published) == 2560_00


def test_a_price_of_the_season_replaces_the_policys() -> None:
    season = declared({}, "2025-11-01", "2026-03-31", price_residential="28.00", price_nonresidential="40.00")
    assert fen(home(), season=season) == 2509_64
    assert fen(home("garage", "20.00"), season=season) == 400_00


def test_a_suspended_home_keeps_its_share_of_the_rounded_fee() -> None:
    assert fen(home(suspended="yes")) == 699_11
    assert fen(home(suspended="yes"), {"suspend_fee_pct": "20"}) == 466_08


def test_days_and_share_together_are_rounded_once() -> None:
    assert fen(home(connected="2026-01-10", suspended="yes")) == half_up(Fraction(233038 * 81 * 3, 151 * 10))


def test_a_garage_pays_its_factor_of_the_non_residential_price_and_no_surcharge() -> None:
    assert fen(home("garage", "18.75", height="6.00")) == 300_00


@pytest.mark.parametrize(
    "price_class", ["school", "kindergarten", "nursing_home", "property_office", "community_office"]
)
def test_equivalents_pay_as_homes(price_class: str) -> None:
    assert fen(home(price_class, height="6.00")) == 2330_38


def test_the_policy_says_which_price_a_class_pays() -> None:
    table = ", ".join(f"{name}: RESIDENTIAL" for name in PRICE_CLASSES if name != "school")
    charged = home("school", "100.00", height="3.60")
    assert fen(charged, {"price_classes": f"{{{table}, school: NONRESIDENTIAL}}"}) == 3520_00


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(PriceClassUnknown):
        rate(home("hotel"), TARIFFS)


@given(AREAS)
def test_a_plain_fee_is_exact(area_dm2: int) -> None:
    assert rate(Home("residential", area_dm2), TARIFFS).amount_fen == area_dm2 * 26


@given(area_dm2=AREAS, price=st.decimals("0.0001", "9999.9999", places=4), height_mm=st.integers(2000, 12000))
def test_a_fee_is_the_exact_product_rounded_once(area_dm2: int, price: Decimal, height_mm: int) -> None:
    policy = DEFAULT.with_changes({"price_nonresidential": str(price)})
    charged = Home("nonresidential", area_dm2, storey_height_mm=height_mm)
    steps = max(-(-(height_mm - 3500) // 300), 0)
    exact = Fraction(area_dm2, 100) * Fraction(price) * (1 + Fraction(min(steps * 10, 50), 100)) * 100
    assert rate(charged, tariffs(policy, SEASON)).amount_fen == half_up(exact)


@given(smaller=AREAS, more=st.integers(0, 100_000), price_class=st.sampled_from(sorted(PRICE_CLASSES)))
def test_a_larger_home_never_pays_less(smaller: int, more: int, price_class: str) -> None:
    less = rate(Home(price_class, smaller, storey_height_mm=4100), TARIFFS)
    assert less.amount_fen <= rate(Home(price_class, smaller + more, storey_height_mm=4100), TARIFFS).amount_fen


@given(area_dm2=AREAS, day=st.integers(-40, 200))
def test_a_later_connection_never_costs_more(area_dm2: int, day: int) -> None:
    def charged(connected_on: date) -> int:
        return rate(Home("residential", area_dm2, connected_on=connected_on), TARIFFS).amount_fen

    connected_on = SEASON.start_on + timedelta(days=day)
    assert 0 <= charged(connected_on + timedelta(days=1)) <= charged(connected_on) <= area_dm2 * 26


@given(area_dm2=AREAS, pct=st.decimals("0", "100", places=2))
def test_a_suspended_home_never_pays_more_than_a_heated_one(area_dm2: int, pct: Decimal) -> None:
    kept = tariffs(DEFAULT.with_changes({"suspend_fee_pct": str(pct)}), SEASON)
    full = rate(Home("residential", area_dm2), kept).amount_fen
    suspended = rate(Home("residential", area_dm2, suspended=True), kept).amount_fen
    assert suspended == half_up(full * Fraction(pct) / 100)
    assert 0 <= suspended <= full


def test_measures_finer_than_their_unit_are_a_defect() -> None:
    assert (dm2(Decimal("89.6300")), mm(Decimal("2.8"))) == (8963, 2800)
    with pytest.raises(ValueError, match="finer"):
        dm2(Decimal("89.631"))

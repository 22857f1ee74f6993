"""Every amount can be worked out again from its derivation, and told in one sentence."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.explanation import explain
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, Rated, rate
from services.accounts.domain.season_dates import declared_season, season_of
from services.accounts.domain.tariff import tariffs
from services.accounts.policies import load_policy

DEFAULT = load_policy("default")

CITIES: list[dict[str, str]] = [
    {},
    {"area_basis": "USABLE", "missing_area_fallback_factor": "92.5", "midseason_connect_rule": "FULL"},
    {
        "price_basis": "PER_MONTH",
        "price_residential": "3.65",
        "height_rule_kind": "RATIO",
        "height_threshold": "3",
    },
    {"price_basis": "PER_DAY", "price_residential": "0.185", "height_rule_kind": "MULTIPLIER"},
    {
        "price_nonresidential": "43.30",
        "height_threshold": "3.2",
        "height_step": "0.1",
        "height_pct_per_step": "3",
    },
]
TARIFFS = [tariffs(policy, season_of(policy, 2027)) for policy in map(DEFAULT.with_changes, CITIES)]

homes = st.builds(
    Home,
    price_class=st.sampled_from(sorted(PRICE_CLASSES)),
    building_area_dm2=st.integers(1, 500_000),
    usable_area_dm2=st.none() | st.integers(1, 400_000),
    storey_height_mm=st.none() | st.integers(2000, 9000),
    connected_on=st.none() | st.dates(date(2027, 9, 1), date(2028, 5, 1)),
    suspended=st.booleans(),
)


def rated(home: Home, changes: dict[str, str] | None = None, **prices: str) -> Rated:
    policy = DEFAULT.with_changes(changes or {})
    season = declared_season(policy, season=2025, start_on=date(2025, 11, 1), end_on=date(2026, 3, 31), prices=prices)
    return rate(home, tariffs(policy, season))


@given(home=homes, city=st.integers(0, len(CITIES) - 1))
def test_a_derivation_that_went_through_a_database_gives_the_amount_again(home: Home, city: int) -> None:
    charged = rate(home, TARIFFS[city])
    stored: dict[str, Any] = json.loads(json.dumps(charged.derivation))
    assert recomputed_fen(stored) == charged.amount_fen
    assert explain(stored).endswith("。")


def test_a_derivation_that_was_tampered_with_gives_another_amount() -> None:
    charged = rated(Home("residential", 8963))
    charged.derivation["line"]["area_dm2"] = 8964
    assert recomputed_fen(charged.derivation) != charged.amount_fen


def test_a_derivation_names_policy_version_and_the_ground_of_each_value() -> None:
    tariff = rated(Home("residential", 8963)).derivation["tariff"]
    assert (tariff["policy"], tariff["version"]) == (DEFAULT.name, DEFAULT.version)
    assert tariff["parameters"]["price_residential"] == {
        "value": "26",
        "source": "Shenyang, as reported in 2021",
    }
    assert "price_nonresidential" not in tariff["parameters"]


def test_all_homes_of_a_tariff_share_its_facts() -> None:
    shared = TARIFFS[0]
    one, other = (rate(Home("residential", area), shared).derivation["tariff"] for area in (1, 2))
    assert one is other


@pytest.mark.parametrize(
    ("home", "changes", "prices", "told"),
    [
        (Home("residential", 8963), {}, {}, "居民热费：建筑面积89.63平方米×26.00元/平方米=2330.38元；"),
        (Home("garage", 1875), {}, {}, "车库热费：建筑面积18.75平方米×32.00元/平方米×50%=300.00元；"),
        (
            Home("nonresidential", 12050, storey_height_mm=4300),
            {},
            {},
            "×32.00元/平方米×(1+30%)=5012.80元（层高4.30米，超高3步，加价30%）",
        ),
        (
            Home("residential", 10000),
            {"area_basis": "INNER", "price_basis": "PER_DAY", "price_residential": "0.19"},
            {},
            "建筑面积100.00平方米×90%（无套内面积）×0.19元/平方米×151天=2582.10元",
        ),
        (
            Home("residential", 9520),
            {"price_basis": "PER_MONTH", "price_residential": "3.60"},
            {},
            "×3.60元/平方米×5个月=1713.60元",
        ),
        (
            Home("residential", 8963, connected_on=date(2026, 1, 10)),
            {},
            {},
            "2026-01-10接入，按81/151天计，应收1250.07元（四舍五入到分）",
        ),
        (
            Home("residential", 8963, connected_on=date(2026, 1, 10)),
            {"midseason_connect_rule": "FULL"},
            {},
            "2026-01-10接入，仍按全季计，应收2330.38元；",
        ),
        (
            Home("residential", 8963, suspended=True),
            {},
            {},
            "本季报停，按30%计，应收699.11元（四舍五入到分）",
        ),
        (
            Home("residential", 10000),
            {},
            {"segments": "11-01:24.00 01-01:26.40"},
            "×(24.00元×61天+26.40元×90天)÷151天=2543.05元（四舍五入到分）",
        ),
        (
            Home("residential", 10000),
            {},
            {"published": "7.82 17.78"},
            "×(7.82+17.78)元/平方米（各段公布价之和）=2560.00元",
        ),
    ],
)
def test_an_amount_is_told_in_one_sentence(
    home: Home, changes: dict[str, str], prices: dict[str, str], told: str
) -> None:
    sentence = explain(rated(home, changes, **prices).derivation)
    assert told in sentence
    assert sentence.startswith("2025-2026采暖期")
    assert sentence.count("。") == 1

"""The packs that come along: each can be read, every value has its ground, and each city's home pays what it should."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.area import COMPONENTS
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS
from services.accounts.domain.policy_remarks import not_followed, remarks
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, rate_by
from services.accounts.domain.season_dates import season_of
from services.accounts.domain.tariff import Tariff, tariff_of
from services.accounts.policies import REFERENCE, load_policy, policy_names

CITIES = ("shenyang", "harbin", "changchun", "beijing", "tianjin", "taiyuan", "xian", "zhengzhou")
DERIVATIONS = 100_000


def test_every_city_has_its_pack() -> None:
    assert set(policy_names()) == {REFERENCE, *CITIES}


def test_the_list_of_parameters_has_no_gap() -> None:
    """All 102 rows of the list are there; 0 marks what a rule needs besides."""
    assert sorted({parameter.number for parameter in PARAMETERS.values()}) == list(range(103))


@pytest.mark.parametrize("city", CITIES)
def test_every_value_says_why_it_is_so(city: str) -> None:
    policy = load_policy(city)
    for parameter, entries in policy.entries.items():
        for entry in entries:
            assert entry.ground[0] in ("document", "source", "assumption"), parameter
            assert entry.ground[1].strip(), parameter


@pytest.mark.parametrize("city", CITIES)
def test_a_document_is_a_number_that_the_city_issued(city: str) -> None:
    """Nobody writes a city's name or a year where a legal document is claimed."""
    number = re.compile(r"[\u4e00-\u9fff]+〔20\d\d〕\d+|BF-\d{4}-\d{4}")
    for entries in load_policy(city).entries.values():
        for entry in entries:
            assert entry.ground[0] != "document" or number.match(entry.ground[1])


def of(city: str, price_class: str, area_dm2: int, *, season: int = 2025, zone: str = "", **known: Any) -> int:
    policy = load_policy(city)
    scope = Scope(zone, price_class if price_class in {s.price_class for s in policy.scopes()} else "")
    tariff = tariff_of(policy, season_of(policy, season), scope._replace(price_class=price_class))
    rated = rate_by(tariff, Home(price_class, area_dm2, **known))
    assert recomputed_fen(rated.derivation) == rated.amount_fen
    return rated.amount_fen


def test_what_homes_of_the_cities_pay() -> None:
    assert of("shenyang", "residential", 8963) == 2330_38
    assert of("shenyang", "garage", 2000) == 320_00
    assert of("shenyang", "nonresidential", 12050, storey_height_mm=4300) == 5012_80
    assert of("harbin", "residential", 10500, usable_area_dm2=8000) == 3065_60
    assert of("harbin", "residential", 8000) == 2299_20
    assert of("harbin", "garage", 2000, usable_area_dm2=2000) == 766_40
    assert of("harbin", "nonresidential", 10000, usable_area_dm2=10000, storey_height_mm=3540) == 4719_70
    assert of("changchun", "residential", 8963) == 2420_01
    assert of("changchun", "nonresidential", 20000, storey_height_mm=4000) == 7130_00
    assert of("changchun", "nonresidential", 20000, storey_height_mm=7000) == 9300_00
    assert of("beijing", "residential", 9250) == 2220_00
    assert of("beijing", "residential", 9250, zone="outer_boiler") == 2775_00
    assert of("beijing", "nonresidential", 10000) == 4500_00
    assert of("beijing", "nonresidential", 10000, zone="outer_network", storey_height_mm=4500) == 8600_00
    assert of("tianjin", "residential", 11000, certified_area_dm2=10000) == 2500_00
    assert of("taiyuan", "residential", 9520) == 1713_60
    assert of("taiyuan", "nonresidential", 10000) == 3750_00
    assert of("xian", "nonresidential", 15000, storey_height_mm=3600) == 5760_00
    assert of("zhengzhou", "residential", 10000, inner_area_dm2=8235) == 1877_58
    assert of("zhengzhou", "residential", 10000) == 2052_00
    assert of("zhengzhou", "nonresidential", 10000, inner_area_dm2=8000) == 3360_00


@pytest.mark.parametrize(
    ("city", "season", "days"),
    [
        ("shenyang", 2025, 151), ("shenyang", 2027, 152), ("harbin", 2025, 183), ("changchun", 2025, 169),
        ("changchun", 2027, 170), ("beijing", 2025, 121), ("tianjin", 2025, 121), ("taiyuan", 2025, 151),
        ("xian", 2025, 121), ("zhengzhou", 2025, 120), ("zhengzhou", 2027, 121),
    ],
)  # fmt: skip
def test_the_seasons_of_the_cities_have_their_days(city: str, season: int, days: int) -> None:
    assert season_of(load_policy(city), season).day_count == days


def test_what_a_pack_states_and_nobody_follows_is_told() -> None:
    reference = load_policy(REFERENCE)
    assert not_followed(reference, reference) == []
    for city in CITIES:
        policy = load_policy(city)
        unfollowed = not_followed(policy, reference)
        assert set(unfollowed) <= NOT_YET_OBEYED
        told = {remark.parameter for remark in remarks(policy, reference) if remark.code == "not_followed"}
        assert told == set(unfollowed)


def test_a_price_without_a_document_is_remarked_with_its_line() -> None:
    found = [r for r in remarks(load_policy("xian"), load_policy(REFERENCE)) if r.parameter == "price_residential"]
    assert [(remark.code, remark.text) for remark in found] == [
        ("no_document", "rests on an assumption, not on a document")
    ]
    assert not [
        r for r in remarks(load_policy("changchun"), load_policy(REFERENCE)) if r.parameter.startswith("price_")
    ]


def random_homes(seed: int) -> Iterator[Home]:
    """Homes of every kind, without end."""
    chance = random.Random(seed)
    classes, components = tuple(PRICE_CLASSES), COMPONENTS
    while True:
        building = chance.randint(500, 60_000)
        inner = building * 85 // 100 if chance.random() < 0.5 else None
        parts = chance.random() < 0.1
        yield Home(
            chance.choice(classes),
            building,
            inner_area_dm2=inner,
            usable_area_dm2=building * 75 // 100 if chance.random() < 0.5 else None,
            certified_area_dm2=building * 95 // 100 if chance.random() < 0.5 else None,
            storey_height_mm=chance.randint(2200, 6000) if chance.random() < 0.4 else None,
            connected_on=date.fromordinal(chance.randint(739_100, 739_360)) if chance.random() < 0.2 else None,
            suspended=chance.random() < 0.2,
            components=tuple((chance.choice(components), chance.randint(100, 20_000)) for _ in range(3))
            if parts
            else (),
            metered=chance.random() < 0.1,
        )


def test_a_hundred_thousand_bills_are_worked_out_again_from_their_derivations() -> None:
    tariffs: list[dict[str, Tariff]] = []
    for name in policy_names():
        policy = load_policy(name)
        for zone in {scope.zone for scope in policy.scopes()}:
            season = season_of(policy, 2024)
            tariffs.append({c: tariff_of(policy, season, Scope(zone, c)) for c in PRICE_CLASSES})
    seen = set()
    for number, home in zip(range(DERIVATIONS), random_homes(2024), strict=False):
        rated = rate_by(tariffs[number % len(tariffs)][home.price_class], home)
        assert recomputed_fen(rated.derivation) == rated.amount_fen
        seen.add(rated.derivation["line"]["rule"])
    assert seen == {"season_fee", "part_of_season_fee"}

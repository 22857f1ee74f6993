"""The area that a home pays for, from its parts or as it was measured."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.area import COMPONENTS, COMPONENTS_NAMED
from services.accounts.domain.chargeable_area import ComponentUnknown
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.explanation import explain
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.rating import Home, Rated, rate_by
from services.accounts.domain.season_dates import season_of
from services.accounts.domain.tariff import tariff_of
from tests.accounts.policy_packs import pack


def rated(home: Home, parameters: str = "{}") -> Rated:
    policy = pack(parameters)
    return rate_by(tariff_of(policy, season_of(policy, 2025), Scope(price_class="residential")), home)


def area_of(*components: tuple[str, int], parameters: str = "{}") -> int:
    area: int = rated(Home("residential", 99999, components=components), parameters).derivation["line"]["area_dm2"]
    return area


@pytest.mark.parametrize(
    ("component", "area_dm2"),
    [
        ("balcony", 1000), ("open_balcony", 500), ("attic_heated", 1000), ("attic_unheated", 500), ("attic_low", 0),
        ("basement", 1000), ("shared_heated", 1000), ("shared_piped", 300), ("shared_unpiped", 0),
    ],
)  # fmt: skip
def test_each_part_counts_with_its_coefficient(component: str, area_dm2: int) -> None:
    assert area_of(("main", 8000), (component, 1000)) == 8000 + area_dm2


def test_an_unheated_kitchen_makes_the_whole_home_cheaper() -> None:
    assert area_of(("main", 8000), ("kitchen_unheated", 600), ("balcony", 400)) == 8100


def test_coefficients_are_the_policys() -> None:
    table = ", ".join(f"{name}: 0.7" for name in COMPONENTS)
    parameters = f"area_component_coefficients: {{value: {{{table}}}, document: A}}"
    assert area_of(("main", 8000), ("open_balcony", 1000), parameters=parameters) == 6300


@pytest.mark.parametrize(("decimals", "area_dm2"), [(2, 8963), (1, 8960), (0, 9000)])
def test_a_measured_area_is_rounded_to_the_decimals_of_the_policy(decimals: int, area_dm2: int) -> None:
    found = rated(Home("residential", 8963), f"area_precision: {{value: {decimals}, document: A}}")
    assert found.amount_fen == recomputed_fen(found.derivation) == area_dm2 * 26


def test_the_sum_of_the_parts_is_rounded_once() -> None:
    parts = (("open_balcony", 101), ("open_balcony", 101), ("open_balcony", 101))
    assert area_of(*parts) == 152


def test_an_area_that_is_not_known_is_not_rounded_on_the_way() -> None:
    parameters = "area_basis: {value: USABLE, document: A}\narea_precision: {value: 0, document: A}"
    assert rated(Home("residential", 8963), parameters).amount_fen == 209_734


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ComponentUnknown):
        area_of(("sauna", 100))


def test_the_parts_are_told() -> None:
    found = rated(Home("residential", 9000, components=(("main", 8000), ("open_balcony", 470))))
    assert "收费面积82.35平方米（主体80.00+开放阳台4.70×0.5）×26.00元/平方米=2141.10元" in explain(found.derivation)


@given(st.lists(st.tuples(st.sampled_from(COMPONENTS), st.integers(0, 20_000)), min_size=1, max_size=6))
def test_a_fee_by_parts_is_worked_out_again(components: list[tuple[str, int]]) -> None:
    found = rated(Home("residential", 1, components=tuple(components)))
    stored = json.loads(json.dumps(found.derivation))
    assert recomputed_fen(stored) == found.amount_fen
    assert 0 <= found.amount_fen <= sum(area for _, area in components) * 26 + 26
    assert all(COMPONENTS_NAMED[component] in explain(stored) for component, _ in components)

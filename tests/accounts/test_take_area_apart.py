"""Balconies, attics and kitchens: a home's area is taken apart, and its season follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.accounts.domain.area import COMPONENTS
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk


def apart(account_no: str, *parts: tuple[str, str]) -> dict[str, Any]:
    return {
        "homes": [{"account_no": account_no, "components": [{"component": name, "area": area} for name, area in parts]}]
    }


def test_the_season_follows_the_parts(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    (done,) = desk.do("area-components", **apart(home, ("main", "80.00"), ("open_balcony", "20.00")))
    assert [(c["amount"], c["billed"]) for c in done["corrections"]] == [("-260.00", "2340.00")]
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert "收费面积90.00平方米（主体80.00+开放阳台20.00×0.5）" in only["explanation"]


def test_a_home_that_is_not_billed_yet_is_billed_by_its_parts(desk: Desk) -> None:
    home = desk.home(building_area="100.00")
    desk.do("area-components", **apart(home, ("main", "80.00"), ("attic_unheated", "20.00")))
    bill(desk, home)
    assert desk.billed(home) == ["2340.00"]


def test_coefficients_are_those_of_the_policy(desk: Desk, policy: Callable[..., None]) -> None:
    table = ", ".join(f"{name}: {'0.25' if name == 'open_balcony' else '1'}" for name in COMPONENTS)
    policy(area_component_coefficients=f"{{{table}}}")
    home = desk.billed_home(building_area="100.00")
    desk.do("area-components", **apart(home, ("main", "80.00"), ("open_balcony", "20.00")))
    assert desk.billed(home) == ["2210.00"]


def test_new_parts_take_the_place_of_old_ones_and_none_brings_the_measured_area_back(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.do("area-components", **apart(home, ("main", "50.00")))
    desk.do("area-components", **apart(home, ("main", "60.00")))
    assert desk.billed(home) == ["1560.00"]
    desk.do("area-components", **apart(home))
    assert desk.billed(home) == ["2600.00"]


def test_a_preview_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    before = desk.content()
    (would,) = desk.do("area-components", preview=True, **apart(home, ("main", "80.00")))
    assert [c["amount"] for c in would["corrections"]] == ["-520.00"]
    assert desk.content() == before


@pytest.mark.parametrize("part", [("sauna", "5.00"), ("main", "0"), ("main", "-1"), ("main", "1.005")])
def test_parts_that_cannot_be_are_refused(desk: Desk, part: tuple[str, str]) -> None:
    assert desk.refused("area-components", **apart(desk.home(), part)) == "invalid_input"


def test_an_unknown_account_is_refused(desk: Desk) -> None:
    assert desk.refused("area-components", **apart("0000000000", ("main", "80.00"))) == "unknown_account"


def test_a_clerk_alone_takes_nothing_apart(desk: Desk) -> None:
    body = {**apart(desk.home(), ("main", "80.00")), "reason": "x"}
    assert desk.post("/accounts/area-components", body, roles=["clerk"])[0] == 403

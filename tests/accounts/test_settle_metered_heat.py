"""The heat of the season was read: homes pay by it, once, in both directions as the policy says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

Policy = Callable[..., None]
TIANJIN = {"price_residential": "25.00", "basic_share_pct": "30", "metered_price": "0.13/kWh"}


def heat(account_no: str, quantity: str, unit: str = "kWh", **more: str) -> dict[str, Any]:
    return {"readings": [{"account_no": account_no, "quantity": quantity, "unit": unit, **more}]}


def settled(desk: Desk, account_no: str, quantity: str, unit: str = "kWh", **more: str) -> list[str]:
    """What the season is billed after the settlement."""
    desk.do("metered-heat", **heat(account_no, quantity, unit, **more))
    return desk.billed(account_no)


@pytest.fixture
def home(desk: Desk, policy: Policy) -> str:
    """A home of 100 m² that was billed 2,500.00; it is June after the season."""
    policy(**TIANJIN)
    account_no = desk.billed_home(building_area="100.00")
    desk.set_day(date(2026, 6, 1))
    return account_no


def test_what_was_not_used_comes_back(desk: Desk, home: str) -> None:
    assert settled(desk, home, "8100") == ["1803.00"]
    assert amounts(desk.corrections(home)) == [(2025, -697_00, False, date(2026, 6, 1))]


def test_what_was_used_beyond_is_collected(desk: Desk, home: str) -> None:
    assert settled(desk, home, "14000") == ["2570.00"]
    assert amounts(desk.corrections(home)) == [(2025, 70_00, False, date(2026, 6, 1))]


def test_the_bill_tells_and_derives_the_settlement(desk: Desk, home: str) -> None:
    settled(desk, home, "8100")
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert only["derivation"]["line"]["rule"] == "metered"
    assert recomputed_fen(only["derivation"]) == 1803_00
    status, told = desk.get(f"/accounts/{home}/bills/{only['bill_no']}/explanation")
    assert (status, told["charge"], told["agrees"]) == (200, "1803.00", True)
    assert [step["rule"] for step in told["steps"]] == ["season_fee", "metered"]
    assert {line["parameter"] for line in told["parameters"]} >= {"metered_price", "basic_share_pct"}


def test_a_second_reading_takes_the_place_of_the_first(desk: Desk, home: str) -> None:
    settled(desk, home, "81000")
    assert settled(desk, home, "8100") == ["1803.00"]
    assert settled(desk, home, "8100.000") == ["1803.00"]
    assert len(desk.corrections(home)) == 2


def test_a_meter_that_did_not_move_leaves_the_basic_fee(desk: Desk, home: str) -> None:
    assert settled(desk, home, "0") == ["750.00"]


def test_a_preview_says_what_would_be_posted_and_posts_nothing(desk: Desk, home: str) -> None:
    before = desk.content()
    (would,) = desk.do("metered-heat", preview=True, **heat(home, "8100"))
    assert [correction["amount"] for correction in would["corrections"]] == ["-697.00"]
    assert desk.content() == before


def test_a_home_that_is_read_before_it_is_billed_is_billed_by_its_heat(desk: Desk, policy: Policy) -> None:
    policy(**TIANJIN)
    account_no = desk.home(building_area="100.00")
    assert desk.do("metered-heat", **heat(account_no, "8100"))[0]["corrections"] == []
    bill(desk, account_no)
    assert desk.billed(account_no) == ["1803.00"]


def test_another_area_after_the_settlement_changes_the_basic_fee_alone(desk: Desk, home: str) -> None:
    settled(desk, home, "8100")
    desk.do("areas", areas=[{"account_no": home, "building_area": "110.00"}])
    assert desk.billed(home) == ["1878.00"]


def test_a_home_that_was_metered_pays_the_next_season_as_the_policy_prepays(desk: Desk, policy: Policy) -> None:
    policy(**TIANJIN, metered_prepay="BASIC_ONLY")
    account_no = desk.billed_home(building_area="100.00")
    assert desk.billed(account_no) == ["2500.00"], "nobody knows of its meter yet"
    desk.set_day(date(2026, 6, 1))
    assert settled(desk, account_no, "8100") == ["1803.00"]
    desk.set_day(date(2026, 7, 2))
    bill(desk, account_no, season="2026-2027")
    assert desk.billed(account_no, "2026-2027") == ["750.00"]


def test_flats_are_corrected_where_the_policy_has_factors(desk: Desk, policy: Policy) -> None:
    policy(**TIANJIN, flat_correction_factor_enabled="true")
    account_no = desk.billed_home(building_area="100.00")
    assert settled(desk, account_no, "8100", correction_factor="0.9") == ["1697.70"]


def test_a_suspended_home_has_nothing_to_settle(desk: Desk, policy: Policy) -> None:
    policy(**TIANJIN, suspend_deadline="10-31")
    account_no = desk.billed_home(building_area="100.00")
    desk.do("suspensions", suspensions=[{"account_no": account_no, "season": "2025-2026"}])
    assert desk.refused("metered-heat", **heat(account_no, "8100")) == "not_supplied"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"quantity": "-1"}, "invalid_input"),
        ({"quantity": "1e3"}, "invalid_input"),
        ({"quantity": 8100}, "invalid_input"),
        ({"quantity": "99999999"}, "metered_heat_invalid"),
        ({"unit": "MWh"}, "invalid_input"),
        ({"correction_factor": "0.9"}, "metered_heat_invalid"),
        ({"account_no": "0000000000"}, "unknown_account"),
    ],
)
def test_readings_that_cannot_be_are_refused(desk: Desk, home: str, asked: dict[str, Any], code: str) -> None:
    reading = {**heat(home, "8100")["readings"][0], **asked}
    assert desk.refused("metered-heat", readings=[reading]) == code


def test_an_account_twice_and_an_empty_list_are_refused(desk: Desk, home: str) -> None:
    twice = heat(home, "8100")["readings"] * 2
    assert desk.refused("metered-heat", readings=twice) == "invalid_input"
    assert desk.refused("metered-heat", readings=[]) == "invalid_input"

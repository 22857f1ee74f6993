"""Heat in a home that nobody knew: it becomes known, stays without a right to heat, and pays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from shared.messages.accounts import AccountsOpened, BillsIssued
from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk

Policy = Callable[..., None]


@pytest.fixture(autouse=True)
def _in_winter(desk: Desk) -> None:
    desk.set_day(date(2026, 1, 10))


def found(desk: Desk, **given: Any) -> dict[str, Any]:
    (done,) = desk.do("unknown-homes", homes=[a_home(next(NUMBERS), **given)])
    return done


def test_it_gets_an_account_that_is_not_connected_and_a_bill_that_says_why(desk: Desk) -> None:
    done = found(desk)
    home = done["account_no"]
    assert (done["charged"], desk.state(home)) == ("2330.38", "not_connected")
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert "擅自用热" in only["explanation"]
    assert recomputed_fen(only["derivation"]) == 233038
    told = [
        event
        for event in desk.events()
        if any(getattr(item, "account_no", "") == home for item in getattr(event, "items", ()))
    ]
    assert [type(event) for event in told] == [AccountsOpened, BillsIssued]


def test_found_again_it_is_an_account_like_any_other(desk: Desk, policy: Policy) -> None:
    policy(illegal_use_rule="DAYS")
    (done,) = desk.do("unknown-homes", homes=[a_home(next(NUMBERS), building_area="100.00")], used_since="2026-01-01")
    assert done["charged"] == f"{round(260000 * 10 / 151) / 100:.2f}"
    desk.set_day(date(2026, 1, 20))
    desk.do("inspections", accounts=[done["account_no"]], used_since="2026-01-05")
    assert desk.billed(done["account_no"]) == [f"{round(260000 * 20 / 151) / 100:.2f}"]


def test_a_preview_opens_nothing(desk: Desk) -> None:
    home, before = a_home(next(NUMBERS)), desk.content()
    (seen,) = desk.do("unknown-homes", preview=True, homes=[home])
    assert (seen["account_no"], seen["charged"]) == (None, "2330.38")
    assert desk.content() == before


def test_a_home_that_is_known_is_inspected_instead(desk: Desk) -> None:
    home = a_home(next(NUMBERS))
    desk.do("unknown-homes", homes=[home])
    assert desk.refused("unknown-homes", homes=[home]) == "flat_taken"
    assert desk.refused("unknown-homes", homes=[a_home(next(NUMBERS)), home]) == "flat_taken"


def test_before_the_season_nothing_is_found(desk: Desk) -> None:
    desk.set_day(date(2025, 10, 20))
    assert desk.refused("unknown-homes", homes=[a_home(next(NUMBERS))]) == "season_not_begun"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"homes": []}, "invalid_input"),
        ({"homes": None}, "invalid_input"),
        ({"homes": [{"name": "王秀英"}]}, "invalid_input"),
        ({"homes": [a_home(1, connected_on="2026-01-01")]}, "invalid_input"),
        ({"homes": [a_home(1, price_class="palace")]}, "invalid_input"),
        ({"homes": [a_home(1, inner_area="99.00")]}, "area_order"),
        ({"homes": [a_home(1)] * 1001}, "invalid_input"),
        ({"finding": "smell"}, "invalid_input"),
        ({"used_since": "2026-01-11"}, "invalid_input"),
        ({"seal": "7"}, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, words: dict[str, Any], code: str) -> None:
    assert desk.refused("unknown-homes", **{"homes": [a_home(next(NUMBERS))], **words}) == code


def test_a_clerk_charges_nobody(desk: Desk) -> None:
    body = {"homes": [a_home(next(NUMBERS))], "reason": "x"}
    assert desk.post("/accounts/unknown-homes", body, roles=["clerk"])[0] == 403

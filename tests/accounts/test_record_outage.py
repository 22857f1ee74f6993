"""An interruption is credited to accounts that are named, or to all supplied homes of a building or a station."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.conftest import AccountsService, a_home


@pytest.fixture
def street(service: AccountsService) -> AccountsService:
    """Three homes in building 3 and one in building 4, billed; a fifth is not billed. The day is 2026-01-10."""
    homes = [a_home(1), a_home(2), a_home(3), a_home(4, building="4")]
    numbers = service.post("/accounts", {"accounts": homes}, roles=["clerk"])[1]["account_nos"]
    service.post("/billing-runs", {"season": "2025-2026", "accounts": numbers})
    service.post("/accounts", {"accounts": [a_home(5)]}, roles=["clerk"])
    service.set_day(date.fromisoformat("2026-01-10"))
    return service


def out(service: AccountsService, **asked: Any) -> tuple[int, Any]:
    return service.post("/accounts/outages", {"hours": "31", "reason": "一次网抢修", **asked}, roles=["clerk"])


def test_a_building_is_credited_in_one_go_and_a_home_without_a_bill_is_passed_over(street: AccountsService) -> None:
    status, answer = out(street, place={"compound": "幸福小区", "building": "3"})
    assert (status, [home["refund"] for home in answer["accounts"]]) == (201, ["30.87", "30.87", "30.87"])
    assert answer["next"] is None
    assert len(street.events()[-1].items) == 3


def test_a_locked_home_of_a_place_is_told_and_the_others_are_credited(street: AccountsService) -> None:
    home = street.get("/accounts?compound=幸福小区&building=4")[1]["items"][0]["account_no"]
    assert street.post("/accounts/locks", {"accounts": [home], "kind": "data_correction", "reason": "更正"})[0] == 201
    _, answer = out(street, place={"compound": "幸福小区"})
    assert (len(answer["accounts"]), answer["locked"]) == (3, [home])
    assert out(street, accounts=[home])[1]["code"] == "account_locked"


def test_the_same_interruption_told_again_adds_nothing(street: AccountsService) -> None:
    out(street, place={"compound": "幸福小区"})
    _, answer = out(street, place={"compound": "幸福小区"})
    assert {home["refund"] for home in answer["accounts"]} == {"0.00"}


def test_below_the_threshold_nothing_is_owed(street: AccountsService) -> None:
    assert out(street, hours="23.99", accounts=["9000000001"])[1]["accounts"][0]["refund"] == "0.00"
    assert street.rows("SELECT count(*) FROM entitlement_days") == [(0,)]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"accounts": ["9000000001"], "place": {"compound": "幸福小区"}},
        {"place": {}},
        {"place": {"building": "3"}},
        {"accounts": []},
        {"accounts": ["9000000001"], "hours": "-1"},
        {"accounts": ["9000000001"], "hours": "0"},
        {"accounts": ["9000000001"], "hours": 31},
        {"accounts": ["9000000001"], "hours": "1e3"},
    ],
)
def test_what_is_no_interruption_is_refused(street: AccountsService, asked: dict[str, Any]) -> None:
    before = street.content()
    status, answer = out(street, **asked)
    assert (status, answer["code"]) == (422, "invalid_input")
    assert street.content() == before


def test_an_account_that_is_named_must_have_been_supplied(street: AccountsService) -> None:
    status, answer = out(street, accounts=["9000000001", "9000000005"])
    assert (status, answer["code"], answer["facts"]["place"]) == (422, "not_billed", "accounts/1")
    assert street.rows("SELECT count(*) FROM entitlement_days") == [(0,)]

"""A season that began late or ended early gives its missing days back, once, to homes that should have had them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.conftest import AccountsService, a_home


@pytest.fixture
def billed(service: AccountsService) -> AccountsService:
    """Two homes, and one that was connected within the season; the day is 2026-04-01."""
    homes = [a_home(1), a_home(2), a_home(3, connected_on="2025-11-20")]
    service.set_day(date.fromisoformat("2025-11-25"))
    assert service.post("/accounts", {"accounts": homes}, roles=["clerk"])[0] == 201
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 3
    service.set_day(date.fromisoformat("2026-04-01"))
    return service


def supplied(service: AccountsService, first: str, last: str, **more: Any) -> tuple[int, Any]:
    body = {"season": "2025-2026", "supplied_from": first, "supplied_until": last, "reason": "延迟供热", **more}
    return service.post("/seasons/supplied", body)


def test_missing_days_are_credited_once(billed: AccountsService) -> None:
    status, answer = supplied(billed, "2025-11-04", "2026-03-31")
    assert (status, answer) == (201, {"homes": 2, "credited": "92.60", "charged": "0.00", "next": None, "locked": []})
    assert supplied(billed, "2025-11-04", "2026-03-31")[1]["homes"] == 0


def test_what_limits_are_compared_with_counts_every_payer(billed: AccountsService) -> None:
    employer = {"account_no": "9000000001", "kind": "employer", "payer": "TEXTILE", "share_pct": "100", "cap_m2": "200"}
    status, answer = billed.post("/accounts/reliefs", {"reliefs": [employer], "reason": "x"})
    assert status == 201, answer
    told = supplied(billed, "2025-11-04", "2026-03-31")[1]
    assert told == {"homes": 2, "credited": "92.60", "charged": "0.00", "next": None, "locked": []}


def test_a_locked_home_holds_nobody_else_back_and_is_credited_when_its_lock_is_off(billed: AccountsService) -> None:
    home = billed.get("/accounts")[1]["items"][0]["account_no"]
    assert billed.post("/accounts/locks", {"accounts": [home], "kind": "data_correction", "reason": "更正"})[0] == 201
    told = supplied(billed, "2025-11-04", "2026-03-31")[1]
    assert (told["homes"], told["locked"]) == (1, [home])
    assert (
        billed.post("/accounts/lock-releases", {"accounts": [home], "kind": "data_correction", "reason": "已更正"})[0]
        == 201
    )
    told = supplied(billed, "2025-11-04", "2026-03-31")[1]
    assert (told["homes"], told["locked"]) == (1, [])


def test_more_missing_days_add_the_difference(billed: AccountsService) -> None:
    supplied(billed, "2025-11-04", "2026-03-31")
    assert supplied(billed, "2025-11-04", "2026-03-30")[1] == {
        "homes": 2, "credited": "30.86", "charged": "0.00", "next": None, "locked": [],
    }  # fmt: skip


def test_a_whole_season_owes_nothing(billed: AccountsService) -> None:
    assert supplied(billed, "2025-10-20", "2026-04-10")[1]["homes"] == 0


def test_days_beyond_the_season_are_given_or_charged_as_the_policy_says(billed: AccountsService) -> None:
    assert supplied(billed, "2025-11-01", "2026-04-05")[1]["charged"] == "0.00"


@pytest.fixture
def charging(service: AccountsService) -> AccountsService:
    """The same three homes where extra days are charged; the day is 2026-04-10."""
    service.post("/policies", {"name": "default", "set": {"extension_pricing": "DAILY_CHARGE"}})
    homes = [a_home(1), a_home(2), a_home(3, connected_on="2025-11-20")]
    service.set_day(date.fromisoformat("2025-11-25"))
    assert service.post("/accounts", {"accounts": homes}, roles=["clerk"])[0] == 201
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 3
    service.set_day(date.fromisoformat("2026-04-10"))
    return service


def test_each_extra_day_costs_a_day_of_the_season_once(charging: AccountsService) -> None:
    status, answer = supplied(charging, "2025-11-01", "2026-04-05")
    assert (status, answer) == (201, {"homes": 2, "credited": "0.00", "charged": "154.32", "next": None, "locked": []})
    assert supplied(charging, "2025-11-01", "2026-04-05")[1]["homes"] == 0
    (only,) = charging.get("/accounts/9000000001/bills")[1]["bills"]
    assert only["amount"] == "2407.54"
    assert "延长供热，加计5/151天77.16元，应收2407.54元" in only["explanation"]
    assert recomputed_fen(only["derivation"]) == 2407_54


def test_fewer_extra_days_take_the_difference_back(charging: AccountsService) -> None:
    supplied(charging, "2025-11-01", "2026-04-05")
    assert supplied(charging, "2025-11-01", "2026-04-03")[1]["charged"] == "-61.72"
    (only,) = charging.get("/accounts/9000000001/bills")[1]["bills"]
    assert only["amount"] == "2376.68"


def test_an_area_corrected_afterwards_keeps_the_extra_days(charging: AccountsService) -> None:
    supplied(charging, "2025-11-01", "2026-04-05")
    body = {"areas": [{"account_no": "9000000001", "building_area": "100.00"}], "reason": "x"}
    assert charging.post("/accounts/areas", body)[0] == 201
    (only,) = charging.get("/accounts/9000000001/bills")[1]["bills"]
    assert only["amount"] == "2686.09"


def test_a_preview_writes_nothing(billed: AccountsService) -> None:
    before = billed.content()
    status, answer = supplied(billed, "2025-11-04", "2026-03-31", preview=True)
    assert (status, answer["credited"]) == (200, "92.60")
    assert billed.content() == before


def test_a_season_that_ends_before_it_begins_is_refused(billed: AccountsService) -> None:
    status, answer = supplied(billed, "2026-03-31", "2025-11-04")
    assert (status, answer["code"]) == (422, "invalid_input")


def test_a_clerk_alone_cannot_credit_a_city(billed: AccountsService) -> None:
    body = {"season": "2025-2026", "supplied_from": "2025-11-04", "supplied_until": "2026-03-31", "reason": "x"}
    assert billed.post("/seasons/supplied", body, roles=["clerk"])[0] == 403

"""Seasons whose dates or prices were decreed for themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.accounts.conftest import AccountsService, a_home

S25 = {"season": "2025-2026", "start_on": "2025-11-16", "end_on": "2026-03-20"}


def billed(service: AccountsService, **home: Any) -> str:
    service.post("/accounts", {"accounts": [a_home(building_area="100.00", **home)]})
    status, answer = service.post("/billing-runs", {"season": "2025-2026"})
    assert status == 201, answer
    return str(answer["amount"])


def test_a_declared_price_is_the_seasons(service: AccountsService) -> None:
    status, answer = service.post("/seasons", {**S25, "price_residential": "24.00"})
    assert (status, answer["day_count"]) == (201, 125)
    assert billed(service) == "2400.00"


def test_the_last_declaration_holds(service: AccountsService) -> None:
    service.post("/seasons", {**S25, "price_residential": "24.00"})
    service.post("/seasons", {**S25, "price_residential": "25.00"})
    assert billed(service) == "2500.00"


def test_prices_of_parts_of_the_season_are_added_as_published(service: AccountsService) -> None:
    service.post("/seasons", {**S25, "published": "7.82 17.78"})
    assert billed(service) == "2560.00"


def test_another_season_is_not_touched(service: AccountsService) -> None:
    service.post("/seasons", {"season": "2024-2025", "start_on": "2024-11-01", "end_on": "2025-03-31",
                              "price_residential": "1.00"})  # fmt: skip
    assert billed(service) == "2600.00"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**S25, "start_on": "2026-03-20", "end_on": "2025-11-16"}, 400, "season_invalid"),
        ({**S25, "start_on": "2023-11-16"}, 400, "season_invalid"),
        ({**S25, "end_on": "2026-02-30"}, 422, "invalid_input"),
        ({**S25, "price_residential": "0"}, 400, "season_invalid"),
        ({**S25, "price_residential": "24.00", "published": "7.82"}, 400, "season_invalid"),
        ({**S25, "segments": "12-01:24.00"}, 400, "season_invalid"),
        ({**S25, "price_garage": "1.00"}, 422, "invalid_input"),
    ],
)
def test_a_declaration_that_is_no_season_is_refused(
    service: AccountsService, body: dict[str, Any], status: int, code: str
) -> None:
    before = service.content()
    answered, answer = service.post("/seasons", body)
    assert (answered, answer["code"]) == (status, code)
    assert service.content() == before


def test_a_season_that_was_billed_no_longer_changes(service: AccountsService) -> None:
    billed(service)
    status, answer = service.post("/seasons", S25)
    assert (status, answer["code"]) == (409, "season_billed")


def test_a_preview_does_not_settle_the_season(service: AccountsService) -> None:
    service.post("/billing-runs", {"season": "2025-2026", "mode": "preview"})
    assert service.post("/seasons", S25)[0] == 201

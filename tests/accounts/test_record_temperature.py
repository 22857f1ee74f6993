"""Cold rooms are owed back once, never to a home that should have had no heat."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk

HOME = "9000000001"


@pytest.fixture
def billed(service: AccountsService) -> AccountsService:
    """One home of 89.63 m², billed 2330.38; the day is 2025-12-12."""
    assert service.post("/accounts", {"accounts": [a_home(1)]}, roles=["clerk"])[0] == 201
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 1
    service.set_day(date.fromisoformat("2025-12-12"))
    return service


def measured(service: AccountsService, *homes: dict[str, Any], **more: Any) -> tuple[int, Any]:
    body = {"measured": [{"account_no": HOME, **home} for home in homes], "reason": "入户测温", **more}
    return service.post("/accounts/temperatures", body, roles=["clerk"])


def test_a_measurement_credits_what_it_adds_and_the_others_are_told(billed: AccountsService) -> None:
    status, answer = measured(billed, {"days": 12, "celsius": "16.5"})
    assert (status, answer["accounts"][0]["refund"]) == (201, "55.56")
    note = billed.events()[-1]
    assert (note.NAME, note.items[0].kind, note.items[0].amount_fen) == ("BillsCorrected", "credit_note", -5556)
    status, answer = measured(billed, {"days": 12, "celsius": "16.5"})
    assert (status, answer["accounts"][0]) == (
        201, {"account_no": HOME, "refund": "0.00", "corrections": [], "measured_late": False}
    )  # fmt: skip


def test_a_preview_says_the_same_and_writes_nothing(billed: AccountsService) -> None:
    before = billed.content()
    status, answer = measured(billed, {"days": 12, "celsius": "16.5"}, preview=True)
    assert (status, answer["accounts"][0]["refund"]) == (200, "55.56")
    assert billed.content() == before


def test_every_day_keeps_the_fact_that_claimed_it(billed: AccountsService) -> None:
    measured(billed, {"days": 2, "celsius": "13.0", "official": True})
    rows = billed.rows(
        "SELECT day::text, cause, share_of, share_by, facts->>'official' FROM entitlement_days ORDER BY day"
    )
    assert rows == [("2025-12-11", "temperature", 1, 1, "true"), ("2025-12-12", "temperature", 1, 1, "true")]


@pytest.mark.parametrize(
    ("home", "place"),
    [
        ({"days": 0, "celsius": "16.5"}, "/measured/0/days"),
        ({"days": 12, "celsius": 16.5}, "/measured/0/celsius"),
        ({"days": 12, "celsius": "16.55"}, "/measured/0/celsius"),
        ({"days": 12, "celsius": "1e1"}, "/measured/0/celsius"),
        ({"days": 12, "celsius": "１６"}, "/measured/0/celsius"),
        ({"days": 12, "celsius": "99"}, "/measured/0/celsius"),
        ({"days": 12, "celsius": "16.5", "refund": "100.00"}, "/measured/0/refund"),
    ],
)
def test_what_cannot_be_a_measurement_is_refused_at_its_place(
    billed: AccountsService, home: dict[str, Any], place: str
) -> None:
    before = billed.content()
    status, answer = measured(billed, home)
    assert (status, answer["code"], answer["errors"][0]["place"]) == (422, "invalid_input", place)
    assert billed.content() == before


@pytest.mark.parametrize(
    ("home", "code"),
    [
        ({"days": 12}, "invalid_input"),
        ({"days": 60, "celsius": "13.0"}, "claim_outside_season"),
        ({"account_no": "9999999999", "days": 1, "celsius": "13.0"}, "unknown_account"),
    ],
)
def test_a_list_is_all_or_nothing(billed: AccountsService, home: dict[str, Any], code: str) -> None:
    before = billed.content()
    status, answer = measured(billed, home)
    assert (status // 100, answer["code"], answer["facts"]["place"].split("/")[0]) == (4, code, "measured")
    assert billed.content() == before


def test_a_suspended_home_has_no_claim(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 1))
    number = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": number, "season": "2025-2026"}])
    desk.set_day(date(2025, 12, 12))
    assert (
        desk.refused("temperatures", measured=[{"account_no": number, "days": 1, "celsius": "13.0"}]) == "not_supplied"
    )


def test_a_home_without_a_bill_is_refused_with_what_to_do(service: AccountsService) -> None:
    service.post("/accounts", {"accounts": [a_home(1)]}, roles=["clerk"])
    service.set_day(date.fromisoformat("2025-12-12"))
    status, answer = measured(service, {"days": 1, "celsius": "13.0"})
    assert (status, answer["code"]) == (422, "not_billed")


def test_a_second_measurement_of_the_same_home_in_one_list_is_refused(billed: AccountsService) -> None:
    one = {"days": 1, "celsius": "13.0"}
    status, answer = measured(billed, one, one)
    assert (status, answer["facts"]["place"]) == (400, "measured/1/account_no")


FORBIDDEN = {"days": 1, "celsius": "13.0", "measured_at": "2025-12-12T11:00"}


def test_a_measurement_at_a_forbidden_hour_is_refused_with_what_to_do(billed: AccountsService) -> None:
    before = billed.content()
    status, answer = measured(billed, FORBIDDEN)
    assert (status, answer["code"]) == (422, "measured_at_forbidden_hour")
    assert "Measure again" in answer["remedy"]
    assert billed.content() == before


def test_a_company_that_came_late_is_told_so_and_it_is_kept(billed: AccountsService) -> None:
    late = {"days": 1, "celsius": "13.0", "requested_at": "2025-12-11T08:00", "measured_at": "2025-12-12T08:00"}
    assert measured(billed, late)[1]["accounts"][0]["measured_late"] is True
    assert billed.rows("SELECT day::text, late, celsius::text FROM temperature_readings") == [
        ("2025-12-12", True, "13.0")
    ]


def test_the_last_day_is_that_of_the_measurement(billed: AccountsService) -> None:
    measured(billed, {"days": 2, "celsius": "13.0", "measured_at": "2025-12-10T08:00"})
    assert billed.rows("SELECT day::text FROM entitlement_days ORDER BY day") == [("2025-12-09",), ("2025-12-10",)]


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"measured_at": "2025-12-13T08:00"}, "invalid_input"),
        ({"measured_at": "2025-12-12T08:00", "requested_at": "2025-12-12T08:01"}, "invalid_input"),
        ({"measured_at": "2025-12-12 08:00"}, "invalid_input"),
        ({"measured_at": "2025-12-12T24:00"}, "invalid_input"),
        ({"measured_at": "2025-12-12T08:00:00+08:00"}, "invalid_input"),
        ({"requested_at": 20251212}, "invalid_input"),
        ({"requested_at": "0001-01-01T08:00"}, "invalid_input"),
    ],
)
def test_times_that_cannot_be_are_refused(billed: AccountsService, times: dict[str, Any], code: str) -> None:
    before = billed.content()
    assert measured(billed, {"days": 1, "celsius": "13.0", **times})[1]["code"] == code
    assert billed.content() == before


def test_three_measurements_of_a_month_are_put_together_over_three_visits(service: AccountsService) -> None:
    service.post(
        "/policies", {"name": "default", "set": {"refund_day_rule": "MONTH_AVERAGE_OF_3"}}, roles=["supervisor"]
    )
    service.post("/accounts", {"accounts": [a_home(1)]}, roles=["clerk"])
    service.post("/billing-runs", {"season": "2025-2026"})
    refunds = []
    for day in ("2026-01-05", "2026-01-12", "2026-01-20"):
        service.set_day(date.fromisoformat(day))
        refunds.append(measured(service, {"days": 1, "celsius": "16.5"})[1]["accounts"][0]["refund"])
    assert refunds == ["0.00", "0.00", "143.53"]  # 31 × 30 % × 2330.38 ÷ 151


def test_the_refund_after_a_sale_is_told_of_both_owners(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(date(2025, 12, 12))
    desk.do("transfers", transfers=[{"account_no": home, "name": "李明", "split": "days"}])
    (done,) = desk.do("temperatures", measured=[{"account_no": home, "days": 12, "celsius": "16.5"}])
    assert sum(float(each["amount"]) for each in done["corrections"]) == -float(done["refund"]) < 0

"""`account_on_day`: one question answers everything that is dated of an account, each by its own day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.policy_parameters import PARAMETERS
from tests.accounts.lifecycle_desk import Desk

Policy = Callable[..., None]


def on(desk: Desk, account_no: str, day: str) -> dict[str, Any]:
    status, answer = desk.get(f"/accounts/{account_no}/on/{day}")
    assert status == 200, answer
    return dict(answer)


def test_a_home_with_a_history_is_told_as_it_was(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(date(2025, 12, 1))
    desk.do("class-changes", changes=[{"account_no": home, "price_class": "nonresidential"}])
    desk.set_day(date(2026, 1, 1))
    desk.do("areas", areas=[{"account_no": home, "building_area": "110.00"}])
    desk.set_day(date(2026, 2, 1))
    desk.do("transfers", transfers=[{"account_no": home, "name": "李明"}])
    desk.set_day(date(2026, 3, 1))
    desk.do("locks", accounts=[home], kind="legal_dispute", reason="court")
    told = [
        (told["home"]["price_class"], told["home"]["building_area"], told["owner"]["name"], len(told["locks"]))
        for told in (
            on(desk, home, day) for day in ("2025-11-30", "2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01")
        )
    ]
    assert told == [
        ("residential", "100.00", "王秀英", 0),
        ("nonresidential", "100.00", "王秀英", 0),
        ("nonresidential", "110.00", "王秀英", 0),
        ("nonresidential", "110.00", "李明", 0),
        ("nonresidential", "110.00", "李明", 1),
    ]


def test_states_are_told_with_their_days(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026", "seasons": 1}])
    assert on(desk, home, "2025-09-19")["state"]["state"] == "active"
    suspended = on(desk, home, "2025-09-20")["state"]
    assert suspended == {"state": "suspended", "since": "2025-09-20", "until": "2026-04-01", "from_season": "2025-2026"}
    assert on(desk, home, "2026-04-01")["state"]["state"] == "active"


def test_what_was_billed_is_told_as_of_the_end_of_the_day(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(date(2026, 1, 1))
    desk.do("areas", areas=[{"account_no": home, "building_area": "100.00"}])
    assert on(desk, home, "2025-10-19")["billed"] == []
    assert on(desk, home, "2025-12-31")["billed"] == [{"payer": "self", "amount": "2330.38"}]
    assert on(desk, home, "2026-01-01")["billed"] == [{"payer": "self", "amount": "2600.00"}]


def test_the_policy_of_the_day_is_told_with_every_value_and_its_ground(desk: Desk, policy: Policy) -> None:
    home = desk.home()
    desk.set_day(date(2025, 12, 1))
    policy(price_residential="27.50")
    before, after = on(desk, home, "2025-11-30"), on(desk, home, "2025-12-01")
    assert [told["values"]["price_residential"]["value"] for told in (before, after)] == ["26", "27.5"]
    assert set(after["values"]) == set(PARAMETERS)
    assert after["season"]["season"] == "2025-2026"
    assert before["season"]["version"] != after["season"]["version"]
    assert "assumption" in after["values"]["price_residential"]


def test_relief_merger_and_findings_are_told_from_their_day_on(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.set_day(date(2025, 12, 1))
    status, answer = desk.post("/accounts/reliefs", {"reason": "x", "reliefs": [
        {"account_no": stays, "kind": "low_income", "payer": "finance", "share_pct": "50", "mechanism": "SPLIT_BILL"}]})  # fmt: skip
    assert status == 201, answer
    desk.set_day(date(2026, 1, 1))
    desk.do("mergers", mergers=[{"account_no": stays, "other_no": ends}])
    before, after = on(desk, stays, "2025-11-30"), on(desk, stays, "2026-01-01")
    assert (before["reliefs"], before["joins"]) == ([], [])
    assert after["reliefs"][0]["payer"] == "finance"
    assert after["joins"] == [{"kind": "merge", "account_no": stays, "other_no": ends, "on": "2026-01-01"}]
    assert on(desk, ends, "2026-01-01")["state"]["state"] == "disconnected"
    assert {share["payer"] for share in after["billed"]} == {"self", "finance"}


def test_a_part_had_no_account_before_it_was_split_off(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(date(2026, 1, 10))
    part = {"room": "7Z", "building_area": "40.00"}
    (done,) = desk.do(
        "divisions", divisions=[{"account_no": home, "remaining": {"building_area": "60.00"}, "part": part}]
    )
    number = done["part"]["account_no"]
    assert [on(desk, number, day)["state"]["state"] for day in ("2026-01-09", "2026-01-10")] == ["not_begun", "active"]
    assert [on(desk, home, day)["home"]["building_area"] for day in ("2026-01-09", "2026-01-10")] == ["100.00", "60.00"]


def test_heat_found_without_a_right_and_cold_days_are_told(desk: Desk) -> None:
    home = desk.billed_home()
    desk.do("disconnections", accounts=[home])
    desk.set_day(date(2026, 1, 10))
    desk.do("inspections", accounts=[home])
    assert on(desk, home, "2026-01-09")["found"] == []
    assert on(desk, home, "2026-01-10")["found"] == [
        {"on": "2026-01-10", "finding": "valve_open", "used_since": "2025-11-01"}
    ]


@pytest.mark.parametrize(
    ("account_no", "day", "status", "code"),
    [
        ("0119999999", "2026-01-01", 404, "unknown_account"),
        ("1", "2026-01-01", 404, "unknown_account"),
        ("", "2026-02-30", 400, "invalid_input"),
        ("", "2026-1-1", 400, "invalid_input"),
        ("", "today", 400, "invalid_input"),
        ("", "1949-12-31", 400, "invalid_input"),
    ],
)
def test_an_account_or_a_day_that_is_none_is_refused(
    desk: Desk, account_no: str, day: str, status: int, code: str
) -> None:
    answered, answer = desk.get(f"/accounts/{account_no or desk.home()}/on/{day}")
    assert (answered, answer["code"]) == (status, code)

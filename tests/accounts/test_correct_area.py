"""A home is measured again: its current season and those billed after it follow, the ones before stay."""

from __future__ import annotations

from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.lifecycle_desk import Desk, amounts


def area(account_no: str, building_area: str, **areas: str) -> dict[str, object]:
    return {"areas": [{"account_no": account_no, "building_area": building_area, **areas}]}


def test_the_difference_is_posted_and_the_bill_stays_as_it_was(desk: Desk) -> None:
    home = desk.billed_home()
    (done,) = desk.do("areas", **area(home, "92.10"))
    assert [(c["season"], c["amount"], c["billed"], c["due_on"]) for c in done["corrections"]] == [
        ("2025-2026", "64.22", "2394.60", "2025-12-31")
    ]
    assert amounts(desk.corrections(home)) == [(2025, 6422, False, date(2025, 12, 31))]
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert (only["issued"], only["amount"]) == ("2330.38", "2394.60")
    assert [(c["amount"], c["reason"]) for c in only["corrections"]] == [("64.22", "on application")]
    assert recomputed_fen(only["derivation"]) == 239460
    assert desk.rows("SELECT amount_fen FROM bills WHERE account_no = %s", (home,)) == [(233038,)]


def test_a_smaller_area_lowers_the_bill(desk: Desk) -> None:
    home = desk.billed_home()
    desk.do("areas", **area(home, "80.00"))
    assert amounts(desk.corrections(home)) == [(2025, -25038, False, date(2025, 12, 31))]
    desk.do("areas", **area(home, "89.63"))
    assert desk.billed(home) == ["2330.38"]


def test_after_the_due_day_the_extra_line_falls_due_at_once(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(date(2026, 1, 10))
    desk.do("areas", **area(home, "92.10"))
    assert amounts(desk.corrections(home)) == [(2025, 6422, False, date(2026, 1, 10))]


def test_seasons_before_the_current_one_are_left_alone_and_later_ones_follow(desk: Desk) -> None:
    home = desk.billed_home("2024-2025", "2025-2026")
    desk.do("areas", **area(home, "92.10"))
    assert (desk.billed(home, "2024-2025"), desk.billed(home)) == (["2330.38"], ["2394.60"])


def test_a_season_that_is_not_billed_is_billed_by_the_new_area(desk: Desk) -> None:
    home = desk.home()
    (done,) = desk.do("areas", **area(home, "92.10"))
    assert done["corrections"] == []
    desk.post("/billing-runs", {"season": "2025-2026", "accounts": [home]})
    assert desk.billed(home) == ["2394.60"]


def test_what_the_area_was_on_a_day_can_be_asked(desk: Desk) -> None:
    home = desk.home()
    desk.set_day(date(2025, 11, 20))
    desk.do("areas", **area(home, "92.10"))
    on = {
        day: desk.get(f"/accounts/{home}/state?day={day}")[1]["building_area"] for day in ("2025-11-19", "2025-11-20")
    }
    assert on == {"2025-11-19": "89.63", "2025-11-20": "92.10"}


def test_a_preview_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    before = desk.content()
    (done,) = desk.do("areas", preview=True, **area(home, "92.10"))
    assert done["corrections"][0]["amount"] == "64.22"
    assert desk.content() == before


@pytest.mark.parametrize(
    ("areas", "code"),
    [
        ({"building_area": "0.00"}, "invalid_input"),
        ({"building_area": "-1.00"}, "invalid_input"),
        ({"building_area": "89.631"}, "invalid_input"),
        ({"building_area": "80.00", "inner_area": "80.01"}, "area_order"),
        ({"building_area": "80.00", "inner_area": "70.00", "usable_area": "70.01"}, "area_order"),
    ],
)
def test_areas_that_cannot_be_are_refused(desk: Desk, areas: dict[str, str], code: str) -> None:
    assert desk.refused("areas", areas=[{"account_no": desk.home(), **areas}]) == code


def test_a_list_with_an_unknown_account_or_one_twice_changes_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    good = {"account_no": home, "building_area": "92.10"}
    assert desk.refused("areas", areas=[good, {**good, "account_no": "0119999999"}]) == "unknown_account"
    assert desk.refused("areas", areas=[good, good]) == "invalid_input"


def test_a_clerk_does_not_correct_areas(desk: Desk) -> None:
    status, answer = desk.post("/accounts/areas", {"reason": "x", **area(desk.home(), "92.10")}, roles=["clerk"])
    assert (status, answer["code"]) == (403, "forbidden")

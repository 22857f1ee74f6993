"""One home becomes two: the areas add up, the season is charged by days, both together cost what the home did."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.domain.derivation import recomputed_fen
from shared.kernel.money import parse_yuan
from shared.messages.accounts import AccountsOpened, BillsIssued
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import NUMBERS, Desk

IN_SEASON = date(2026, 1, 10)


def division(home: str, stays: str = "60.00", leaves: str = "40.00", **part: Any) -> dict[str, Any]:
    return {"divisions": [{"account_no": home, "remaining": {"building_area": stays},
                           "part": {"room": f"{next(NUMBERS)}B", "building_area": leaves, **part}}]}  # fmt: skip


def divided(desk: Desk, home: str, **words: Any) -> tuple[str, str | None]:
    (done,) = desk.do("divisions", **division(home, **words))
    return done["part"]["account_no"], done["part"]["charged"]


def test_both_homes_are_charged_by_days_and_cost_together_what_the_home_did(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(IN_SEASON)
    part, charged = divided(desk, home)
    assert desk.billed(home) == [f"{round((260000 * 70 + 156000 * 81) / 151) / 100:.2f}"]
    assert desk.billed(part) == [charged] == [f"{round(104000 * 81 / 151) / 100:.2f}"]
    assert parse_yuan(desk.billed(home)[0]) + parse_yuan(desk.billed(part)[0]) == 260000


def test_the_part_is_an_account_of_its_own_with_the_owner_and_station_of_the_home(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00", phone="13800138000")
    desk.as_owner("UPDATE premises SET heat_station = 'H7' WHERE premises_id = (SELECT premises_id FROM heat_accounts"
                  " WHERE account_no = %s)", (home,))  # fmt: skip
    part, _ = divided(desk, home)
    card, origin = (desk.get(f"/accounts/{number}")[1] for number in (part, home))
    assert (card["name"], card["phone"], card["compound"], card["building"]) == tuple(
        origin[key] for key in ("name", "phone", "compound", "building")
    )
    assert (card["heat_station"], card["building_area"], origin["building_area"]) == ("H7", "40.00", "60.00")


def test_the_others_hear_of_the_account_before_its_bill(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    part, _ = divided(desk, home)
    told = [
        event
        for event in desk.events()
        if any(getattr(item, "account_no", "") == part for item in getattr(event, "items", ()))
    ]
    assert [type(event) for event in told] == [AccountsOpened, BillsIssued]


def test_the_part_may_have_an_owner_and_a_class_of_its_own(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    part, charged = divided(desk, home, name="李明", price_class="nonresidential")
    card = desk.get(f"/accounts/{part}")[1]
    assert (card["name"], card["id_no"], card["price_class"], charged) == ("李明", None, "nonresidential", "1280.00")


def test_the_parts_bill_explains_itself_and_later_seasons_are_whole(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(IN_SEASON)
    part, _ = divided(desk, home)
    (only,) = desk.get(f"/accounts/{part}/bills")[1]["bills"]
    assert "2026-01-10由他户分出，按81/151天计" in only["explanation"]
    assert recomputed_fen(only["derivation"]) == parse_yuan(only["amount"])
    desk.set_day(date(2026, 8, 1))
    for number, amount in ((part, "1040.00"), (home, "1560.00")):
        bill(desk, number, season="2026-2027")
        assert desk.billed(number, "2026-2027") == [amount]


def test_where_the_season_is_not_billed_the_run_bills_both_their_days(desk: Desk) -> None:
    home = desk.home(building_area="100.00")
    desk.set_day(IN_SEASON)
    part, charged = divided(desk, home)
    assert charged is None
    bill(desk, home)
    bill(desk, part)
    assert parse_yuan(desk.billed(home)[0]) + parse_yuan(desk.billed(part)[0]) == 260000


def test_a_part_may_be_suspended_for_the_next_season(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    part, _ = divided(desk, home)
    desk.set_day(date(2026, 8, 1))
    desk.do("suspensions", suspensions=[{"account_no": part, "season": "2026-2027"}])
    assert desk.state(part) == "suspended"


def test_parts_that_are_merged_again_cost_what_the_home_did(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(IN_SEASON)
    part, _ = divided(desk, home)
    desk.set_day(date(2026, 2, 10))
    desk.do("mergers", mergers=[{"account_no": home, "other_no": part}])
    assert abs(parse_yuan(desk.billed(home)[0]) + parse_yuan(desk.billed(part)[0]) - 260000) <= 1


@given(
    whole=st.integers(min_value=2, max_value=300_00),
    share=st.integers(min_value=1, max_value=99),
    day=st.dates(date(2025, 10, 1), date(2026, 6, 1)),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_whatever_day_and_into_whatever_parts_both_cost_what_the_home_did(
    desk: Desk, whole: int, share: int, day: date
) -> None:
    leaves = min(max(whole * share // 100, 1), whole - 1)
    m2 = ["{}.{:02d}".format(*divmod(area, 100)) for area in (whole, whole - leaves, leaves)]
    desk.set_day(date(2025, 9, 1))
    home = desk.billed_home(building_area=m2[0])
    desk.set_day(day)
    part, _ = divided(desk, home, stays=m2[1], leaves=m2[2])
    billed = [parse_yuan(amount) for number in (home, part) for amount in desk.billed(number)]
    assert abs(sum(billed) - whole * 26) <= 1
    assert len(billed) == (2 if day <= date(2026, 3, 31) else 1)


def test_a_preview_tells_the_amounts_and_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    desk.set_day(IN_SEASON)
    asked = division(home)
    before = desk.content()
    (seen,) = desk.do("divisions", preview=True, **asked)
    assert desk.content() == before
    (done,) = desk.do("divisions", **asked)
    assert seen["part"]["account_no"] is None
    assert (seen["corrections"], seen["part"]["charged"]) == (done["corrections"], done["part"]["charged"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"stays": "60.01"}, "areas_do_not_add_up"),
        ({"leaves": "39.99"}, "areas_do_not_add_up"),
        ({"inner_area": "30.00"}, "areas_do_not_add_up"),
        ({"leaves": "0.00"}, "invalid_input"),
        ({"leaves": None}, "invalid_input"),
        ({"room": None}, "invalid_input"),
        ({"room": "x" * 41}, "invalid_input"),
        ({"price_class": "palace"}, "invalid_input"),
        ({"account_no": "1"}, "invalid_input"),
        ({"name": "李明", "id_type": "id_card", "id_no": "210102199001011230"}, "number_wrong"),
        ({"name": "李明", "id_no": "210102199001011230"}, "invalid_input"),
        ({"colour": "red"}, "invalid_input"),
    ],
)
def test_divisions_that_cannot_be_are_refused(desk: Desk, words: dict[str, Any], code: str) -> None:
    home = desk.billed_home(building_area="100.00")
    assert desk.refused("divisions", **division(home, **words)) == code


def test_inner_areas_add_up_too(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00", inner_area="80.00")
    assert desk.refused("divisions", **division(home)) == "areas_do_not_add_up"
    asked = division(home, inner_area="32.00")
    asked["divisions"][0]["remaining"]["inner_area"] = "48.00"
    desk.do("divisions", **asked)


def test_a_flat_or_a_number_that_somebody_has_is_refused(desk: Desk) -> None:
    home, neighbour = desk.billed_home(building_area="100.00"), desk.home()
    room = desk.get(f"/accounts/{neighbour}")[1]["room"]
    assert desk.refused("divisions", **division(home, room=room)) == "flat_taken"
    assert desk.refused("divisions", **division(home, account_no=neighbour)) == "account_no_taken"


def test_lists_of_none_of_too_many_twice_and_unknown_change_nothing(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    (one,) = division(home)["divisions"]
    for divisions in ([], [one, one], [one] * 1001, None, [{**one, "remaining": {}}], [{**one, "part": None}]):
        assert desk.refused("divisions", divisions=divisions) == "invalid_input"
    assert desk.refused("divisions", divisions=[{**one, "account_no": "0119999999"}]) == "unknown_account"


def test_a_clerk_divides_nothing_and_a_home_that_left_is_not_divided(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    assert desk.post("/accounts/divisions", {"reason": "x", **division(home)}, roles=["clerk"])[0] == 403
    desk.do("disconnections", accounts=[home])
    assert desk.refused("divisions", **division(home)) == "transition_refused"

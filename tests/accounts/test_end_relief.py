"""A relief ends: it never held, or it holds until a day; the season is divided anew, and it may be granted again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

EMPLOYER = {"kind": "employer", "payer": "TEXTILE", "share_pct": "100", "cap_m2": "200"}


@pytest.fixture
def member(desk: Desk) -> str:
    """A home of 151.00 yuan, a yuan a day, that an employer bears whole."""
    assert desk.post("/policies", {"name": "default", "set": {"price_residential": "1.51"}})[0] == 201
    number = desk.billed_home(building_area="100.00")
    desk.do("reliefs", reliefs=[{"account_no": number, **EMPLOYER}])
    return number


def ended(desk: Desk, number: str, **words: Any) -> dict[str, Any]:
    return desk.do("reliefs/endings", endings=[{"account_no": number, "kind": "employer", **words}])[0]


def test_relief_that_was_granted_by_mistake_never_held(desk: Desk, member: str) -> None:
    told = {each["payer"]: each["billed"] for each in ended(desk, member)["corrections"]}
    assert told == {"self": "151.00", "TEXTILE": "0.00"}


def test_relief_ends_on_a_day_and_bears_the_days_before(desk: Desk, member: str) -> None:
    told = {each["payer"]: each["billed"] for each in ended(desk, member, until_on="2026-01-01")["corrections"]}
    assert told == {"self": "90.00", "TEXTILE": "61.00"}


def test_a_home_that_is_billed_after_the_end_is_billed_so(desk: Desk) -> None:
    number = desk.home(building_area="100.00")
    desk.do("reliefs", reliefs=[{"account_no": number, **EMPLOYER}])
    ended(desk, number)
    bill(desk, number)
    assert [each for each in desk.billed(number) if each != "0.00"] == ["2600.00"]


def test_a_price_of_its_own_ends_for_the_whole_season(desk: Desk) -> None:
    number = desk.billed_home(building_area="100.00")
    desk.do("reliefs", reliefs=[{"account_no": number, "kind": "special_price", "price": "15"}])
    desk.do("reliefs/endings", endings=[{"account_no": number, "kind": "special_price"}])
    assert desk.billed(number) == ["2600.00"]


def test_ended_relief_may_be_granted_again(desk: Desk, member: str) -> None:
    ended(desk, member)
    desk.do("reliefs", reliefs=[{"account_no": member, **EMPLOYER}])
    assert sorted(desk.billed(member)) == ["0.00", "151.00"]


def test_a_preview_ends_nothing(desk: Desk, member: str) -> None:
    before = desk.content()
    desk.do("reliefs/endings", preview=True, endings=[{"account_no": member, "kind": "employer"}])
    assert desk.content() == before


def test_an_end_is_never_edited(desk: Desk, member: str) -> None:
    ended(desk, member)
    with pytest.raises(Exception, match="permission denied"):
        desk.rows("UPDATE relief_endings SET until_on = %s RETURNING 1", (date(2026, 2, 1),))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"kind": "low_income"}, "relief_not_granted"),
        ({"kind": "employer", "payer": "STEEL"}, "relief_not_granted"),
        ({"kind": "employer", "account_no": "9999999999"}, "unknown_account"),
        ({"kind": "employer", "account_no": None}, "invalid_input"),
        ({"kind": None}, "invalid_input"),
        ({}, "invalid_input"),
        ({"kind": "employer", "until_on": "2026-02-30"}, "invalid_input"),
        ({"kind": "employer", "surprise": 1}, "invalid_input"),
        ({"kind": "x" * 41}, "invalid_input"),
        ({"kind": "employer", "payer": "x" * 81}, "invalid_input"),
    ],
)
def test_what_is_no_ending_is_refused_and_changes_nothing(
    desk: Desk, member: str, words: dict[str, Any], code: str
) -> None:
    assert desk.refused("reliefs/endings", endings=[{"account_no": member, **words}]) == code


def test_relief_ends_once(desk: Desk, member: str) -> None:
    ended(desk, member)
    assert desk.refused("reliefs/endings", endings=[{"account_no": member, "kind": "employer"}]) == "relief_not_granted"


@pytest.mark.parametrize("endings", [[], [{"account_no": "9000000001", "kind": "employer"}] * 1001, None, {}])
def test_a_list_has_one_to_a_thousand_items(desk: Desk, endings: Any) -> None:
    assert desk.refused("reliefs/endings", endings=endings) == "invalid_input"


def test_an_account_stands_once_in_the_list(desk: Desk, member: str) -> None:
    twice = [{"account_no": member, "kind": "employer"}] * 2
    assert desk.refused("reliefs/endings", endings=twice) == "invalid_input"


def test_a_cashier_ends_no_relief(desk: Desk, member: str) -> None:
    body = {"reason": "x", "endings": [{"account_no": member, "kind": "employer"}]}
    assert desk.post("/accounts/reliefs/endings", body, roles=("cashier",))[0] == 403


def test_relief_granted_again_after_an_end_bears_no_day_twice(desk: Desk, member: str) -> None:
    ended(desk, member, until_on="2026-01-01")
    desk.set_day(date(2026, 1, 1))
    desk.do("reliefs", reliefs=[{"account_no": member, **EMPLOYER, "share_pct": "50"}])
    assert sorted(desk.billed(member)) == ["106.00", "45.00"]


def test_a_member_who_was_taken_until_a_day_leaves_earlier_and_not_later(desk: Desk) -> None:
    assert desk.post("/policies", {"name": "default", "set": {"price_residential": "1.51"}})[0] == 201
    desk.post("/payer-groups", {"groups": [{"code": "MILL", "name": "MILL"}]})
    number = desk.billed_home(building_area="100.00")
    member = {"account_no": number, "share_pct": "100", "cap_m2": "200", "until_on": "2026-01-01"}
    assert desk.post("/payer-groups/MILL/members", {"members": [member], "reason": "list"})[0] == 201
    later = [{"account_no": number, "kind": "employer", "until_on": "2026-02-01"}]
    assert desk.refused("reliefs/endings", endings=later) == "relief_not_granted"
    told = {each["payer"]: each["billed"] for each in ended(desk, number, until_on="2025-12-01")["corrections"]}
    assert told == {"self": "121.00", "MILL": "30.00"}
    assert desk.refused("reliefs/endings", endings=[{"account_no": number, "kind": "employer"}]) == "relief_not_granted"

"""Groups of employers: `open_groups`, `join_group` season by season, `carry_members` into the next one, what they bear."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from tests.accounts.approval_desk import rules
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.test_reimbursed_relief import told

CODES = (f"G{number}" for number in itertools.count(1))
REASON = "list of the employer"


def opened(desk: Desk) -> tuple[str, str]:
    """A group: its code and the name under which it pays."""
    code = next(CODES)
    status, answer = desk.post("/payer-groups", {"groups": [{"code": code, "name": f"TEXTILE {code}"}]})
    assert status == 201, answer
    return code, f"TEXTILE {code}"


def join(desk: Desk, code: str, *numbers: str, **words: Any) -> Any:
    members = [{"account_no": number, **words} for number in numbers]
    return desk.post(f"/payer-groups/{code}/members", {"members": members, "reason": REASON})


def statement(desk: Desk, code: str, season: str = "2025-2026") -> dict[str, Any]:
    return dict(desk.get(f"/payer-groups/{code}/statement?season={season}")[1])


def carry(desk: Desk, code: str) -> Any:
    return desk.post(f"/payer-groups/{code}/carried-members", {"reason": REASON})


def test_joining_puts_the_employers_share_on_the_bill(desk: Desk) -> None:
    code, name = opened(desk)
    number = desk.billed_home(building_area="110.00")
    status, answer = join(desk, code, number)
    assert status == 201
    assert {each["payer"]: each["billed"] for each in answer["accounts"][0]["corrections"]} == {
        "self": "637.00", name: "2223.00",
    }  # fmt: skip


def test_a_group_has_a_statement_of_all_its_members(desk: Desk) -> None:
    code, name = opened(desk)
    homes = [desk.billed_home(building_area="110.00") for _ in range(3)]
    join(desk, code, *homes)
    told(desk, homes[0], 0, payer=name)
    told(desk, homes[1], 2223_00, payer=name)
    assert statement(desk, code) == {
        "code": code, "name": name, "season": "2025-2026", "members": 3, "shares": 3, "billed": "6669.00",
        "paid": "2223.00", "open": "4446.00",
    }, "what payments has not spoken of is open"  # fmt: skip


def test_the_members_are_a_list_with_what_is_billed_of_each(desk: Desk) -> None:
    code, _ = opened(desk)
    homes = [desk.billed_home(building_area="110.00") for _ in range(2)]
    join(desk, code, *homes)
    _, answer = desk.get(f"/group-members?group={code}&season=2025-2026")
    assert [(each["account_no"], each["billed"]) for each in answer["items"]] == [(home, "2223.00") for home in homes]


def test_a_member_for_some_days_bears_those_and_leaves_by_the_end_of_its_relief(desk: Desk) -> None:
    code, name = opened(desk)
    number = desk.billed_home(building_area="95.00")
    join(desk, code, number, share_pct="100", from_on="2026-01-01")
    assert statement(desk, code)["billed"] == "1472.19", "90 of 151 days of 2,470.00"
    desk.do("reliefs/endings", endings=[{"account_no": number, "kind": "employer", "payer": name}])
    assert statement(desk, code)["billed"] == "0.00"


def test_members_are_carried_into_the_next_season_once_without_those_who_left(desk: Desk) -> None:
    code, name = opened(desk)
    stays, leaves = desk.home(building_area="110.00"), desk.home(building_area="110.00")
    join(desk, code, stays, leaves, share_pct="50")
    desk.do("reliefs/endings", endings=[{"account_no": leaves, "kind": "employer", "payer": name}])
    desk.set_day(date(2026, 9, 2))
    assert carry(desk, code)[1] == {
        "season": "2026-2027",
        "carried": 1,
        "left": False,
        "homes": 1,
        "charged": "0.00",
        "credited": "0.00",
    }
    bill(desk, stays, season="2026-2027")
    assert statement(desk, code, "2026-2027")["billed"] == "1235.00", "what was agreed is carried along"
    assert carry(desk, code)[1]["carried"] == 0
    desk.set_day(date(2025, 10, 20))


def test_a_preview_of_joining_joins_nobody(desk: Desk) -> None:
    code, _ = opened(desk)
    number = desk.billed_home()
    before = desk.content()
    body = {"members": [{"account_no": number}], "reason": REASON, "preview": True}
    assert desk.post(f"/payer-groups/{code}/members", body)[0] == 200
    assert desk.content() == before


@pytest.mark.parametrize(
    ("group", "code"),
    [
        ({"code": "lower", "name": "X"}, "invalid_input"), ({"code": "A" * 21, "name": "X"}, "invalid_input"),
        ({"code": None, "name": "X"}, "invalid_input"), ({"name": "X"}, "invalid_input"),
        ({"code": "NEW1", "name": ""}, "invalid_input"), ({"code": "NEW1", "name": "x" * 81}, "invalid_input"),
        ({"code": "NEW1", "name": "self"}, "invalid_input"), ({"code": "NEW1", "name": "self:2"}, "invalid_input"),
        ({"code": "NEW1", "name": "N", "uscc": "91310000MA1FL0000X"}, "number_wrong"),
        ({"code": "NEW1", "name": "N", "size": 3}, "invalid_input"),
    ],
)  # fmt: skip
def test_what_is_no_group_is_refused(desk: Desk, group: dict[str, Any], code: str) -> None:
    before = desk.content()
    assert desk.post("/payer-groups", {"groups": [group]})[1]["code"] == code
    assert desk.post("/payer-groups", {"groups": [{"code": "FINE", "name": "FINE"}, group]})[1]["code"] == code
    assert desk.content() == before


def test_a_code_and_a_name_belong_to_one_group(desk: Desk) -> None:
    code, name = opened(desk)
    for group in ({"code": code, "name": "OTHER"}, {"code": "OTHER", "name": name}):
        assert desk.post("/payer-groups", {"groups": [group]})[1]["code"] == "group_known"
    twice = [{"code": "TW1", "name": "TW"}, {"code": "TW2", "name": "TW"}]
    assert desk.post("/payer-groups", {"groups": twice})[1]["code"] == "group_known"


@pytest.mark.parametrize("groups", [None, [], {}, [{"code": "MANY", "name": "M"}] * 1001])
def test_groups_are_a_list_of_one_to_a_thousand(desk: Desk, groups: Any) -> None:
    assert desk.post("/payer-groups", {"groups": groups})[1]["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({"account_no": "9999999999"}, "unknown_account"), ({"account_no": 7}, "invalid_input"), ({}, "invalid_input"),
        ({"mechanism": "PRICE_CLASS"}, "invalid_input"), ({"share_pct": "101"}, "invalid_input"),
        ({"until_on": "tomorrow"}, "invalid_input"), ({"payer": "ME"}, "invalid_input"),
    ],
)  # fmt: skip
def test_what_is_no_member_is_refused_and_changes_nothing(desk: Desk, member: dict[str, Any], code: str) -> None:
    group, _ = opened(desk)
    number = desk.billed_home()
    asked = {"account_no": number, **member} if member else {}
    before = desk.content()
    assert desk.post(f"/payer-groups/{group}/members", {"members": [asked], "reason": REASON})[1]["code"] == code
    assert desk.content() == before


def test_a_home_joins_a_group_once_and_stands_once_in_the_list(desk: Desk) -> None:
    code, _ = opened(desk)
    number = desk.billed_home()
    assert join(desk, code, number, number)[1]["code"] == "invalid_input"
    assert join(desk, code, number)[0] == 201
    assert join(desk, code, number)[1]["code"] == "relief_granted_before"


def test_nobody_joins_a_group_that_is_none(desk: Desk) -> None:
    assert join(desk, "NOWHERE", desk.billed_home())[1]["code"] == "group_unknown"
    assert carry(desk, "NOWHERE")[0] == 404
    assert desk.get("/payer-groups/NOWHERE/statement?season=2025-2026")[0] == 404


def test_members_are_a_supervisors_and_a_cashier_opens_no_group(desk: Desk) -> None:
    code, _ = opened(desk)
    body = {"members": [{"account_no": "9000000001"}], "reason": REASON}
    assert desk.post(f"/payer-groups/{code}/members", body, roles=("clerk",))[0] == 403
    assert desk.post("/payer-groups", {"groups": [{"code": "X1", "name": "X1"}]}, roles=("cashier",))[0] == 403
    assert desk.post(f"/payer-groups/{code}/carried-members", {"reason": REASON}, roles=("clerk",))[0] == 403


@pytest.mark.parametrize(
    ("name", "found"), [("TEXTILE", True), ("EXTILE", False), ("%", False), ("_", False), ("\\", False)]
)
def test_groups_are_found_by_the_beginning_of_their_name(desk: Desk, name: str, found: bool) -> None:
    opened(desk)
    status, answer = desk.get(f"/payer-groups?name={quote(name)}")
    assert (status, bool(answer["items"])) == (200, found)


def test_a_group_is_named_by_the_path(desk: Desk) -> None:
    (code, _), (other, _) = opened(desk), opened(desk)
    body = {"members": [{"account_no": desk.billed_home()}], "reason": REASON, "code": other}
    assert desk.post(f"/payer-groups/{code}/members", body)[1]["code"] == "invalid_input"
    del body["code"]
    asked = {"kind": "join_group", "content": body, "reason": REASON}
    assert desk.post("/approvals", asked)[1]["facts"]["place"] == "code", "where there is no path"


def test_members_are_not_carried_past_the_rule_for_joining(desk: Desk) -> None:
    code, _ = opened(desk)
    join(desk, code, desk.home(), desk.home())
    desk.set_day(date(2026, 9, 2))
    rules(desk, join_group={"from_homes": 2})
    before = desk.content()
    try:
        assert carry(desk, code)[1]["code"] == "needs_approval"
        assert desk.content() == before
    finally:
        rules(desk, join_group={})
    assert carry(desk, code)[1]["carried"] == 2
    desk.set_day(date(2025, 10, 20))

"""Another payer bears a share of a home's charge for the current season: on its bill, or by dividing it anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

LOW_INCOME = {"kind": "low_income"}
EMPLOYER = {"kind": "employer", "payer": "TEXTILE"}


def granted(desk: Desk, number: str, **relief: Any) -> dict[str, Any]:
    return desk.do("reliefs", reliefs=[{"account_no": number, **relief}])[0]


def shares(desk: Desk, number: str) -> dict[str, int]:
    """What is billed of the season 2025-2026 after corrections, by payer, in fen."""
    rows = desk.rows(
        "SELECT b.payer, (b.amount_fen + coalesce((SELECT sum(c.amount_fen) FROM bill_corrections c"
        " WHERE c.bill_no = b.bill_no AND c.payer = b.payer), 0))::bigint FROM bills b"
        " WHERE b.account_no = %s AND b.season = 2025 ORDER BY b.payer = 'self' DESC, b.payer",
        (number,),
    )
    return dict(rows)


def test_a_home_with_relief_is_billed_in_shares(desk: Desk) -> None:
    number = desk.home(building_area="72.00")
    granted(desk, number, **LOW_INCOME)
    bill(desk, number)
    assert shares(desk, number) == {"self": 187200 - 132600, "finance": 132600}
    (issued,) = [item for event in desk.events() if event.NAME == "BillsIssued" for item in event.items
                 if item.account_no == number and item.payer == "finance"]  # fmt: skip
    assert (issued.parts, issued.kind) == (((132600, date(2025, 12, 31)),), "season")


def test_a_season_that_was_billed_is_divided_anew(desk: Desk) -> None:
    number = desk.billed_home(building_area="72.00")
    answer = granted(desk, number, **LOW_INCOME)
    assert [(each["payer"], each["amount"]) for each in answer["corrections"]] == [
        ("self", "-1326.00"), ("finance", "1326.00"),
    ]  # fmt: skip
    assert shares(desk, number) == {"self": 54600, "finance": 132600}


def test_the_shares_follow_a_correction_of_the_area(desk: Desk) -> None:
    number = desk.billed_home(building_area="72.00")
    granted(desk, number, **LOW_INCOME)
    desk.do("areas", areas=[{"account_no": number, "building_area": "50.00"}])
    assert shares(desk, number) == {"self": 130000 - 110500, "finance": 110500}


def test_a_suspension_is_shared_like_the_fee(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 1))
    number = desk.billed_home(building_area="100.00")
    granted(desk, number, kind="employer", payer="TEXTILE")
    desk.do("suspensions", suspensions=[{"account_no": number, "season": "2025-2026"}])
    assert shares(desk, number) == {"self": 78000 - 66690, "TEXTILE": 66690}


def test_a_refund_is_owed_to_every_payer_on_its_own_share(desk: Desk) -> None:
    number = desk.billed_home(building_area="110.00")
    granted(desk, number, **EMPLOYER)
    desk.set_day(date(2025, 12, 12))
    (answer,) = desk.do("temperatures", measured=[{"account_no": number, "days": 10, "celsius": "13.0"}])
    assert {each["payer"]: each["amount"] for each in answer["corrections"]} == {"self": "-42.19", "TEXTILE": "-147.22"}
    assert answer["refund"] == "42.19"


def test_two_payers_may_bear_shares_and_one_payer_bears_one(desk: Desk) -> None:
    number = desk.billed_home(building_area="60.00")
    granted(desk, number, kind="low_income", share_pct="50")
    granted(desk, number, **EMPLOYER)
    assert shares(desk, number) == {"self": 0, "TEXTILE": 78000, "finance": 78000}
    again = {"account_no": number, **EMPLOYER}
    assert desk.refused("reliefs", reliefs=[again]) == "relief_granted_before"


def test_a_preview_tells_the_shares_and_grants_nothing(desk: Desk) -> None:
    number = desk.billed_home(building_area="72.00")
    before = desk.content()
    (answer,) = desk.do("reliefs", preview=True, reliefs=[{"account_no": number, **LOW_INCOME}])
    assert [each["amount"] for each in answer["corrections"]] == ["-1326.00", "1326.00"]
    assert desk.content() == before


def test_relief_is_for_the_current_season_alone(desk: Desk) -> None:
    number = desk.billed_home(building_area="72.00")
    granted(desk, number, **LOW_INCOME)
    desk.set_day(date(2026, 7, 2))
    bill(desk, number, season="2026-2027")
    assert desk.rows("SELECT payer, amount_fen FROM bills WHERE account_no = %s AND season = 2026", (number,)) == [
        ("self", 187200)
    ]


@pytest.mark.parametrize(
    ("relief", "code"),
    [
        ({"kind": "low_income", "proof_until": "2025-10-19"}, "proof_expired"),
        ({"kind": "lottery"}, "relief_unknown"),
        ({"kind": "employer"}, "relief_unknown"),
        ({"kind": "low_income", "payer": "self"}, "invalid_input"),
        ({"kind": "low_income", "mechanism": "GIFT"}, "invalid_input"),
        ({"kind": "low_income", "share_pct": "100.1"}, "invalid_input"),
        ({"kind": "low_income", "share_pct": "-1"}, "invalid_input"),
        ({"kind": "low_income", "share_pct": 85}, "invalid_input"),
        ({"kind": "low_income", "cap_m2": "0"}, "invalid_input"),
        ({"kind": "low_income", "approved_by": "me"}, "invalid_input"),
        ({"kind": "low_income", "account_no": "9999999999"}, "unknown_account"),
    ],
)
def test_what_is_no_relief_is_refused_and_changes_nothing(desk: Desk, relief: dict[str, Any], code: str) -> None:
    number = desk.billed_home()
    assert desk.refused("reliefs", reliefs=[{"account_no": number, **relief}]) == code

"""A subsidy that is paid back: the household bears its bill, and when that is settled another payer bears the subsidy."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.relief import due_back_fen
from services.accounts.use_cases.record_debts import record_debts
from shared.chassis.unit_of_work import Caller
from shared.messages.payments import ChangedDebt, DebtsChanged
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

VETERAN = {"kind": "veteran_benefit", "share_pct": "100", "cap_m2": "80", "payer": "finance", "mechanism": "REIMBURSE"}
VERSIONS = itertools.count(1)


def told(desk: Desk, number: str, open_fen: int, *, settled: bool | None = None, payer: str = "self") -> None:
    """Payments tells what is open of the household's bill of 2025-2026."""
    ((bill_no,),) = desk.rows(
        "SELECT bill_no FROM bills WHERE account_no = %s AND season = 2025 AND payer = %s", (number, payer)
    )
    settled = open_fen == 0 if settled is None else settled
    item = ChangedDebt(number, next(VERSIONS), bill_no, payer, open_fen, settled)
    desk.runtime.commands.run(record_debts, DebtsChanged((item,)), caller=Caller("bus:payments"))


def reimbursed(desk: Desk, number: str) -> list[tuple[str, int, str | None]]:
    return [(each.payer, each.amount_fen, each.credited) for each in desk.corrections(number)
            if each.kind == "reimbursement"]  # fmt: skip


def veteran(desk: Desk, **given: Any) -> str:
    number = desk.billed_home(building_area="92.50", **given)
    desk.do("reliefs", reliefs=[{"account_no": number, **VETERAN}])
    return number


def test_the_household_is_billed_all_until_it_has_paid(desk: Desk) -> None:
    number = veteran(desk)
    assert desk.billed(number) == ["2405.00"]
    told(desk, number, 100)
    assert desk.corrections(number) == []


def test_a_home_that_is_billed_after_the_grant_is_billed_all(desk: Desk) -> None:
    number = desk.home(building_area="92.50")
    desk.do("reliefs", reliefs=[{"account_no": number, **VETERAN}])
    bill(desk, number)
    told(desk, number, 0)
    assert reimbursed(desk, number) == [("finance", 208000, "self")]


def test_the_settled_bill_makes_the_subsidy_due_and_stays_whole(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0)
    assert reimbursed(desk, number) == [("finance", 208000, "self")]
    assert sorted(desk.billed(number)) == ["2080.00", "2405.00"]


def test_late_fee_that_is_open_keeps_the_bill_unsettled(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0, settled=False)
    assert reimbursed(desk, number) == []


def test_the_same_word_again_changes_nothing(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0)
    told(desk, number, 0)
    assert len(reimbursed(desk, number)) == 1


def test_an_opened_bill_takes_the_subsidy_back_and_settled_again_gives_it_again(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0)
    told(desk, number, 240500)
    told(desk, number, 0)
    assert [fen for _, fen, _ in reimbursed(desk, number)] == [208000, -208000, 208000]


def test_relief_that_is_granted_after_the_payment_is_due_at_once(desk: Desk) -> None:
    number = desk.billed_home(building_area="92.50")
    told(desk, number, 0)
    (answer,) = desk.do("reliefs", reliefs=[{"account_no": number, **VETERAN}])
    assert [(each["payer"], each["amount"]) for each in answer["corrections"]] == [("finance", "2080.00")]


def test_a_smaller_area_lowers_the_subsidy_with_the_bill(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0)
    desk.do("areas", areas=[{"account_no": number, "building_area": "50.00"}])
    assert [fen for _, fen, _ in reimbursed(desk, number)] == [208000, 130000 - 208000]


def test_a_larger_bill_leaves_the_subsidy_until_the_rest_is_paid(desk: Desk) -> None:
    number = desk.billed_home(building_area="60.00")
    desk.do("reliefs", reliefs=[{"account_no": number, **VETERAN}])
    told(desk, number, 0)
    desk.do("areas", areas=[{"account_no": number, "building_area": "70.00"}])
    told(desk, number, 26000)
    assert [fen for _, fen, _ in reimbursed(desk, number)] == [156000]
    told(desk, number, 0)
    assert [fen for _, fen, _ in reimbursed(desk, number)] == [156000, 26000]


def test_a_share_on_the_bill_goes_before_what_is_paid_back(desk: Desk) -> None:
    number = desk.billed_home(building_area="50.00")
    desk.do("reliefs", reliefs=[{"account_no": number, "kind": "low_income", "share_pct": "40"}])
    desk.do("reliefs", reliefs=[{"account_no": number, **VETERAN}])
    told(desk, number, 0)
    assert reimbursed(desk, number) == [("finance", 78000, "self")]


def test_a_refund_for_cold_rooms_is_the_households_on_its_whole_bill(desk: Desk) -> None:
    number = veteran(desk)
    told(desk, number, 0)
    desk.set_day(date(2025, 12, 12))
    (answer,) = desk.do("temperatures", measured=[{"account_no": number, "days": 10, "celsius": "13.0"}])
    assert {each["payer"] for each in answer["corrections"]} == {"self"}
    assert answer["refund"] == "159.27", "2,405.00 ÷ 151 × 10, and not less for the subsidy"


@pytest.mark.parametrize(
    ("given", "open_fen", "raised", "due"),
    [
        (0, None, 0, 100),
        (100, None, 0, 100),
        (0, 1, 0, 0),
        (100, 1, 0, 0),
        (100, 5, 5, 100),
        (150, 5, 5, 100),
        (0, 5, 5, 0),
    ],
)
def test_a_subsidy_is_due_when_the_bill_is_settled_and_stays_while_only_an_addition_is_open(
    given: int, open_fen: int | None, raised: int, due: int
) -> None:
    assert due_back_fen(100, given, open_fen=open_fen, raised_fen=raised) == due


def test_what_was_paid_is_taken_in_whatever_lock_is_on_the_home(desk: Desk) -> None:
    """An event that a lock refuses would be parked, and all that follows for the home would wait behind it."""
    number = veteran(desk)
    desk.do("locks", accounts=[number], kind="data_correction")
    told(desk, number, 0)
    assert reimbursed(desk, number) == [("finance", 208000, "self")]

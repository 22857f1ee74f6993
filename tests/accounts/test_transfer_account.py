"""A home is sold: what stays with the former owner, what the new one takes over, and a season divided by days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.messages.accounts import AccountsTransferred, BillsIssued
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

SOLD_ON = date(2026, 2, 1)


def transfers(account_no: str, name: str = "李明", **words: Any) -> dict[str, Any]:
    return {"transfers": [{"account_no": account_no, "name": name, **words}]}


@pytest.fixture
def home(desk: Desk) -> str:
    number = desk.billed_home(name="王秀英")
    desk.set_day(SOLD_ON)
    return number


def payers(desk: Desk, account_no: str, season: str = "2025-2026") -> list[tuple[str, str]]:
    bills = desk.get(f"/accounts/{account_no}/bills?season={season}")[1]["bills"]
    return [(each["payer"], each["amount"]) for each in bills]


def told(desk: Desk, account_no: str) -> list[Any]:
    events = [event for event in desk.events() if isinstance(event, AccountsTransferred)]
    return [item for event in events for item in event.items if item.account_no == account_no]


def test_the_bill_stays_with_the_former_owner_and_the_next_one_is_the_new_owners(desk: Desk, home: str) -> None:
    (done,) = desk.do("transfers", **transfers(home))
    assert (done["state"], done["corrections"]) == ("active", [])
    assert payers(desk, home) == [("王秀英", "2330.38")]
    (item,) = told(desk, home)
    assert (item.former, item.former_name, item.household, item.name) == ("self", "王秀英", "self:2", "李明")
    assert (item.transferred_on, item.assumed) == (SOLD_ON, False)
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    assert payers(desk, home, "2026-2027") == [("self", "2330.38")]
    issued = [i for e in desk.events() if isinstance(e, BillsIssued) for i in e.items if i.account_no == home]
    assert [each.payer for each in issued] == ["self", "self:2"]
    assert desk.get(f"/accounts/{home}")[1]["name"] == "李明"


def test_a_season_divided_by_days_gives_the_new_owner_the_day_of_the_transfer(desk: Desk, home: str) -> None:
    desk.do("transfers", **transfers(home, split="days"))
    # 1 November to 31 January are 92 of 151 days: 2,330.38 × 92 ÷ 151 = 1,419.834…
    assert sorted(payers(desk, home)) == [("self", "910.55"), ("王秀英", "1419.83")]
    assert amounts(desk.corrections(home)) == [(2025, -91055, False, SOLD_ON), (2025, 91055, False, SOLD_ON)]
    assert [each.payer for each in desk.corrections(home)] == ["self", "self:2"]


def test_what_changes_after_the_division_is_the_new_owners(desk: Desk, home: str) -> None:
    desk.do("transfers", **transfers(home, split="days"))
    desk.do("areas", areas=[{"account_no": home, "building_area": "92.10"}])
    assert sorted(payers(desk, home)) == [("self", "974.77"), ("王秀英", "1419.83")]


@pytest.mark.parametrize(
    ("day", "former", "new"), [(date(2025, 10, 25), None, "2330.38"), (date(2026, 3, 31), "2314.95", "15.43")]
)
def test_before_the_season_and_on_its_last_day(desk: Desk, day: date, former: str | None, new: str) -> None:
    desk.set_day(date(2025, 10, 20))
    number = desk.billed_home(name="王秀英")
    desk.set_day(day)
    desk.do("transfers", **transfers(number, split="days"))
    assert dict(payers(desk, number)) == {"王秀英": former or "0.00", "self": new}


def test_a_season_that_is_not_billed_or_is_over_is_not_divided(desk: Desk, home: str) -> None:
    unbilled = desk.home()
    assert desk.refused("transfers", **transfers(unbilled, split="days")) == "not_billed"
    desk.set_day(date(2026, 4, 1))
    assert desk.refused("transfers", **transfers(home, split="days")) == "not_billed"


def test_a_debt_stops_a_transfer_unless_it_is_assumed(desk: Desk, home: str) -> None:
    desk.payments.owing(home, "2376.99")
    assert desk.refused("transfers", **transfers(home)) == "debt_outstanding"
    desk.do("transfers", **transfers(home, assumed_by="agreement of 1 February"))
    assert [item.assumed for item in told(desk, home)] == [True]
    assert sorted(payers(desk, home)) == [("self", "2330.38"), ("王秀英", "0.00")]
    assert desk.corrections(home) == [], "payments moves the debt with its history; nothing is billed anew"


def test_a_home_is_sold_twice(desk: Desk, home: str) -> None:
    desk.do("transfers", **transfers(home, split="days"))
    desk.set_day(date(2026, 3, 1))
    desk.do("transfers", **transfers(home, "赵强", split="days"))
    assert [item.household for item in told(desk, home)] == ["self:2", "self:3"]
    shares = dict(payers(desk, home))
    # His share are the 59 days from 1 February on, of which 28 were his: 910.55 × 28 ÷ 59 = 432.125…
    assert shares == {"王秀英": "1419.83", "李明": "432.13", "self": "478.42"}


def test_a_home_that_a_bank_is_collecting_from_waits(desk: Desk, home: str) -> None:
    desk.payments.held(home, "ICBC")
    assert desk.refused("transfers", **transfers(home)) == "in_bank_collection"


def test_a_suspended_home_stays_suspended_and_a_disconnected_one_is_not_sold(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    suspended, gone = desk.billed_home(), desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": suspended, "season": "2025-2026"}])
    (done,) = desk.do("transfers", **transfers(suspended))
    assert done["state"] == "suspended"
    desk.do("disconnections", accounts=[gone])
    assert desk.refused("transfers", **transfers(gone)) == "transition_refused"


@pytest.mark.parametrize("wrong", [{"phone": "12"}, {"id_no": "110101199003070000"}, {"split": "halves"}, {"name": ""}, {"name": "self:3"},
                                   {"id_type": "id_card", "id_no": "110101199003070000"}])  # fmt: skip
def test_an_owner_that_cannot_be_is_refused(desk: Desk, home: str, wrong: dict[str, str]) -> None:
    assert desk.refused("transfers", **transfers(home, **wrong)) in ("number_wrong", "invalid_input")


def test_a_preview_tells_the_division_and_writes_nothing(desk: Desk, home: str) -> None:
    before = desk.content()
    (done,) = desk.do("transfers", preview=True, **transfers(home, split="days"))
    assert [(each["payer"], each["amount"]) for each in done["corrections"]] == [
        ("self", "-910.55"),
        ("self:2", "910.55"),
    ]
    assert desk.content() == before

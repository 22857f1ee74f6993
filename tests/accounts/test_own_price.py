"""A home with a price of its own is charged by it, says so, and can be worked out again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

FIFTEEN = {"kind": "special_price", "price": "15"}


def grant(desk: Desk, number: str, **relief: Any) -> dict[str, Any]:
    return desk.do("reliefs", reliefs=[{"account_no": number, **relief}])[0]


def explained(desk: Desk, number: str) -> dict[str, Any]:
    (only,) = desk.get(f"/accounts/{number}/bills?season=2025-2026")[1]["bills"]
    return dict(only)


@pytest.mark.parametrize(
    ("relief", "amount"),
    [
        (FIFTEEN, "1500.00"),
        ({"kind": "special_price", "share_pct": "40"}, "1560.00"),
        ({"kind": "special_price", "price_class": "nonresidential"}, "3200.00"),
        ({"kind": "special_price", "price_class": "garage"}, "1600.00"),
        ({**FIFTEEN, "cap_m2": "60"}, "1940.00"),
        ({"kind": "low_income", "mechanism": "PRICE_CLASS", "price": "22.5"}, "1350.00"),
    ],
)
def test_the_bill_is_by_the_own_price_before_and_after_it_was_issued(
    desk: Desk, relief: dict[str, Any], amount: str
) -> None:
    cap = {"low_income": "1350.00"}
    expected = "2390.00" if relief["kind"] in cap else amount
    early, late = desk.home(building_area="100.00"), desk.billed_home(building_area="100.00")
    grant(desk, early, **relief)
    bill(desk, early)
    grant(desk, late, **relief)
    for number in (early, late):
        told = explained(desk, number)
        assert told["amount"] == expected
        assert recomputed_fen(told["derivation"]) == round(float(expected) * 100)
        assert "优惠价" in told["explanation"]


def test_what_a_season_costs_later_keeps_the_own_price(desk: Desk) -> None:
    number = desk.billed_home(building_area="100.00")
    grant(desk, number, **FIFTEEN)
    desk.do("areas", areas=[{"account_no": number, "building_area": "50.00"}])
    assert desk.billed(number) == ["750.00"]


def test_others_bear_their_share_of_the_own_price(desk: Desk) -> None:
    number = desk.billed_home(building_area="100.00")
    grant(desk, number, **FIFTEEN)
    grant(desk, number, kind="employer", payer="TEXTILE", share_pct="50")
    assert sorted(desk.billed(number)) == ["712.50", "787.50"], "half of 95 of 100 m²"


def test_one_price_holds_at_a_time_and_for_one_season(desk: Desk) -> None:
    number = desk.billed_home(building_area="100.00")
    grant(desk, number, **FIFTEEN)
    other = {"account_no": number, "kind": "low_income", "mechanism": "PRICE_CLASS", "price": "10"}
    assert desk.refused("reliefs", reliefs=[other]) == "relief_granted_before"
    desk.set_day(date(2026, 7, 2))
    bill(desk, number, season="2026-2027")
    assert desk.billed(number, "2026-2027") == ["2600.00"]


def test_the_difference_from_last_season_is_a_matter_of_the_price(desk: Desk) -> None:
    number = desk.billed_home(building_area="100.00")
    desk.set_day(date(2026, 9, 2))
    grant(desk, number, **FIFTEEN)
    bill(desk, number, season="2026-2027")
    (newest,) = desk.get(f"/accounts/{number}/bills?season=2026-2027")[1]["bills"]
    _, told = desk.get(f"/accounts/{number}/bills/{newest['bill_no']}/explanation")
    assert [cause["cause"] for cause in told["last_season"]["causes"]] == ["price"]


def test_differential_subsidy_is_for_homes_without_any_other(desk: Desk) -> None:
    assert desk.post("/policies", {"name": "shenyang"})[0] == 201
    number = desk.billed_home(building_area="100.00")
    assert {each["payer"]: each["amount"] for each in grant(desk, number, kind="differential_subsidy")["corrections"]} == {
        "self": "-270.00", "finance": "270.00",
    }  # fmt: skip
    employer = {"account_no": number, "kind": "employer", "payer": "TEXTILE"}
    assert desk.refused("reliefs", reliefs=[employer]) == "relief_excluded"
    helped = desk.billed_home(building_area="100.00")
    grant(desk, helped, kind="employer", payer="TEXTILE")
    again = {"account_no": helped, "kind": "differential_subsidy"}
    assert desk.refused("reliefs", reliefs=[again]) == "relief_excluded"

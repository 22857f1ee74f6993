"""Homes of a zone, of a class and of one contract are billed by their own values, on their own terms."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.rating import PriceClassUnknown
from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_dates import declared_season, season_of
from tests.accounts.billing_steps import bill, bills_issued, open_homes
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.policy_packs import pack, pack_text

ZONES = "zones: {boiler: [1号站]}"
CONTRACT = "0110000007"
PARAMETERS = f"""
price_residential:
  - {{value: 24.00, document: A}}
  - {{value: 30.00, zone: boiler, document: B}}
price_nonresidential:
  - {{value: 43.00, document: A}}
  - {{value: 20.00, contract: "{CONTRACT}", document: 协议7}}
due_date:
  - {{value: 12-31, document: A}}
  - {{value: 11-15, price_class: nonresidential, document: B}}
late_fee_daily_rate:
  - {{value: 1, document: A}}
  - {{value: 0.5, zone: boiler, document: B}}
"""


def charges(**prices: str) -> SeasonCharges:
    policy = pack(PARAMETERS, head=ZONES)
    season = season_of(policy, 2025)
    if prices:
        season = declared_season(
            policy, season=2025, start_on=date(2025, 11, 1), end_on=date(2026, 3, 31), prices=prices
        )
    return SeasonCharges(policy, season, posted_on=date(2025, 10, 20))


def of(found: SeasonCharges, price_class: str, *, station: str | None = None, account_no: str = "0000000000") -> Any:
    home = (price_class, 10000, None, None, None, None, None, False)
    return found.of(home, heat_station=station, account_no=account_no)


def test_a_home_pays_the_price_of_its_zone_class_and_contract() -> None:
    found = charges()
    assert of(found, "residential").amount_fen == 2400_00
    assert of(found, "residential", station="1号站").amount_fen == 3000_00
    assert of(found, "residential", station="2号站").amount_fen == 2400_00
    assert of(found, "nonresidential").amount_fen == 4300_00
    assert of(found, "nonresidential", account_no=CONTRACT).amount_fen == 2000_00


def test_due_days_and_terms_are_those_of_the_scope() -> None:
    found = charges()
    home, shop = of(found, "residential", station="1号站"), of(found, "nonresidential")
    assert [due_on for _, due_on in home.parts] == [date(2025, 12, 31)]
    assert [due_on for _, due_on in shop.parts] == [date(2025, 11, 15)]
    assert str(found.kinds[home.scope].terms.late_fee_daily_rate) == "0.5"
    assert str(found.kinds[shop.scope].terms.late_fee_daily_rate) == "1"


def test_a_price_decreed_for_the_season_leaves_a_more_specific_one_alone() -> None:
    found = charges(price_residential="28.00", price_nonresidential="50.00")
    assert of(found, "residential").amount_fen == 2800_00
    assert of(found, "residential", station="1号站").amount_fen == 3000_00
    assert of(found, "nonresidential", account_no=CONTRACT).amount_fen == 2000_00


def test_a_derivation_names_the_scope_of_each_value() -> None:
    facts = charges().kinds[of(charges(), "residential", station="1号站").scope].tariff.facts
    assert (facts["zone"], facts["price_class"]) == ("boiler", "residential")
    assert facts["parameters"]["price_residential"] == {"value": "30", "document": "B", "zone": "boiler"}


def test_a_class_that_is_none_is_refused() -> None:
    with pytest.raises(PriceClassUnknown):
        of(charges(), "hotel")


def test_a_season_run_bills_each_home_on_its_own_tariff_and_terms(service: AccountsService) -> None:
    text = pack_text(PARAMETERS, head=ZONES)
    status, activated = service.post("/policies", {"name": "testcity", "pack": text})
    assert (status, activated["not_followed"]) == (201, [])
    open_homes(
        service,
        a_home(1, account_no="0110000001", building_area="100.00"),
        a_home(2, account_no="0110000002", building_area="100.00"),
        a_home(3, account_no=CONTRACT, building_area="100.00", price_class="nonresidential"),
    )
    service.as_owner("UPDATE premises SET heat_station = '1号站' WHERE room = '102'")
    assert bill(service)["amount"] == "7400.00"
    billed = {item.account_no: item for event in bills_issued(service) for item in event.items}
    rates = {
        number: next(str(event.terms[item.terms].late_fee_daily_rate) for event in bills_issued(service))
        for number, item in billed.items()
    }
    assert {number: sum(fen for fen, _ in item.parts) for number, item in billed.items()} == {
        "0110000001": 2400_00, "0110000002": 3000_00, CONTRACT: 2000_00
    }  # fmt: skip
    assert rates == {"0110000001": "1", "0110000002": "0.5", CONTRACT: "1"}
    _, answer = service.get(f"/accounts/{CONTRACT}/bills")
    assert answer["bills"][0]["derivation"]["tariff"]["contract"] == CONTRACT
    assert answer["bills"][0]["parts"] == [{"amount": "2000.00", "due_on": "2025-11-15"}]


def test_a_pack_of_ones_own_is_read_as_strictly_as_any(service: AccountsService) -> None:
    status, answer = service.post("/policies", {"name": "testcity", "pack": pack_text("due_day: {value: 1}")})
    assert (status, answer["code"]) == (400, "parameter_unknown")
    assert answer["facts"] == {"file": "testcity.yaml", "line": 7, "parameter": "due_day"}

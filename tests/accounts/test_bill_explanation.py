"""A bill explains itself over its own route, and says why it is not the one of last season."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.billing_steps import bill, open_homes
from tests.accounts.conftest import AccountsService, a_home

HOME = "0110000001"


def explained(service: AccountsService, season: str = "2025-2026", account_no: str = HOME) -> dict[str, Any]:
    _, bills = service.get(f"/accounts/{account_no}/bills?season={season}")
    status, answer = service.get(f"/accounts/{account_no}/bills/{bills['bills'][0]['bill_no']}/explanation")
    assert status == 200, answer
    return dict(answer)


def test_every_step_is_told_in_two_languages_and_worked_out_again(service: AccountsService) -> None:
    service.set_day(date(2026, 1, 20))
    open_homes(service, a_home(account_no=HOME, connected_on="2026-01-10"))
    bill(service)
    answer = explained(service)
    assert (answer["charge"], answer["recomputed"], answer["agrees"]) == ("1250.07", "1250.07", True)
    assert [(step["rule"], step["amount"], step["rounded"]) for step in answer["steps"]] == [
        ("season_fee", "2330.38", False), ("part_of_season_fee", "1250.07", True)
    ]  # fmt: skip
    assert answer["steps"][0]["zh"] == "建筑面积89.63平方米×26.00元/平方米=2330.38元"
    assert answer["steps"][0]["en"] == "building area 89.63 m² × 26.00 yuan/m² = 2330.38 yuan"
    assert answer["steps"][1]["en"] == "connected on 2026-01-10, 81/151 days count: 1250.07 yuan (rounded half-up)"
    assert answer["zh"].startswith("2025-2026采暖期居民热费：建筑面积89.63平方米")
    assert answer["en"].startswith("Heat fee of the season 2025-2026, residential: building area 89.63 m²")
    assert answer["shares"] == [{"payer": "self", "amount": "1250.07"}]
    assert answer["last_season"] is None


def test_each_value_that_was_used_is_named_with_its_ground(service: AccountsService) -> None:
    service.post("/policies", {"name": "changchun"})
    open_homes(service, a_home(account_no=HOME))
    bill(service)
    used = {line["parameter"]: line for line in explained(service)["parameters"]}
    assert used["price_residential"] == {
        "parameter": "price_residential", "value": "27", "ground": "document",
        "text": "长府发〔2015〕21、〔2016〕267、〔2021〕179", "scope": {},
    }  # fmt: skip
    assert "price_nonresidential" not in used


def test_a_bill_says_why_it_is_not_last_seasons(service: AccountsService) -> None:
    open_homes(service, a_home(account_no=HOME))
    bill(service)
    service.set_day(date(2026, 7, 2))
    service.post("/policies", {"name": "default", "set": {"price_residential": "28.00"}})
    bill(service, season="2026-2027")
    compared = explained(service, "2026-2027")["last_season"]
    assert (compared["season"], compared["charge"], compared["difference"]) == ("2025-2026", "2330.38", "179.26")
    assert [(cause["cause"], cause["amount"]) for cause in compared["causes"]] == [("price", "179.26")]
    assert compared["zh"] == ("比2025-2026采暖期多179.26元：单价由26.00元/平方米改为28.00元/平方米，多179.26元。")
    assert compared["en"].startswith("179.26 yuan more than in the season 2025-2026: the price changed from")


@pytest.mark.parametrize(
    "path", [f"{HOME}/bills/1", f"{HOME}/bills/x", f"{HOME}/bills/{'9' * 40}", "0110000002/bills/1"]
)
def test_a_bill_that_is_not_there_is_refused(service: AccountsService, path: str) -> None:
    open_homes(service, a_home(account_no=HOME))
    status, answer = service.get(f"/accounts/{path}/explanation")
    assert (status, answer["code"]) == (404, "unknown_bill")


def test_a_bill_of_another_account_is_not_explained_here(service: AccountsService) -> None:
    open_homes(service, a_home(1, account_no=HOME), a_home(2, account_no="0110000002"))
    bill(service)
    _, bills = service.get(f"/accounts/{HOME}/bills")
    status, _ = service.get(f"/accounts/0110000002/bills/{bills['bills'][0]['bill_no']}/explanation")
    assert status == 404

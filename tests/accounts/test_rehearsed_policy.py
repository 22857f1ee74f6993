"""A draft policy is rehearsed: every home under both policies, nothing written, each change with its cause."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.rating import Home, values_of
from services.accounts.domain.rehearsal import HomeToRehearse, Rehearsal, Rehearsing
from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_dates import season_of
from services.accounts.policies import load_policy
from tests.accounts.billing_steps import bill, open_homes
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.policy_packs import pack_text

DEFAULT = load_policy("default")


def rehearsed(service: AccountsService, **asked: Any) -> dict[str, Any]:
    status, answer = service.post("/policies/rehearsals", {"name": "default", **asked})
    assert status == 200, answer
    return dict(answer)


def four_homes(service: AccountsService) -> list[str]:
    return open_homes(
        service,
        a_home(1, building_area="100.00"),
        a_home(2, building_area="50.00", compound="和平里"),
        a_home(3, building_area="20.00", price_class="garage"),
        a_home(4, building_area="200.00", price_class="nonresidential", storey_height="4.10"),
    )


def test_who_pays_more_or_less_by_how_much_and_why(service: AccountsService) -> None:
    numbers = four_homes(service)
    answer = rehearsed(service, set={"price_residential": "28.00", "price_garage_factor": "25",
                                     "height_pct_per_step": "5"})  # fmt: skip
    assert (answer["season"], answer["accounts"], answer["next"]) == ("2025-2026", 4, None)
    assert answer["charged"] == {"homes": 4, "before": "11900.00", "after": "11400.00", "difference": "-500.00"}
    assert answer["more"] == {"homes": 2, "before": "3900.00", "after": "4200.00", "difference": "300.00"}
    assert answer["less"] == {"homes": 2, "before": "8000.00", "after": "7200.00", "difference": "-800.00"}
    assert {line["price_class"]: line["difference"] for line in answer["by_class"]} == {
        "residential": "300.00", "garage": "-160.00", "nonresidential": "-640.00"
    }  # fmt: skip
    assert {line["compound"]: line["difference"] for line in answer["by_compound"]} == {
        "幸福小区": "-600.00", "和平里": "100.00"
    }  # fmt: skip
    assert answer["causes"] == [
        {"cause": "height", "homes": 1, "difference": "-640.00"},
        {"cause": "price", "homes": 3, "difference": "140.00"},
    ]
    assert [line["account_no"] for line in answer["top"]] == [numbers[3], numbers[0], numbers[2], numbers[1]]
    assert answer["top"][1]["why"] == ("比现行政策多200.00元：单价由26.00元/平方米改为28.00元/平方米，多200.00元。")
    assert answer["top"][0]["why_en"] == (
        "640.00 yuan less than under the policy in force: the height factor changed from 6/5 to 11/10: 640.00 yuan less."
    )


def test_a_rehearsal_writes_nothing(service: AccountsService) -> None:
    four_homes(service)
    before = service.content()
    rehearsed(service, set={"price_residential": "28.00"})
    assert service.content() == before


def test_homes_that_are_billed_are_rehearsed_too(service: AccountsService) -> None:
    four_homes(service)
    bill(service)
    assert rehearsed(service, set={"price_residential": "28.00"})["charged"]["homes"] == 4


def test_pages_follow_each_other_and_miss_nobody(service: AccountsService) -> None:
    numbers = four_homes(service)
    seen, after = [], ""
    while True:
        page = rehearsed(service, set={"price_residential": "28.00", "price_nonresidential": "33.00"},
                         limit=1, **({"after": after} if after else {}))  # fmt: skip
        assert ("accounts" in page) == (not after)
        seen += [line["account_no"] for line in page["top"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert sorted(seen) == sorted(numbers)


def test_the_first_page_says_in_what_the_policies_differ(service: AccountsService) -> None:
    answer = rehearsed(service, pack=pack_text("""
        price_residential: {value: 28.00, document: 试价1号}
        complaint_close_hours: {value: 24, document: 试价1号}
        """), name="testcity")  # fmt: skip
    assert answer["draft"]["name"] == "testcity"
    assert [line["parameter"] for line in answer["differences"]] == ["price_residential", "complaint_close_hours"]
    assert answer["not_followed"] == ["complaint_close_hours"]


def test_homes_that_only_the_draft_cannot_charge_are_told_apart(service: AccountsService) -> None:
    numbers = four_homes(service)
    answer = rehearsed(service, set={"height_negotiated_above": "4"})
    assert (answer["parked"], answer["charged"]["homes"]) == (1, 3)
    assert answer["parked_accounts"] == [{
        "account_no": numbers[3], "under": "draft", "reason": "height_to_be_agreed",
        "detail": "rooms above 4 m have a price of their own each",
    }]  # fmt: skip


def test_another_season_may_be_rehearsed(service: AccountsService) -> None:
    four_homes(service)
    answer = rehearsed(service, season="2027-2028", set={"price_basis": "PER_DAY", "price_residential": "0.20"})
    assert answer["season"] == "2027-2028"
    assert answer["by_class"][2]["after"] == "4560.00"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"name": "atlantis"}, 404, "policy_unknown"),
        ({"set": {"price_residential": "free"}}, 400, "policy_invalid"),
        ({"name": "testcity", "pack": "policy: x"}, 400, "policy_invalid"),
        ({"name": "testcity", "pack": ""}, 422, "invalid_input"),
        ({"limit": 0}, 422, "invalid_input"),
        ({"limit": 5001}, 422, "invalid_input"),
        ({"after": "x"}, 422, "invalid_input"),
        ({"season": "2025"}, 422, "invalid_input"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(
    service: AccountsService, asked: dict[str, Any], status: int, code: str
) -> None:
    answered, answer = service.post("/policies/rehearsals", {"name": "default", **asked})
    assert (answered, answer["code"]) == (status, code)


def test_a_cashier_does_not_rehearse(service: AccountsService) -> None:
    assert service.post("/policies/rehearsals", {"name": "default"}, roles=["cashier", "clerk"])[0] == 403


def compared(*homes: Home, **changes: str) -> Rehearsal:
    policies = DEFAULT, DEFAULT.with_changes(changes)
    before, after = (
        SeasonCharges(policy, season_of(policy, 2025), posted_on=date(2025, 10, 20)) for policy in policies
    )
    return Rehearsing(before, after).of(
        HomeToRehearse(f"{number:010d}", "x", None, values_of(home), values_of(home))
        for number, home in enumerate(homes)
    )


def test_the_sums_of_the_parts_are_those_of_the_whole() -> None:
    homes = [Home("residential", area, suspended=area % 3 == 0) for area in range(5000, 5600)]
    found = compared(*homes, price_residential="27.35", suspend_fee_pct="20")
    assert found.whole.homes == found.more.homes + found.less.homes == 600
    difference = found.whole.after_fen - found.whole.before_fen
    assert sum(fen for _, fen in found.causes.values()) == difference
    assert sum(sums.after_fen - sums.before_fen for sums in found.by_class.values()) == difference
    assert len(found.top) == 20
    assert abs(found.top[0].difference_fen) >= abs(found.top[-1].difference_fen)


def test_a_home_that_pays_the_same_has_no_cause() -> None:
    found = compared(Home("garage", 2000), price_residential="27.35")
    assert (found.whole.homes, found.more.homes, found.less.homes, found.causes) == (1, 0, 0, {})

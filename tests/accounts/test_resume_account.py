"""Heat again after a suspension or a cut; an open valve; and what the season costs then.

Use cases: `resume_account`, `inspect`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from shared.kernel.money import parse_yuan
from shared.messages.accounts import AccountsRestored
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

Policy = Callable[..., None]
APPLIED, FIRST_DAY, NEW_YEAR = date(2025, 9, 20), date(2025, 11, 1), date(2026, 1, 1)


@pytest.fixture
def suspended(desk: Desk) -> str:
    return a_suspended_home(desk)


def a_suspended_home(desk: Desk, **words: object) -> str:
    desk.set_day(APPLIED)
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026", **words}])
    return home


def test_resumed_within_the_season_the_whole_fee_is_owed_from_today(desk: Desk, suspended: str) -> None:
    desk.set_day(NEW_YEAR)
    (done,) = desk.do("resumptions", accounts=[suspended])
    assert done["state"] == "active"
    assert amounts(desk.corrections(suspended))[-1] == (2025, 163127, False, NEW_YEAR)
    assert (desk.state(suspended), desk.billed(suspended)) == ("active", ["2330.38"])


@pytest.mark.parametrize(
    ("rule", "billed"), [("DAYS_BLEND", "1671.39"), ("BASE_PLUS_DAYS", "2088.08"), ("FULL", "2330.38")]
)
def test_each_rule_counts_the_day_of_resumption_as_used(desk: Desk, policy: Policy, rule: str, billed: str) -> None:
    policy(midseason_resume_rule=rule)
    home = a_suspended_home(desk)
    desk.set_day(NEW_YEAR)
    desk.do("resumptions", accounts=[home])
    assert desk.billed(home) == [billed]
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert recomputed_fen(only["derivation"]) == parse_yuan(billed)
    assert "2026-01-01复热" in only["explanation"]


@pytest.mark.parametrize("day", [date(2025, 10, 31), FIRST_DAY])
def test_resumed_before_the_season_or_on_its_first_day_it_is_a_full_one(desk: Desk, policy: Policy, day: date) -> None:
    policy(midseason_resume_rule="DAYS_BLEND")
    home = a_suspended_home(desk)
    desk.set_day(day)
    desk.do("resumptions", accounts=[home])
    assert desk.billed(home) == ["2330.38"]


def test_where_it_is_not_allowed_a_day_of_the_season_is_refused_and_the_day_before_is_not(
    desk: Desk, policy: Policy
) -> None:
    policy(midseason_resume_rule="NOT_ALLOWED")
    home, other = a_suspended_home(desk), a_suspended_home(desk)
    desk.set_day(date(2025, 10, 31))
    desk.do("resumptions", accounts=[other])
    assert desk.billed(other) == ["2330.38"]
    for day in (FIRST_DAY, date(2026, 3, 31)):
        desk.set_day(day)
        assert desk.refused("resumptions", accounts=[home]) == "resumption_not_allowed"
    desk.set_day(date(2026, 4, 1))
    desk.do("resumptions", accounts=[home])
    assert desk.billed(home) == ["699.11"]


def test_a_season_that_is_billed_after_the_resumption_is_billed_by_its_days(desk: Desk, policy: Policy) -> None:
    policy(midseason_resume_rule="DAYS_BLEND")
    desk.set_day(APPLIED)
    home = desk.home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.set_day(NEW_YEAR)
    desk.do("resumptions", accounts=[home])
    bill(desk, home)
    assert desk.billed(home) == ["1671.39"]


def test_a_home_that_came_suspended_from_the_old_system_resumes_too(desk: Desk) -> None:
    home = desk.billed_home()
    desk.as_owner("UPDATE heat_accounts SET state = 'suspended', suspended_from = 2020 WHERE account_no = %s", (home,))
    desk.set_day(NEW_YEAR)
    desk.do("resumptions", accounts=[home])
    assert desk.state(home) == "active"
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    assert desk.billed(home, "2026-2027") == ["2330.38"]


def test_debt_stops_a_resumption(desk: Desk, suspended: str) -> None:
    desk.payments.owing(suspended, "699.11")
    assert desk.refused("resumptions", accounts=[suspended]) == "debt_outstanding"


def test_a_home_with_heat_is_not_resumed(desk: Desk) -> None:
    assert desk.refused("resumptions", accounts=[desk.home()]) == "transition_refused"


def test_a_resumption_of_a_suspended_home_is_no_restoration(desk: Desk, suspended: str) -> None:
    desk.do("resumptions", accounts=[suspended])
    told = [item.account_no for event in desk.events() if isinstance(event, AccountsRestored) for item in event.items]
    assert suspended not in told


def test_an_open_valve_costs_the_full_season_once_and_the_home_stays_suspended(desk: Desk, suspended: str) -> None:
    desk.set_day(date(2026, 1, 15))
    (done,) = desk.do("inspections", accounts=[suspended])
    assert (done["charged"], done["state"]) == ("1631.27", "suspended")
    assert desk.billed(suspended) == ["2330.38"]
    (again,) = desk.do("inspections", accounts=[suspended])
    assert again["charged"] == "0.00"
    desk.set_day(date(2026, 8, 1))
    bill(desk, suspended, season="2026-2027")
    assert desk.billed(suspended, "2026-2027") == ["699.11"]


def test_a_home_with_heat_is_not_charged_for_an_open_valve(desk: Desk) -> None:
    assert desk.refused("inspections", accounts=[desk.home()]) == "transition_refused"

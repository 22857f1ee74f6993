"""Heat used without a right to it, found by `inspect`: charged by the policy, billed at once, and the bill says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.illegal_use import IllegalUse, days_used
from services.accounts.domain.season_dates import season_of
from shared.kernel.money import parse_yuan
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.policy_packs import pack

Policy = Callable[..., None]
FOUND = date(2026, 1, 10)
"""Day 71 of 151."""


def never_connected(desk: Desk, **given: object) -> str:
    """A home as an old system handed it over: known, and not connected."""
    home = desk.home(**given)
    desk.as_owner("UPDATE heat_accounts SET state = 'not_connected' WHERE account_no = %s", (home,))
    return home


def cut_home(desk: Desk) -> str:
    """Billed, and without heat for arrears from 2026-01-01 on."""
    home = desk.billed_home()
    desk.payments.owing(home, "10.00", since="2025-10-01")
    for day in (date(2025, 11, 20), date(2025, 12, 10)):
        desk.set_day(day)
        desk.do("notices", accounts=[home])
    desk.set_day(date(2026, 1, 1))
    desk.do("cuts", accounts=[home])
    desk.payments.paid(home)
    return home


def test_a_home_that_was_never_connected_is_billed_the_season_at_once(desk: Desk) -> None:
    home = never_connected(desk)
    desk.set_day(FOUND)
    (done,) = desk.do("inspections", accounts=[home])
    assert (done["state"], done["charged"]) == ("not_connected", "2330.38")
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert (only["kind"], only["amount"]) == ("season", "2330.38")
    assert "擅自用热，按全季100%计" in only["explanation"]
    assert recomputed_fen(only["derivation"]) == 233038


def test_found_twice_it_is_charged_once(desk: Desk) -> None:
    home = never_connected(desk)
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[home])
    desk.set_day(date(2026, 2, 10))
    (done,) = desk.do("inspections", accounts=[home])
    assert (done["charged"], desk.billed(home)) == ("0.00", ["2330.38"])


def test_by_days_it_is_charged_from_the_season_or_from_the_day_that_is_proven(desk: Desk, policy: Policy) -> None:
    policy(illegal_use_rule="DAYS")
    presumed, proven = never_connected(desk), never_connected(desk)
    desk.set_day(FOUND)
    (one,) = desk.do("inspections", accounts=[presumed])
    (other,) = desk.do("inspections", accounts=[proven], used_since="2026-01-01", finding="heat_used")
    assert one["charged"] == f"{round(233038 * 71 / 151) / 100:.2f}"
    assert other["charged"] == f"{round(233038 * 10 / 151) / 100:.2f}"


def test_days_of_two_findings_are_counted_once(desk: Desk, policy: Policy) -> None:
    policy(illegal_use_rule="DAYS")
    home = never_connected(desk)
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[home], used_since="2026-01-01")
    desk.set_day(date(2026, 1, 20))
    desk.do("inspections", accounts=[home], used_since="2026-01-05")
    assert desk.billed(home) == [f"{round(233038 * 20 / 151) / 100:.2f}"]


def test_a_policy_with_a_document_may_charge_more_than_the_fee(desk: Desk, policy: Policy) -> None:
    policy(illegal_use_pct="200")
    home = never_connected(desk)
    desk.set_day(FOUND)
    assert desk.do("inspections", accounts=[home])[0]["charged"] == "4660.76"


def test_a_home_that_left_before_the_season_is_charged_and_stays_gone(desk: Desk) -> None:
    home = desk.billed_home()
    desk.do("disconnections", accounts=[home])
    assert desk.billed(home) == ["0.00"]
    desk.set_day(FOUND)
    (done,) = desk.do("inspections", accounts=[home])
    assert (done["charged"], done["state"], desk.billed(home)) == ("2330.38", "disconnected", ["2330.38"])


def test_a_home_that_left_within_the_season_pays_it_once(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(date(2025, 12, 1))
    desk.do("disconnections", accounts=[home])
    desk.set_day(FOUND)
    (done,) = desk.do("inspections", accounts=[home])
    assert (done["charged"], desk.billed(home)) == ("0.00", ["2330.38"])


def test_a_home_that_is_cut_off_pays_the_whole_season_or_the_days(desk: Desk, policy: Policy) -> None:
    whole = cut_home(desk)
    without_heat = desk.billed(whole)
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[whole])
    assert desk.billed(whole) == ["2330.38"] != without_heat
    desk.set_day(date(2025, 10, 20))
    policy(illegal_use_rule="DAYS", cut_for_arrears_loss_pct="10")
    by_days = cut_home(desk)
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[by_days], used_since="2026-01-06")
    assert desk.billed(by_days) == [f"{round(233038 * (61 + 5 + 0.1 * 85) / 151) / 100:.2f}"]
    (only,) = desk.get(f"/accounts/{by_days}/bills")[1]["bills"]
    assert recomputed_fen(only["derivation"]) == parse_yuan(only["amount"])


def test_a_suspended_home_is_charged_as_it_was(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.set_day(FOUND)
    assert desk.do("inspections", accounts=[home])[0]["charged"] == "1631.27"


def test_one_list_may_hold_homes_of_every_kind(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    suspended, gone = desk.billed_home(), desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": suspended, "season": "2025-2026"}])
    desk.do("disconnections", accounts=[gone])
    never = never_connected(desk, price_class="nonresidential")
    desk.set_day(FOUND)
    told = {each["account_no"]: each["charged"] for each in desk.do("inspections", accounts=[never, suspended, gone])}
    assert told == {suspended: "1631.27", gone: "2330.38", never: "2868.16"}


def test_the_next_season_bills_no_home_that_has_no_right_to_heat(desk: Desk) -> None:
    home = never_connected(desk)
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[home])
    desk.set_day(date(2026, 8, 1))
    status, answer = desk.post("/billing-runs", {"season": "2026-2027", "accounts": [home]})
    assert (status, answer["parked"]) == (201, 1)


def test_a_preview_tells_the_charge_and_writes_nothing(desk: Desk) -> None:
    home = never_connected(desk)
    desk.set_day(FOUND)
    before = desk.content()
    (seen,) = desk.do("inspections", preview=True, accounts=[home])
    assert desk.content() == before
    assert desk.do("inspections", accounts=[home])[0] == seen


def test_who_has_a_right_to_heat_or_is_part_of_another_account_is_not_charged_so(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.do("mergers", mergers=[{"account_no": stays, "other_no": ends}])
    desk.set_day(FOUND)
    assert desk.refused("inspections", accounts=[stays]) == "transition_refused"
    assert desk.refused("inspections", accounts=[ends]) == "transition_refused"


def test_before_the_season_nothing_can_have_been_used(desk: Desk) -> None:
    assert desk.refused("inspections", accounts=[never_connected(desk)]) == "season_not_begun"


def test_a_debt_of_the_season_that_the_old_system_handed_over_is_not_billed_on_top(desk: Desk) -> None:
    home = desk.billed_home()
    bill(desk, home, season="2024-2025")
    desk.as_owner("ALTER TABLE bills DISABLE TRIGGER USER")
    desk.as_owner("UPDATE bills SET kind = 'opening', tariff_id = NULL, derivation = NULL, run_id = NULL"
                  " WHERE account_no = %s AND season = 2025", (home,))  # fmt: skip
    desk.as_owner("ALTER TABLE bills ENABLE TRIGGER USER")
    desk.as_owner("UPDATE heat_accounts SET state = 'not_connected' WHERE account_no = %s", (home,))
    desk.set_day(FOUND)
    assert desk.refused("inspections", accounts=[home]) == "billed_by_old_system"


@pytest.mark.parametrize(
    "words",
    [
        {"used_since": "2026-01-11"},
        {"used_since": "2025-10-31"},
        {"used_since": "yesterday"},
        {"used_since": None},
        {"finding": "smell"},
        {"finding": None},
        {"accounts": []},
        {"accounts": None},
        {"seal": "1"},
    ],
)
def test_findings_that_cannot_be_are_refused(desk: Desk, words: dict[str, object]) -> None:
    home = never_connected(desk)
    desk.set_day(FOUND)
    assert desk.refused("inspections", **{"accounts": [home], **words}) == "invalid_input"


def test_days_are_those_of_the_season_alone() -> None:
    season = season_of(pack("{}"), 2025)
    use = IllegalUse(2025, date(2025, 10, 1), date(2026, 5, 1))
    assert days_used([use, use], season) == 151
    assert days_used([IllegalUse(2025, date(2026, 4, 1), date(2026, 5, 1))], season) == 0


def test_by_days_a_home_that_left_suspended_keeps_the_price_of_its_suspension(desk: Desk, policy: Policy) -> None:
    policy(illegal_use_rule="DAYS")
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.set_day(date(2025, 12, 1))
    desk.do("disconnections", accounts=[home])
    assert desk.billed(home) == ["699.11"]
    desk.set_day(FOUND)
    desk.do("inspections", accounts=[home], used_since="2026-01-08")
    assert desk.billed(home) == [f"{parse_yuan('2330.38') * (3 + 148 * 0.3) / 151 / 100:.2f}"]

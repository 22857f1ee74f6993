"""Notices, the cut for arrears and what a cut season costs; disconnection.

Use cases: `serve_notice`, `cut_account`, `disconnect_account`.
"""

from __future__ import annotations

from datetime import date

import pytest

from shared.messages.accounts import AccountsCut, AccountsRestored
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

FIRST, SECOND, CUT_ON = date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 27)


@pytest.fixture
def late(desk: Desk) -> str:
    """A billed home that owes, with two notices."""
    home = desk.billed_home()
    desk.payments.owing(home, "2335.04", since="2025-12-31")
    for day in (FIRST, SECOND):
        desk.set_day(day)
        desk.do("notices", accounts=[home])
    return home


def test_a_notice_tells_whom_it_went_to_and_over_how_much(desk: Desk) -> None:
    home = desk.billed_home()
    desk.payments.owing(home, "918.00", payer="finance")
    (to_finance,) = desk.do("notices", accounts=[home])
    assert (to_finance["to"], to_finance["amount"]) == ("finance", "918.00")
    desk.payments.owing(home, "378.00")
    (to_household,) = desk.do("notices", accounts=[home])
    assert (to_household["to"], to_household["amount"]) == ("self", "378.00")


def test_nobody_is_dunned_who_is_not_late(desk: Desk) -> None:
    home = desk.billed_home()
    assert desk.refused("notices", accounts=[home]) == "nothing_overdue"
    assert desk.refused("cuts", accounts=[home]) == "nothing_overdue"


def test_a_cut_season_costs_its_heated_days_and_a_share_of_the_others(desk: Desk, late: str) -> None:
    desk.set_day(CUT_ON)
    (done,) = desk.do("cuts", accounts=[late])
    assert (done["state"], desk.state(late)) == ("cut", "cut")
    # 1 November to 26 January are 87 days, 64 are cut: 2,330.38 × (87 + 0.2 × 64) ÷ 151 = 1,540.2114…
    assert desk.billed(late) == ["1540.21"]
    assert late in [
        item.account_no for event in desk.events() if isinstance(event, AccountsCut) for item in event.items
    ]


def test_restored_days_are_days_with_heat(desk: Desk, late: str) -> None:
    desk.set_day(CUT_ON)
    desk.do("cuts", accounts=[late])
    desk.set_day(date(2026, 2, 6))
    assert desk.refused("resumptions", accounts=[late]) == "debt_outstanding"
    desk.payments.paid(late)
    desk.do("resumptions", accounts=[late])
    # 10 days were cut: 2,330.38 × (141 + 0.2 × 10) ÷ 151 = 2,206.9161…
    assert desk.billed(late) == ["2206.92"]
    told = [item for event in desk.events() if isinstance(event, AccountsRestored) for item in event.items]
    assert [(item.account_no, item.restored_on) for item in told if item.account_no == late] == [
        (late, date(2026, 2, 6))
    ]


def test_a_home_that_is_still_cut_pays_the_share_of_the_next_season(desk: Desk, late: str) -> None:
    desk.set_day(CUT_ON)
    desk.do("cuts", accounts=[late])
    desk.set_day(date(2026, 8, 1))
    bill(desk, late, season="2026-2027")
    # 2,330.38 × 20 % = 466.076
    assert desk.billed(late, "2026-2027") == ["466.08"]
    desk.payments.paid(late)
    desk.do("resumptions", accounts=[late])
    assert desk.billed(late, "2026-2027") == ["2330.38"]


def test_the_second_notice_must_be_fifteen_days_old(desk: Desk, late: str) -> None:
    desk.set_day(date(2026, 1, 26))
    assert desk.refused("cuts", accounts=[late]) == "notice_missing"
    desk.set_day(CUT_ON)
    desk.do("cuts", accounts=[late])


def test_notices_of_an_older_debt_do_not_count(desk: Desk, late: str) -> None:
    desk.payments.paid(late)
    desk.payments.owing(late, "100.00", since="2026-01-08")
    desk.set_day(date(2026, 2, 20))
    assert desk.refused("cuts", accounts=[late]) == "notice_missing"


def test_a_home_is_not_cut_for_another_payer(desk: Desk) -> None:
    home = desk.billed_home()
    desk.payments.owing(home, "918.00", payer="finance")
    assert desk.refused("cuts", accounts=[home]) == "not_this_payer"


def test_a_suspended_home_is_not_cut(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.payments.owing(home, "699.11")
    assert desk.refused("cuts", accounts=[home]) == "transition_refused"


def test_disconnected_before_the_season_nothing_is_billed_for_it(desk: Desk) -> None:
    desk.set_day(date(2025, 10, 31))
    home = desk.billed_home()
    desk.do("disconnections", accounts=[home])
    assert (desk.state(home), desk.billed(home)) == ("disconnected", ["0.00"])


def test_disconnected_on_its_first_day_or_later_the_season_stays(desk: Desk) -> None:
    desk.set_day(date(2025, 11, 1))
    home, unbilled = desk.billed_home(), desk.home()
    desk.do("disconnections", accounts=[home, unbilled])
    assert desk.billed(home) == ["2330.38"]
    bill(desk, unbilled)
    assert desk.billed(unbilled) == ["2330.38"]
    bill(desk, home, unbilled, season="2025-2026", mode="preview")
    desk.set_day(date(2026, 8, 1))
    run = bill(desk, home, season="2026-2027")
    assert run["parked"] == 1


def test_a_suspended_home_that_leaves_within_the_season_keeps_its_share(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.set_day(date(2026, 1, 10))
    desk.do("disconnections", accounts=[home])
    assert desk.billed(home) == ["699.11"]


def test_a_suspended_and_a_cut_home_can_leave_and_do_not_come_back(desk: Desk, late: str) -> None:
    desk.set_day(CUT_ON)
    desk.do("cuts", accounts=[late])
    assert desk.refused("disconnections", accounts=[late]) == "debt_outstanding"
    desk.payments.paid(late)
    desk.set_day(date(2026, 2, 6))
    desk.do("disconnections", accounts=[late])
    assert desk.billed(late) == ["1540.21"], "it had no heat after the cut, and has none now"
    periods = desk.get(f"/accounts/{late}/state")[1]["periods"]
    assert [(p["state"], p["from_on"], p["until_on"]) for p in periods] == [
        ("cut", "2026-01-27", "2026-02-06"), ("disconnected", "2026-02-06", None)
    ]  # fmt: skip
    assert desk.refused("resumptions", accounts=[late]) == "transition_refused"
    assert desk.refused("disconnections", accounts=[late]) == "transition_refused"


def test_the_history_tells_every_move_with_who_and_why(desk: Desk, late: str) -> None:
    desk.set_day(CUT_ON)
    desk.do("cuts", accounts=[late])
    moves = desk.get(f"/accounts/{late}/state")[1]["moves"]
    assert [(m["verb"], m["from"], m["to"], m["by"]) for m in moves] == [
        ("open", None, "active", "staff:zhang"), ("cut", "active", "cut", "staff:zhang")
    ]  # fmt: skip
    assert (moves[-1]["effective_on"], moves[-1]["reason"]) == ("2026-01-27", "on application")

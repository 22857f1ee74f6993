"""Suspending a home: who may, until when, for how long, and what its seasons cost then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

Policy = Callable[..., None]
IN_TIME, LATE, IN_SEASON = date(2025, 9, 30), date(2025, 10, 1), date(2025, 11, 1)


def suspensions(account_no: str, season: str = "2025-2026", **words: object) -> dict[str, object]:
    return {"suspensions": [{"account_no": account_no, "season": season, **words}]}


@pytest.fixture(autouse=True)
def _before_the_deadline(desk: Desk) -> None:
    desk.set_day(IN_TIME)


def test_a_billed_home_keeps_the_share_of_the_policy(desk: Desk) -> None:
    home = desk.billed_home()
    (done,) = desk.do("suspensions", **suspensions(home))
    assert (done["state"], done["suspended_until"]) == ("suspended", None)
    assert amounts(desk.corrections(home)) == [(2025, 69911 - 233038, True, date(2025, 12, 31))]
    assert (desk.state(home), desk.billed(home)) == ("suspended", ["699.11"])
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert recomputed_fen(only["derivation"]) == 69911
    assert "报停" in only["explanation"]


def test_a_home_that_is_billed_later_is_billed_the_share(desk: Desk) -> None:
    home = desk.home()
    desk.do("suspensions", **suspensions(home))
    bill(desk, home)
    assert desk.billed(home) == ["699.11"]


def test_a_suspension_for_two_seasons_ends_by_itself(desk: Desk) -> None:
    home = desk.billed_home()
    (done,) = desk.do("suspensions", **suspensions(home, seasons=2))
    assert done["suspended_until"] == "2027-04-01"
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    assert (desk.state(home), desk.billed(home, "2026-2027")) == ("suspended", ["699.11"])
    desk.set_day(date(2027, 8, 1))
    bill(desk, home, season="2027-2028")
    assert (desk.state(home), desk.billed(home, "2027-2028")) == ("active", ["2330.38"])
    assert desk.get(f"/accounts/{home}")[1]["state"] == "active"
    desk.do("suspensions", **suspensions(home, "2027-2028"))
    assert desk.billed(home, "2027-2028") == ["699.11"]


def test_what_was_true_on_a_day_can_be_asked(desk: Desk) -> None:
    home = desk.home()
    desk.do("suspensions", **suspensions(home, seasons=1))
    days = ("2025-09-29", "2025-09-30", "2026-03-31", "2026-04-01")
    states = [desk.get(f"/accounts/{home}/state?day={day}")[1]["state"] for day in days]
    assert states == ["active", "suspended", "suspended", "active"]


def test_where_suspensions_are_renewed_yearly_one_season_is_meant(desk: Desk, policy: Policy) -> None:
    policy(suspend_renewal="YEARLY")
    (done,) = desk.do("suspensions", **suspensions(desk.home()))
    assert done["suspended_until"] == "2026-04-01"


def test_after_the_deadline_it_is_refused(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(LATE)
    assert desk.refused("suspensions", **suspensions(home)) == "deadline_passed"
    desk.do("suspensions", **suspensions(home, "2026-2027"))
    assert desk.billed(home) == ["2330.38"]


def test_a_late_suspension_costs_more_where_it_is_taken_and_none_is_within_the_season(
    desk: Desk, policy: Policy
) -> None:
    policy(late_suspend_rule="ACCEPT_WITH_PENALTY", late_suspend_penalty_pct="5")
    home, other = desk.billed_home(), desk.billed_home()
    desk.set_day(LATE)
    desk.do("suspensions", **suspensions(home))
    # 2,330.38 × 35 % = 815.633
    assert desk.billed(home) == ["815.63"]
    desk.set_day(IN_SEASON)
    assert desk.refused("suspensions", **suspensions(other)) == "deadline_passed"
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    assert desk.billed(home, "2026-2027") == ["699.11"]


def test_a_home_inside_its_warranty_is_not_suspended(desk: Desk) -> None:
    runs, ends = desk.billed_home(warranty_until="2025-11-01"), desk.billed_home(warranty_until="2025-10-31")
    assert desk.refused("suspensions", **suspensions(runs)) == "warranty"
    desk.do("suspensions", **suspensions(ends))


def test_a_home_is_not_suspended_in_the_season_it_was_connected_for(desk: Desk) -> None:
    new, older = desk.billed_home(connected_on="2025-08-01"), desk.billed_home(connected_on="2025-03-31")
    assert desk.refused("suspensions", **suspensions(new)) == "first_season"
    desk.do("suspensions", **suspensions(older))


def test_what_the_policy_does_not_forbid_is_allowed(desk: Desk, policy: Policy) -> None:
    policy(suspend_forbidden_when="[]", suspend_requires_no_debt="false")
    home = desk.billed_home(warranty_until="2030-01-01", connected_on="2025-08-01")
    desk.payments.owing(home, "0.01")
    desk.do("suspensions", **suspensions(home))


def test_debt_stops_a_suspension_and_another_payers_debt_does_not(desk: Desk) -> None:
    home, other = desk.billed_home(), desk.billed_home()
    desk.payments.owing(home, "0.01")
    assert desk.refused("suspensions", **suspensions(home)) == "debt_outstanding"
    desk.payments.owing(other, "918.00", payer="finance")
    desk.do("suspensions", **suspensions(other))


def test_nothing_is_decided_while_payments_does_not_answer(desk: Desk) -> None:
    home = desk.billed_home()
    desk.payments.away = True
    assert desk.refused("suspensions", **suspensions(home)) == "payments_unavailable"


def test_a_suspended_or_disconnected_home_is_not_suspended(desk: Desk) -> None:
    suspended, gone = desk.billed_home(), desk.billed_home()
    desk.do("suspensions", **suspensions(suspended))
    desk.do("disconnections", accounts=[gone])
    assert desk.refused("suspensions", **suspensions(suspended)) == "transition_refused"
    assert desk.refused("suspensions", **suspensions(gone)) == "transition_refused"


def test_a_list_is_all_or_nothing_and_the_place_is_told(desk: Desk) -> None:
    good, bad = desk.billed_home(), desk.billed_home(warranty_until="2030-01-01")
    asked = [{"account_no": number, "season": "2025-2026"} for number in (good, bad)]
    assert desk.refused("suspensions", suspensions=asked) == "warranty"
    answer = desk.post("/accounts/suspensions", {"reason": "x", "suspensions": asked})[1]
    assert (answer["facts"]["place"], answer["facts"]["account_no"]) == ("suspensions/1", bad)


@pytest.mark.parametrize(
    "wrong", [{"seasons": 0}, {"seasons": 21}, {"seasons": "1"}, {"season": "2025-2027"}, {"more": 1}]
)
def test_values_that_cannot_be_read_are_refused(desk: Desk, wrong: dict[str, object]) -> None:
    asked = {"account_no": desk.home(), "season": "2025-2026", **wrong}
    assert desk.refused("suspensions", suspensions=[asked]) == "invalid_input"


def test_a_preview_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    before = desk.content()
    (done,) = desk.do("suspensions", preview=True, **suspensions(home))
    assert done["corrections"][0]["billed"] == "699.11"
    assert (desk.content(), desk.state(home)) == (before, "active")


def test_the_same_key_suspends_once(desk: Desk) -> None:
    home = desk.billed_home()
    body = {"reason": "x", **suspensions(home)}
    first = desk.post("/accounts/suspensions", body, key=f"once-{home}")
    assert desk.post("/accounts/suspensions", body, key=f"once-{home}") == first
    assert len(desk.corrections(home)) == 1

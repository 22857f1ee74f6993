"""Two flats knocked into one: the area moves by days, no fen is charged twice, and each keeps its own past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from shared.kernel.money import parse_yuan
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk

Policy = Callable[..., None]
IN_SEASON = date(2026, 1, 10)


def merger(stays: str, ends: str) -> dict[str, object]:
    return {"mergers": [{"account_no": stays, "other_no": ends}]}


def test_both_seasons_are_charged_by_days_and_add_up_to_what_they_were(desk: Desk) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(IN_SEASON)
    one, other = desk.do("mergers", **merger(stays, ends))
    assert (one["state"], other["state"]) == ("active", "disconnected")
    assert desk.billed(stays) == [f"{round((260000 * 70 + 390000 * 81) / 151) / 100:.2f}"]
    assert desk.billed(ends) == [f"{round(130000 * 70 / 151) / 100:.2f}"]
    assert sum(parse_yuan(desk.billed(home)[0]) for home in (stays, ends)) == 390000
    assert desk.state(ends) == "disconnected"
    assert desk.get(f"/accounts/{stays}")[1]["building_area"] == "150.00"


def test_both_bills_explain_themselves(desk: Desk) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    for home, told in ((stays, "2025-11-01起70天"), (ends, "2026-01-10并入他户")):
        (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
        assert told in only["explanation"]
        assert recomputed_fen(only["derivation"]) == parse_yuan(only["amount"])


def test_later_seasons_bill_the_whole_to_the_one_that_stays(desk: Desk) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    desk.set_day(date(2026, 8, 1))
    bill(desk, stays, season="2026-2027")
    assert desk.billed(stays, "2026-2027") == ["3900.00"]
    status, answer = desk.post("/billing-runs", {"season": "2026-2027", "accounts": [ends]})
    assert (status, answer["parked"]) == (201, 1)


def test_a_season_that_is_billed_after_the_merger_is_billed_the_same(desk: Desk) -> None:
    stays, ends = desk.home(building_area="100.00"), desk.home(building_area="50.00")
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    bill(desk, stays)
    bill(desk, ends)
    assert sum(parse_yuan(desk.billed(home)[0]) for home in (stays, ends)) == 390000


@pytest.mark.parametrize("day", [date(2025, 10, 20), date(2025, 11, 1)])
def test_merged_before_any_heat_the_one_that_ends_is_charged_nothing(desk: Desk, day: date) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(day)
    desk.do("mergers", **merger(stays, ends))
    assert (desk.billed(stays), desk.billed(ends)) == (["3900.00"], ["0.00"])


def test_a_flat_and_a_shop_keep_their_classes_to_the_day(desk: Desk) -> None:
    stays, ends = (
        desk.billed_home(building_area="100.00"),
        desk.billed_home(building_area="50.00", price_class="nonresidential"),
    )
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    assert desk.billed(ends) == [f"{round(160000 * 70 / 151) / 100:.2f}"]
    assert desk.billed(stays) == [f"{round((260000 * 70 + 390000 * 81) / 151) / 100:.2f}"]


def test_an_area_corrected_after_it_counts_since_the_merger(desk: Desk) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    desk.do("areas", areas=[{"account_no": stays, "building_area": "160.00"}])
    assert desk.billed(stays) == [f"{round((260000 * 70 + 416000 * 81) / 151) / 100:.2f}"]


def test_an_area_that_is_taken_apart_after_it_counts_since_the_merger(desk: Desk) -> None:
    stays, ends = desk.billed_home(building_area="100.00"), desk.billed_home(building_area="50.00")
    desk.set_day(IN_SEASON)
    desk.do("mergers", **merger(stays, ends))
    before = desk.billed(stays)
    whole = [{"component": "main", "area": "150.00"}]
    desk.do("area-components", homes=[{"account_no": stays, "components": whole}])
    assert desk.billed(stays) == before


def test_what_is_overdue_of_the_one_that_ends_is_settled_first(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.payments.owing(ends, "10.00")
    assert desk.refused("mergers", **merger(stays, ends)) == "debt_outstanding"
    desk.payments.paid(ends)
    desk.payments.owing(stays, "10.00")
    desk.do("mergers", **merger(stays, ends))
    desk.payments.paid(stays)


def test_the_debt_of_the_one_that_stays_stops_nothing_and_payments_must_answer(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.payments.away = True
    assert desk.refused("mergers", **merger(stays, ends)) == "payments_unavailable"
    desk.payments.away = False


def test_suspended_homes_are_resumed_before_they_are_merged(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": ends, "season": "2025-2026"}])
    assert desk.refused("mergers", **merger(stays, ends)) == "transition_refused"
    assert desk.refused("mergers", **merger(ends, stays)) == "transition_refused"


def test_an_account_ends_once_and_a_merged_one_is_not_merged_on(desk: Desk) -> None:
    a, b, c = desk.billed_home(), desk.billed_home(), desk.billed_home()
    desk.do("mergers", **merger(a, b))
    assert desk.refused("mergers", **merger(c, b)) == "transition_refused"
    assert desk.refused("mergers", **merger(b, c)) == "transition_refused"
    desk.do("mergers", **merger(c, a))
    assert desk.billed(c) == [f"{(8963 * 26 * 3) / 100:.2f}"]


def test_a_home_whose_area_is_taken_apart_is_measured_first(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    parts = [{"component": "main", "area": "80.00"}]
    status, answer = desk.post(
        "/accounts/area-components", {"reason": "x", "homes": [{"account_no": ends, "components": parts}]}
    )
    assert status == 201, answer
    assert desk.refused("mergers", **merger(stays, ends)) == "area_taken_apart"


def test_a_preview_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    stays, ends = desk.billed_home(), desk.billed_home()
    desk.set_day(IN_SEASON)
    before = desk.content()
    seen = [each["corrections"] for each in desk.do("mergers", preview=True, **merger(stays, ends))]
    assert desk.content() == before
    assert [each["corrections"] for each in desk.do("mergers", **merger(stays, ends))] == seen


@pytest.mark.parametrize(
    ("mergers", "code"),
    [
        ([], "invalid_input"),
        (None, "invalid_input"),
        ([{"account_no": "0110000001"}], "invalid_input"),
        ([{"account_no": "0110000001", "other_no": None}], "invalid_input"),
        ([{"account_no": "0110000001", "other_no": "0110000001"}], "merged_with_itself"),
        ([{"account_no": "0119999998", "other_no": "0119999999"}], "unknown_account"),
        ([{"account_no": "0119999998", "other_no": "0119999999", "third": "0119999997"}], "invalid_input"),
        ([{"account_no": "0119999998", "other_no": "0119999999"}] * 2, "invalid_input"),
        ([{"account_no": "0119999998", "other_no": "0119999999"}] * 501, "invalid_input"),
    ],
)
def test_mergers_that_cannot_be_are_refused(desk: Desk, mergers: object, code: str) -> None:
    assert desk.refused("mergers", mergers=mergers) == code


def test_a_clerk_merges_nothing(desk: Desk) -> None:
    stays, ends = desk.home(), desk.home()
    assert desk.post("/accounts/mergers", {"reason": "x", **merger(stays, ends)}, roles=["clerk"])[0] == 403

"""A home is used otherwise from a day on: the season is charged by days of each class, and the bill says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

Policy = Callable[..., None]
IN_SEASON = date(2026, 1, 10)
HOME_FEN, SHOP_FEN = 233038, 286816
"""89.63 m² at 26.00 and at 32.00."""


def change(account_no: str, price_class: str = "nonresidential", **words: str) -> dict[str, object]:
    return {"changes": [{"account_no": account_no, "price_class": price_class, **words}]}


def test_the_season_is_charged_by_days_of_each_class(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    (done,) = desk.do("class-changes", **change(home))
    by_days = round((HOME_FEN * 70 + SHOP_FEN * 81) / 151)
    assert (done["price_class"], done["since"]) == ("nonresidential", "2026-01-10")
    assert amounts(desk.corrections(home)) == [(2025, by_days - HOME_FEN, False, IN_SEASON)]
    assert desk.get(f"/accounts/{home}")[1]["price_class"] == "nonresidential"


def test_the_derivation_shows_both_parts_and_can_be_worked_out_again(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    line = only["derivation"]["line"]
    assert (line["rule"], line["days"], line["of_days"], line["of"]["fen"]) == ("by_parts", 81, 151, SHOP_FEN)
    (earlier,) = line["earlier"]
    assert (earlier["days"], earlier["line"]["fen"], earlier["tariff"]["price_class"]) == (70, HOME_FEN, "residential")
    assert f"{recomputed_fen(only['derivation']) / 100:.2f}" == only["amount"]
    assert "2025-11-01起70天按居民" in only["explanation"]
    explained = desk.get(f"/accounts/{home}/bills/{only['bill_no']}/explanation")[1]
    assert explained["agrees"]
    assert "70 days from 2025-11-01 as residential" in explained["en"]


def test_a_season_run_after_the_change_bills_the_same(desk: Desk) -> None:
    billed, not_yet = desk.billed_home(), desk.home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", changes=[*change(billed)["changes"], *change(not_yet)["changes"]])  # type: ignore[misc]
    bill(desk, not_yet)
    assert desk.billed(not_yet) == desk.billed(billed)


def test_a_change_before_the_season_or_of_a_later_one_counts_for_all_of_it(desk: Desk) -> None:
    home = desk.billed_home()
    desk.do("class-changes", **change(home))
    assert desk.billed(home) == ["2868.16"]
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    assert desk.billed(home, "2026-2027") == ["2868.16"]


def test_a_change_that_is_told_late_counts_from_its_own_day(desk: Desk) -> None:
    told_at_once, told_late = desk.billed_home(), desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(told_at_once))
    desk.set_day(date(2026, 3, 1))
    desk.do("class-changes", **change(told_late, since="2026-01-10"))
    assert desk.billed(told_late) == desk.billed(told_at_once)


def test_three_classes_in_one_season_add_up_by_days(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    desk.set_day(date(2026, 2, 10))
    desk.do("class-changes", **change(home, "garage"))
    garage_fen = 143408
    exact = (HOME_FEN * 70 + SHOP_FEN * 31 + garage_fen * 50) / 151
    assert desk.billed(home) == [f"{round(exact) / 100:.2f}"]


def test_a_change_that_is_taken_back_on_its_day_costs_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    desk.do("class-changes", **change(home, "residential"))
    assert desk.billed(home) == ["2330.38"]


def test_where_the_policy_says_so_the_whole_season_or_the_next_one_changes(desk: Desk, policy: Policy) -> None:
    for rule, this_season in (("WHOLE_SEASON", "2868.16"), ("NEXT_SEASON", "2330.38")):
        desk.set_day(date(2025, 10, 20))
        policy(midseason_class_rule=rule)
        home = desk.billed_home()
        desk.set_day(IN_SEASON)
        desk.do("class-changes", **change(home))
        assert desk.billed(home) == [this_season]
        desk.set_day(date(2026, 8, 1))
        bill(desk, home, season="2026-2027")
        assert desk.billed(home, "2026-2027") == ["2868.16"]


def test_an_area_that_is_corrected_later_counts_for_both_classes(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    desk.do("areas", areas=[{"account_no": home, "building_area": "100.00"}])
    assert desk.billed(home) == [f"{round((260000 * 70 + 320000 * 81) / 151) / 100:.2f}"]


def test_a_suspended_home_keeps_its_share_of_both_parts(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    both = round((HOME_FEN * 70 + SHOP_FEN * 81) / 151)
    assert desk.billed(home) == [f"{round(both * 0.3) / 100:.2f}"]


def test_a_preview_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    before = desk.content()
    (seen,) = desk.do("class-changes", preview=True, **change(home))
    assert desk.content() == before
    (done,) = desk.do("class-changes", **change(home))
    assert done == seen


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"since": "2026-01-11"}, "invalid_input"),
        ({"since": "2025-03-31"}, "invalid_input"),
        ({"since": "2026-02-30"}, "invalid_input"),
        ({"since": None}, "invalid_input"),
        ({"price_class": "palace"}, "invalid_input"),
        ({"price_class": None}, "invalid_input"),
        ({"price_class": "residential"}, "class_unchanged"),
        ({"account_no": "0119999999"}, "unknown_account"),
        ({"account_no": 110000001}, "invalid_input"),
        ({"class": "garage"}, "invalid_input"),
    ],
)
def test_a_change_that_cannot_be_is_refused(desk: Desk, words: dict[str, object], code: str) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    one = {"account_no": home, "price_class": "nonresidential", **words}
    assert desk.refused("class-changes", changes=[one]) == code


def test_a_change_before_an_earlier_one_is_refused(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    assert desk.refused("class-changes", **change(home, "garage", since="2026-01-09")) == "invalid_input"


def test_lists_of_none_of_too_many_or_with_a_home_twice_change_nothing(desk: Desk) -> None:
    home = desk.home()
    (one,) = change(home)["changes"]  # type: ignore[misc]
    for changes in ([], [one, one], [one] * 1001, None, "x"):
        assert desk.refused("class-changes", changes=changes) == "invalid_input"


def test_a_home_that_left_changes_nothing_and_a_clerk_may_not(desk: Desk) -> None:
    home = desk.billed_home()
    status, _ = desk.post("/accounts/class-changes", {"reason": "x", **change(home)}, roles=["clerk"])
    assert status == 403
    desk.do("disconnections", accounts=[home])
    assert desk.refused("class-changes", **change(home)) == "transition_refused"


def test_a_home_with_a_price_of_its_own_can_be_worked_out_again_after_a_change(desk: Desk) -> None:
    home = desk.billed_home(building_area="100.00")
    relief = {"account_no": home, "kind": "special_price", "mechanism": "PRICE_CLASS", "price": "20.00"}
    status, answer = desk.post("/accounts/reliefs", {"reason": "agreed", "reliefs": [relief]})
    assert status == 201, answer
    assert desk.billed(home) == ["2000.00"]
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    (only,) = desk.get(f"/accounts/{home}/bills")[1]["bills"]
    assert f"{recomputed_fen(only['derivation']) / 100:.2f}" == only["amount"]


def test_why_the_next_season_is_dearer_adds_up_to_the_difference(desk: Desk) -> None:
    home = desk.billed_home()
    desk.set_day(IN_SEASON)
    desk.do("class-changes", **change(home))
    desk.set_day(date(2026, 8, 1))
    bill(desk, home, season="2026-2027")
    (only,) = desk.get(f"/accounts/{home}/bills?season=2026-2027")[1]["bills"]
    told = desk.get(f"/accounts/{home}/bills/{only['bill_no']}/explanation")[1]["last_season"]
    assert told["difference"] != "0.00"
    assert f"{sum(float(cause['amount']) for cause in told['causes']):.2f}" == told["difference"]
    assert "70 days from 2025-11-01 as residential" in told["en"]

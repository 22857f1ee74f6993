"""Reports over a season: what stood on a day, grouped; every sum is the sum of its parts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.domain.account_facts import LIFECYCLE, SUSPENDED
from services.accounts.domain.season_report import GROUPINGS, STATES, Measures
from services.accounts.use_cases.record_debts import record_debts
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import SELF
from shared.messages.payments import ChangedDebt, DebtsChanged, SettledDebt
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk

DAY = timedelta(days=1)


def collected(
    service: AccountsService, account_no: str, *settled: tuple[str, int], version: int = 1, discount_fen: int = 0,
    late_fee_fen: int = 0, season: int = 2025,
) -> None:  # fmt: skip
    """payments tells: on these days so much of the bill was paid."""
    ((bill_no, billed_fen),) = service.rows(
        "SELECT bill_no, amount_fen FROM bills WHERE account_no = %s AND season = %s", (account_no, season)
    )
    rows = tuple(SettledDebt(date.fromisoformat(day), fen, discount_fen, 0, late_fee_fen) for day, fen in settled)
    known = service.rows(
        "SELECT coalesce(sum(paid_fen + discount_fen), 0)::bigint FROM collections WHERE bill_no = %s", (bill_no,)
    )[0][0]
    open_fen = billed_fen - known - sum(row.paid_fen + row.discount_fen for row in rows)
    item = ChangedDebt(account_no, version, bill_no, SELF, open_fen, open_fen == 0, rows)
    service.runtime.commands.run(record_debts, DebtsChanged((item,)), caller=Caller("bus:payments"))


def report(service: AccountsService, by: str = "compound", **query: str) -> Any:
    words = "&".join(f"{name}={value}" for name, value in {"by": by, **query}.items())
    status, answer = service.get(f"/reports/standing?{words}")
    assert status == 200, answer
    return answer


def homes_by_state(measures: Any) -> dict[str, int]:
    return {state: found["homes"] for state, found in measures["states"].items() if found["homes"]}


@pytest.fixture
def city(service: AccountsService) -> list[str]:
    """Two compounds, billed on 2025-10-20: three homes here, one there, and one that was never connected."""
    homes = [
        a_home(1), a_home(2, building="4"), a_home(3),
        a_home(4, compound="平安里", price_class="nonresidential"), a_home(5),
    ]  # fmt: skip
    status, answer = service.post("/accounts", {"accounts": homes})
    assert status == 201, answer
    found = list(answer["account_nos"])
    service.as_owner("UPDATE heat_accounts SET state = 'not_connected' WHERE account_no = %s", (found[4],))
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 4
    for account_no, station in zip(found, ("一站", "一站", "二站"), strict=False):
        supplied_by(service, account_no, station)
    return found


def supplied_by(service: AccountsService, account_no: str, station: str) -> None:
    """As an import of a ledger writes it."""
    service.as_owner(
        "UPDATE premises SET heat_station = %s WHERE premises_id ="
        " (SELECT premises_id FROM heat_accounts WHERE account_no = %s)",
        (station, account_no),
    )


def test_homes_and_areas_are_counted_where_they_are(service: AccountsService, city: list[str]) -> None:
    answer = report(service)
    assert [(g["compound"], g["homes"], g["area"]) for g in answer["groups"]] == [
        ("平安里", 1, "89.63"), ("幸福小区", 4, "358.52"),
    ]  # fmt: skip
    assert homes_by_state(answer["whole"]) == {"heated": 4, "never_connected": 1}
    assert (answer["whole"]["billed_homes"], answer["whole"]["billed_area"]) == (4, "358.52")
    assert (answer["on"], answer["season"], answer["next"]) == ("2025-10-20", "2025-2026", None)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("building", [("平安里", "3"), ("幸福小区", "3"), ("幸福小区", "4")]),
        ("unit", [("平安里", "3", "2"), ("幸福小区", "3", "2"), ("幸福小区", "4", "2")]),
        ("heat_station", [("",), ("一站",), ("二站",)]),
        ("price_class", [("nonresidential",), ("residential",)]),
        ("branch", [("",)]),
    ],
)
def test_groups_are_named(service: AccountsService, city: list[str], by: str, names: list[tuple[str, ...]]) -> None:
    assert [tuple(group[name] for name in GROUPINGS[by]) for group in report(service, by)["groups"]] == names


def test_a_filter_keeps_one_place_with_its_own_money(service: AccountsService, city: list[str]) -> None:
    collected(service, city[0], ("2025-10-20", 100000))
    collected(service, city[3], ("2025-10-20", 50000))
    answer = report(service, "building", compound="幸福小区")
    assert [(g["building"], g["homes"], g["received"]) for g in answer["groups"]] == [
        ("3", 3, "1000.00"), ("4", 1, "0.00"),
    ]  # fmt: skip
    assert report(service, "compound", building="4")["whole"]["homes"] == 1
    assert report(service, "compound", compound="没有的小区")["whole"]["homes"] == 0


def test_the_collection_rate_is_what_was_received_of_what_was_to_be_received(
    service: AccountsService, city: list[str]
) -> None:
    collected(service, city[0], ("2025-10-20", 230000), discount_fen=3038)
    collected(service, city[1], ("2025-10-20", 100000), late_fee_fen=777)
    whole = report(service, compound="幸福小区")["whole"]
    assert (whole["billed"], whole["received"], whole["discount"], whole["late_fee"], whole["open"]) == (
        "6991.14", "3300.00", "30.38", "7.77", "3660.76",
    )  # fmt: skip
    # 3,300.00 of 6,991.14 − 30.38
    assert whole["collection_rate"] == "47.41"


def test_a_report_of_a_day_leaves_out_what_came_later(service: AccountsService, city: list[str]) -> None:
    service.set_day(date(2025, 12, 1))
    collected(service, city[0], ("2025-11-05", 100000))
    collected(service, city[0], ("2025-11-20", 50000), version=2)
    days = ("2025-10-19", "2025-10-20", "2025-11-05", "2025-12-01")
    assert [report(service, on=day)["whole"]["received"] for day in days] == ["0.00", "0.00", "1000.00", "1500.00"]
    assert [report(service, on=day)["whole"]["homes"] for day in days] == [0, 5, 5, 5]
    assert report(service, on="2025-10-19")["whole"]["billed"] == "0.00"


def test_money_that_is_taken_back_is_collected_no_longer_from_that_day_on(
    service: AccountsService, city: list[str]
) -> None:
    service.set_day(date(2025, 12, 1))
    collected(service, city[0], ("2025-11-05", 100000))
    collected(service, city[0], ("2025-11-20", -100000), version=2)
    assert [report(service, on=day)["whole"]["received"] for day in ("2025-11-19", "2025-11-20")] == ["1000.00", "0.00"]


def test_what_is_told_twice_is_counted_once(service: AccountsService, city: list[str]) -> None:
    collected(service, city[0], ("2025-10-20", 100000))
    collected(service, city[0], ("2025-10-20", 100000))
    assert report(service)["whole"]["received"] == "1000.00"


def test_what_is_open_of_seasons_before_is_arrears(service: AccountsService, city: list[str]) -> None:
    collected(service, city[0], ("2025-10-20", 33038))
    service.set_day(date(2026, 8, 1))
    assert service.post("/billing-runs", {"season": "2026-2027", "accounts": [city[0]]})[1]["billed"] == 1
    answer = report(service, compound="幸福小区")
    assert (answer["season"], answer["whole"]["billed"], answer["whole"]["arrears"]) == (
        "2026-2027", "2330.38", "6660.76",
    )  # fmt: skip
    assert report(service, season="2025-2026", compound="幸福小区")["whole"]["arrears"] == "0.00"


def test_an_area_is_the_one_of_the_day_and_the_bill_follows_its_correction(
    service: AccountsService, city: list[str]
) -> None:
    service.set_day(date(2025, 10, 25))
    corrected = {"areas": [{"account_no": city[0], "building_area": "100.00"}], "reason": "重新测量"}
    assert service.post("/accounts/areas", corrected)[0] == 201
    before, after = report(service, on="2025-10-24")["whole"], report(service, on="2025-10-25")["whole"]
    assert (before["area"], after["area"]) == ("448.15", "458.52")
    assert (before["billed_area"], after["billed_area"]) == ("358.52", "368.89")
    assert before["billed"] != after["billed"]


def test_the_area_that_is_missing_is_charged_by_its_factor(service: AccountsService) -> None:
    service.post(
        "/policies", {"name": "default", "set": {"area_basis": "USABLE", "missing_area_fallback_factor": "75"}}
    )
    service.post("/accounts", {"accounts": [a_home(1)]})
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 1
    assert report(service)["whole"]["billed_area"] == "67.22"


def test_groups_are_paged_and_the_whole_stays_whole(service: AccountsService, city: list[str]) -> None:
    first = report(service, "building", limit="2")
    second = report(service, "building", limit="2", after=str(first["next"]))
    assert (len(first["groups"]), len(second["groups"]), second["next"]) == (2, 1, None)
    assert first["whole"] == second["whole"]
    assert (first["count"], second["count"]) == (3, 3)


def test_a_day_that_has_not_come_is_refused(service: AccountsService) -> None:
    status, answer = service.get("/reports/standing?on=2025-10-21")
    assert (status, answer["code"]) == (400, "invalid_input")


@pytest.mark.parametrize(
    "query",
    ["by=street", "by=", "on=2025-13-01", "on=today", "season=2025", "after=-1", "limit=0", "limit=5001", "limit=ten",
     "compound=", "compound=%00", "colour=red", "compound=" + "长" * 81],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(desk: Desk, query: str) -> None:
    status, answer = desk.get(f"/reports/standing?{query}")
    assert (status // 100, answer["code"]) == (4, "invalid_input")


def test_a_cashier_does_not_read_reports(desk: Desk) -> None:
    assert desk.get("/reports/standing", roles=["cashier"])[0] == 403


# Laws


class Walked:
    """Homes to which everything happened that can, and the days on which it did."""

    def __init__(self, desk: Desk, *, seed: int = 11) -> None:
        dice, self.desk, self.day = random.Random(seed), desk, date(2025, 7, 2)
        self.first = self.day
        desk.set_day(self.day)
        self.homes = [
            desk.home(compound=dice.choice("甲乙丙"), building=dice.choice("12"),
                      price_class=dice.choice(("residential", "nonresidential")))
            for _ in range(12)
        ]  # fmt: skip
        for home in self.homes:
            supplied_by(desk, home, dice.choice(("", "一站", "二站")))
        for _ in range(60):
            self.day += timedelta(days=dice.randint(0, 9))
            desk.set_day(self.day)
            home, verb = dice.choice(self.homes), dice.choice(("suspensions", "resumptions", "cuts", "disconnections",
                                                              "areas", "bill", "bill"))  # fmt: skip
            self._do(home, verb, dice)
        self.version = 0

    def _do(self, home: str, verb: str, dice: random.Random) -> None:
        season = self.day.year if self.day.month >= 7 else self.day.year - 1
        label = f"{season}-{season + 1}"
        asked: dict[str, Any] = {"accounts": [home], "reason": "试"}
        if verb == "bill":
            self.desk.post("/billing-runs", {"season": label, "accounts": [home]})
            return
        if verb == "suspensions":
            asked = {"suspensions": [{"account_no": home, "season": label, "seasons": dice.choice((1, None))}],
                     "reason": "试"}  # fmt: skip
        elif verb == "areas":
            asked = {"areas": [{"account_no": home, "building_area": f"{dice.randint(20, 130)}.50"}], "reason": "试"}
        elif verb == "disconnections" and dice.random() < 0.6:
            return
        elif verb == "cuts":
            self.desk.post("/accounts/notices", {"accounts": [home]})
        self.desk.post(f"/accounts/{verb}", asked)


@pytest.fixture(scope="module")
def walked(one_accounts_service: tuple[Runtime, Path]) -> Walked:
    desk = Desk(*one_accounts_service)
    desk.set_day(date(2025, 7, 1))
    desk.post("/policies", {"name": "default", "set": {"suspend_forbidden_when": "[]",
                                                       "late_suspend_rule": "ACCEPT_WITH_PENALTY"}})  # fmt: skip
    return Walked(desk)


@settings(max_examples=25, deadline=None)
@given(by=st.sampled_from(sorted(GROUPINGS)), after=st.integers(0, 330))
def test_the_sum_of_all_groups_is_the_whole_however_they_are_cut(walked: Walked, by: str, after: int) -> None:
    day = min(walked.first + after * DAY, walked.day)
    one = report(walked.desk, "price_class", on=day.isoformat())
    other = report(walked.desk, by, on=day.isoformat(), limit="5000")
    assert other["whole"] == one["whole"]
    for name in ("homes", "billed_homes"):
        assert sum(group[name] for group in other["groups"]) == one["whole"][name]
    for name in ("area", "billed", "received", "open", "billed_area", "arrears"):
        cents = [int(group[name].replace(".", "")) for group in other["groups"]]
        assert sum(cents) == int(one["whole"][name].replace(".", ""))
    assert sum(homes_by_state(one["whole"]).values()) == one["whole"]["homes"]


@settings(max_examples=15, deadline=None)
@given(after=st.integers(0, 330))
def test_a_day_is_the_fold_of_the_moves_up_to_it(walked: Walked, after: int) -> None:
    """Only a suspension that ends by itself leaves no move: it ends on the day that its period says."""
    day = min(walked.first + after * DAY, walked.day)
    folded: dict[str, int] = {}
    for home in walked.homes:
        state = walked.desk.get(f"/accounts/{home}/state?day={day}")[1]
        moved = [move for move in state["moves"] if move["effective_on"] <= day.isoformat()]
        last = moved[-1]["to"]
        ended = last == SUSPENDED and not any(
            period["state"] == SUSPENDED and period["from_on"] <= day.isoformat()
            and (period["until_on"] is None or period["until_on"] > day.isoformat())
            for period in state["periods"]
        )  # fmt: skip
        assert last in LIFECYCLE.states
        name = "heated" if ended or last == "active" else last
        folded[name] = folded.get(name, 0) + 1
    assert homes_by_state(report(walked.desk, on=day.isoformat())["whole"]) == folded


def test_every_state_of_the_walk_was_met(walked: Walked) -> None:
    """The laws above are of no use on a city in which nothing happens."""
    met = {
        state
        for weeks in range(60)
        for state in homes_by_state(
            report(walked.desk, on=min(walked.first + 7 * weeks * DAY, walked.day).isoformat())["whole"]
        )
    }
    assert met >= {"heated", "suspended", "disconnected"}


numbers = st.integers(-(10**9), 10**9)
measures = st.tuples(*[numbers] * len(Measures._fields)).map(Measures._make)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(one=measures, other=measures)
def test_a_difference_added_to_what_was_is_what_is(one: Measures, other: Measures) -> None:
    gap = one.less(other)
    assert Measures(*(a + b for a, b in zip(other, gap, strict=True))) == one
    assert len(STATES) * 2 + 8 == len(Measures._fields)

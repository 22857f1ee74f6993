"""Month ends: taken once, the same for ever; what is put right later stands in the next one.

The verbs: take_month_end, assign_compounds.
"""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.domain.month_end import content_hash, last_day, month_text, parse_month
from services.accounts.domain.season_report import GROUPINGS, Group, Measures, differences, whole
from services.accounts.use_cases.take_month_end import TakeMonthEnd, take_month_end
from shared.chassis.unit_of_work import Caller
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.test_season_report import collected, report
from tests.shared.killing import every_kill


def take(service: AccountsService, month: str = "2025-10", **more: Any) -> tuple[int, Any]:
    return service.post("/month-ends", {"month": month, "reason": "月末", **more})


def taken(service: AccountsService, month: str = "2025-10", **more: Any) -> Any:
    status, answer = take(service, month, **more)
    assert status == (200 if more.get("preview") else 201), answer
    return answer


def shown(service: AccountsService, month: str = "2025-10", **query: str) -> Any:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    status, answer = service.get(f"/month-ends/{month}?{words}")
    assert status == 200, answer
    return answer


def holds(service: AccountsService, month: str = "2025-10") -> bool:
    return bool(service.get(f"/month-ends/{month}/proof")[1]["holds"])


@pytest.fixture
def october(service: AccountsService) -> AccountsService:
    """Three homes of two compounds, billed on 2025-10-20, one paid in part; the day is 2025-11-01."""
    homes = [a_home(1), a_home(2, building="4"), a_home(3, compound="平安里")]
    assert service.post("/accounts", {"accounts": homes})[0] == 201
    assert service.post("/billing-runs", {"season": "2025-2026"})[1]["billed"] == 3
    collected(service, "9000000001", ("2025-10-25", 100000))
    service.set_day(date(2025, 11, 1))
    return service


def test_a_month_end_says_what_the_report_of_its_last_day_says(october: AccountsService) -> None:
    answer = taken(october)
    of_day = report(october, on="2025-10-31")
    assert answer["whole"] == of_day["whole"] == shown(october)["whole"]
    for by in GROUPINGS:
        assert shown(october, by=by)["groups"] == report(october, by, on="2025-10-31")["groups"]
    assert (answer["month"], answer["season"], answer["groups"]) == ("2025-10", "2025-2026", 3)


def test_the_same_question_has_the_same_answer_byte_for_byte_whatever_is_corrected_later(
    october: AccountsService,
) -> None:
    taken(october)
    paths = [f"/month-ends/2025-10?by={by}&kind={kind}" for by in GROUPINGS for kind in ("standing", "movement")]

    def answers() -> list[bytes]:
        headers = {"Authorization": f"Bearer {october.token('finance')}"}
        return [october.client.get(path, headers=headers).data for path in paths]

    before = answers()
    october.set_day(date(2025, 11, 20))
    areas = {"areas": [{"account_no": "9000000002", "building_area": "100.00"}], "reason": "重新测量"}
    assert october.post("/accounts/areas", areas)[0] == 201
    collected(october, "9000000002", ("2025-10-30", 50000))
    october.post("/branches/assignments", {
        "assignments": [{"compound": "平安里", "branch": "东区所", "valid_from": "2025-10-01"}], "reason": "划分",
    })  # fmt: skip
    assert report(october, on="2025-10-31")["whole"]["received"] == "1500.00"
    assert answers() == before
    assert holds(october)


def test_what_was_put_right_since_stands_in_the_next_month_as_restated(october: AccountsService) -> None:
    first = taken(october)
    october.set_day(date(2025, 12, 1))
    collected(october, "9000000003", ("2025-10-30", 50000))
    collected(october, "9000000003", ("2025-11-15", 20000), version=2)
    assert taken(october, "2025-11")["restated"] == 1
    (only,) = shown(october, "2025-11", kind="restated")["groups"]
    assert (only["compound"], only["received"], only["open"], only["homes"]) == ("平安里", "500.00", "-500.00", 0)
    whole_ = shown(october, "2025-11")["whole"]
    assert (whole_["received"], first["whole"]["received"]) == ("1700.00", "1000.00")
    assert shown(october, "2025-11", kind="movement")["whole"]["received"] == "700.00"


def test_a_month_to_which_nothing_was_added_restates_nothing(october: AccountsService) -> None:
    taken(october)
    october.set_day(date(2025, 12, 1))
    assert taken(october, "2025-11")["restated"] == 0
    assert shown(october, "2025-11", kind="movement")["groups"] == []


def test_a_new_season_begins_with_nothing(october: AccountsService) -> None:
    october.set_day(date(2026, 7, 1))
    taken(october, "2026-06")
    october.set_day(date(2026, 8, 1))
    assert taken(october, "2026-07")["season"] == "2026-2027"
    answer = shown(october, "2026-07", kind="movement")["whole"]
    assert (answer["billed"], answer["arrears"]) == ("0.00", "5991.14")


def test_a_month_is_taken_once(october: AccountsService) -> None:
    taken(october)
    before = october.content()
    status, answer = take(october)
    assert (status, answer["code"]) == (409, "month_taken")
    assert october.content() == before


def test_the_same_request_is_answered_as_it_was(october: AccountsService) -> None:
    body = {"month": "2025-10", "reason": "月末"}
    assert october.post("/month-ends", body, key="once") == october.post("/month-ends", body, key="once")


def test_months_are_taken_in_their_order_and_after_their_end(october: AccountsService) -> None:
    assert take(october, "2025-11")[1]["code"] == "month_not_over"
    taken(october)
    assert take(october, "2025-09")[1]["code"] == "month_before_last"
    october.set_day(date(2025, 11, 30))
    assert take(october, "2025-11")[1]["code"] == "month_not_over"


def test_a_preview_writes_nothing(october: AccountsService) -> None:
    before = october.content()
    first = taken(october, preview=True)
    assert october.content() == before
    assert taken(october) == first


def test_each_month_end_is_tied_to_the_one_before(october: AccountsService) -> None:
    first = taken(october)
    october.set_day(date(2025, 12, 1))
    taken(october, "2025-11")
    listed = october.get("/month-ends")[1]["month_ends"]
    assert [each["month"] for each in listed] == ["2025-10", "2025-11"]
    assert shown(october, "2025-11")["previous_hash"] == first["content_hash"] == listed[0]["content_hash"]
    assert holds(october)
    assert holds(october, "2025-11")


@pytest.mark.parametrize(
    "change",
    ["UPDATE month_end_rows SET paid_fen = paid_fen + 1 WHERE row_no = 1", "DELETE FROM month_end_rows WHERE row_no = 1",
     "UPDATE month_ends SET season = season + 1"],
)  # fmt: skip
def test_rows_that_were_changed_behind_the_program_are_found(october: AccountsService, change: str) -> None:
    taken(october)
    with pytest.raises(Exception, match="append-only"):
        october.as_owner(change)
    for table in ("month_ends", "month_end_rows"):
        october.as_owner(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    october.as_owner(change)
    assert not holds(october)


def test_of_two_who_take_a_month_at_once_one_does(october: AccountsService) -> None:
    answers: list[tuple[int, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(take(october))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [201, 409]
    assert october.rows("SELECT count(*) FROM month_ends") == [(1,)]
    assert holds(october)


def test_a_kill_in_the_middle_changes_nothing(october: AccountsService) -> None:
    commands, before = october.runtime.commands, october.content()
    command, caller = TakeMonthEnd(date(2025, 10, 1), "月末"), Caller("staff:li")
    for hit in every_kill(
        lambda: commands.run(take_month_end, command, caller=caller, key="k", request={}, status=201)
    ):
        if hit == "after COMMIT":
            break
        assert october.content() == before, hit
    assert october.rows("SELECT count(*) FROM month_ends") == [(1,)]
    assert holds(october)


def test_a_month_end_that_was_not_taken_is_not_found(service: AccountsService) -> None:
    for month in ("2025-10", "2025-13", "10-2025", "x"):
        assert service.get(f"/month-ends/{month}")[1]["code"] == "unknown_month_end"
        assert service.get(f"/month-ends/{month}/proof")[1]["code"] == "unknown_month_end"


# Branches


def assigned(service: AccountsService, *given: tuple[str, str, str | None]) -> tuple[int, Any]:
    assignments = [
        {"compound": compound, "branch": branch, **({"valid_from": day} if day else {})}
        for compound, branch, day in given
    ]
    return service.post("/branches/assignments", {"assignments": assignments, "reason": "划分"})


def test_a_compound_belongs_to_the_branch_of_the_day(october: AccountsService) -> None:
    assert assigned(october, ("幸福小区", "西区所", "2025-10-01"), ("平安里", "东区所", None))[0] == 201
    assert assigned(october, ("幸福小区", "东区所", "2025-10-25"))[0] == 201
    by_day = {
        day: [(group["branch"], group["homes"]) for group in report(october, "branch", on=day)["groups"]]
        for day in ("2025-10-24", "2025-10-25", "2025-11-01")
    }
    assert by_day == {
        "2025-10-24": [("", 1), ("西区所", 2)], "2025-10-25": [("", 1), ("东区所", 2)], "2025-11-01": [("东区所", 3)],
    }  # fmt: skip
    assert report(october, "compound", branch="东区所")["whole"]["homes"] == 3


def test_of_two_assignments_of_a_day_the_later_holds(october: AccountsService) -> None:
    assigned(october, ("平安里", "东区所", None))
    assigned(october, ("平安里", "西区所", None))
    answer = october.get("/branches?branch=西区所")[1]
    assert answer["compounds"] == [{"compound": "平安里", "branch": "西区所", "since": "2025-11-01"}]
    assert october.get("/branches")[1]["compounds"][1] == {"compound": "幸福小区", "branch": None, "since": None}


def test_compounds_are_listed_by_pages(october: AccountsService) -> None:
    first = october.get("/branches?limit=1")[1]
    assert [row["compound"] for row in first["compounds"]] == ["平安里"]
    second = october.get(f"/branches?limit=1&after={first['next']}")[1]
    assert [row["compound"] for row in second["compounds"]] == ["幸福小区"]


def test_a_compound_without_homes_is_refused_with_the_whole_list(october: AccountsService) -> None:
    before = october.content()
    status, answer = assigned(october, ("平安里", "东区所", None), ("没有的小区", "东区所", None))
    assert (status, answer["code"], answer["facts"]["place"]) == (404, "unknown_compound", "assignments/1")
    assert october.content() == before


# Laws of what is frozen

names = st.tuples(*[st.sampled_from(["", "甲", "乙", "Z"])] * 6)
counted = st.tuples(*[st.integers(-(10**6), 10**6)] * len(Measures._fields)).map(Measures._make)
groups = st.dictionaries(names, counted, max_size=6).map(
    lambda found: [Group(key, found[key]) for key in sorted(found)]
)
OF = {"month": date(2025, 10, 1), "season": 2025, "previous_hash": None}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(now=groups, before=groups)
def test_differences_added_to_what_was_are_what_is(now: list[Group], before: list[Group]) -> None:
    total = whole(now).less(whole(before)) if now or before else Measures()
    assert whole(differences(now, before)) == total
    assert differences(now, now) == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(one=groups, other=groups)
def test_only_the_same_rows_have_the_same_hash(one: list[Group], other: list[Group]) -> None:
    first = content_hash(**OF, standing=one, restated=[])  # type: ignore[arg-type]
    assert (first == content_hash(**OF, standing=other, restated=[])) == (one == other)  # type: ignore[arg-type]
    assert (first == content_hash(**OF, standing=[], restated=one)) == (one == [])  # type: ignore[arg-type]


@given(day=st.dates(date(1950, 1, 1), date(2199, 12, 1)))
def test_a_month_is_read_as_it_is_written_and_ends_on_its_last_day(day: date) -> None:
    month = day.replace(day=1)
    assert parse_month(month_text(month)) == month
    assert month <= day <= last_day(month)
    assert last_day(month).month == month.month


# Bad input

MONTH_END = {"month": "2025-09", "reason": "试"}
ASSIGNMENT = {"compound": "幸福小区", "branch": "东区所"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("month", "2025-9"), ("month", "2025-13"), ("month", "2025-09-30"), ("month", 202509), ("month", None),
     ("month", "0001-01"), ("reason", ""), ("reason", None), ("reason", "长" * 201), ("preview", 1), ("day", "2025-09-30")],
)  # fmt: skip
def test_a_month_end_that_cannot_be_read_is_refused(desk: Desk, name: str, value: Any) -> None:
    status, answer = desk.post("/month-ends", {**MONTH_END, name: value})
    assert (status // 100, answer["code"]) == (4, "invalid_input")
    without = {key: given for key, given in MONTH_END.items() if key != name}
    if without != MONTH_END:
        assert desk.post("/month-ends", without)[1]["code"] == "invalid_input"


@pytest.mark.parametrize(
    "assignments",
    [[], None, "all", [ASSIGNMENT] * 2, [{**ASSIGNMENT, "compound": f"{n}"} for n in range(1001)], [{"compound": "a"}],
     [{"branch": "a"}], [{**ASSIGNMENT, "valid_from": "2025-02-30"}], [{**ASSIGNMENT, "branch": ""}],
     [{**ASSIGNMENT, "branch": "长" * 81}], [{**ASSIGNMENT, "homes": 3}], [ASSIGNMENT, "幸福小区"]],
)  # fmt: skip
def test_assignments_that_cannot_be_read_are_refused(desk: Desk, assignments: Any) -> None:
    before = desk.content()
    status, answer = desk.post("/branches/assignments", {"assignments": assignments, "reason": "试"})
    assert (status // 100, answer["code"]) == (4, "invalid_input"), json.dumps(answer, ensure_ascii=False)[:300]
    assert desk.content() == before


@pytest.mark.parametrize("path", ["/month-ends", "/branches/assignments"])
@pytest.mark.parametrize("role", ["cashier", "clerk", "auditor", "system_admin"])
def test_other_roles_write_neither(desk: Desk, path: str, role: str) -> None:
    assert desk.post(path, {**MONTH_END}, roles=[role])[0] == 403


@pytest.mark.parametrize(
    "query", ["by=street", "kind=draft", "limit=0", "limit=5001", "after=-1", "on=2025-10-31", "by="]
)
def test_a_question_that_cannot_be_read_is_refused(desk: Desk, query: str) -> None:
    assert desk.get(f"/month-ends/2025-10?{query}")[1]["code"] == "invalid_input"

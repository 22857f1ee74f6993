"""Working days: what a notice may say, how days are counted, and what happens when a year becomes known.

Use case: `declare_calendar_year`.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.calendars import shipped_years
from services.accounts.domain.calendar_file import read_calendar
from services.accounts.domain.working_days import CalendarInvalid, add_working_days, working_calendar
from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk

CALENDAR = working_calendar(shipped_years().values())
DAY = timedelta(days=1)
YEAR_2027 = """
year 2027
document 试办〔2026〕1号
放假 元旦 2027-01-01 2027-01-03
放假 春节 2027-02-05 2027-02-11  # a year of our own making
上班 春节 2027-02-14
holiday 劳动节 2027-05-01 2027-05-05
放假 国庆节 2027-10-01 2027-10-07
workday 国庆节 2027-10-09
"""


@pytest.mark.parametrize(("year", "document", "free", "worked"), [
    (2024, "国办发明电〔2023〕7号", 28, 8), (2025, "国办发明电〔2024〕12号", 28, 5), (2026, "国办发明电〔2025〕7号", 33, 6),
])  # fmt: skip
def test_years_that_nuan_brings_say_what_their_notice_says(year: int, document: str, free: int, worked: int) -> None:
    shipped = shipped_years()[year]
    kinds = [each.kind for each in shipped.days]
    assert (shipped.document, kinds.count("holiday"), kinds.count("workday")) == (document, free, worked)


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_working_days_of_a_year_are_as_many_as_are_published(year: int, days: int) -> None:
    first = date(year, 1, 1)
    count = sum(CALENDAR.is_working(first + n * DAY) for n in range((date(year + 1, 1, 1) - first).days))
    assert count == days


@pytest.mark.parametrize(("begun_on", "count", "due_on", "assumed"), [
    ("2026-03-02", 5, "2026-03-09", False),   # Monday to Monday over a weekend
    ("2026-02-13", 1, "2026-02-14", False),   # a Saturday that is worked
    ("2026-02-14", 1, "2026-02-24", False),   # the whole Spring Festival
    ("2025-09-26", 2, "2025-09-29", False),   # Sunday the 28th is worked
    ("2025-12-31", 3, "2026-01-06", False),   # over the New Year, Sunday the 4th is worked
    ("2026-03-07", 0, "2026-03-07", False),   # no days: the day itself
    ("2026-12-30", 1, "2026-12-31", False),
    ("2026-12-31", 1, "2027-01-01", True),    # by weekends alone: nobody has said that it is a holiday
    ("2023-12-29", 1, "2024-01-02", True),    # 2023 is not known, and a weekend of it was counted
])  # fmt: skip
def test_working_days_are_counted_from_the_day_after(begun_on: str, count: int, due_on: str, assumed: bool) -> None:
    assert add_working_days(date.fromisoformat(begun_on), count, CALENDAR) == (date.fromisoformat(due_on), assumed)


DAYS = st.dates(date(2024, 1, 1), date(2026, 10, 1))


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_some_days_and_some_more_are_their_sum(day: date, some: int, more: int) -> None:
    first = add_working_days(day, some, CALENDAR).due_on
    assert add_working_days(first, more, CALENDAR).due_on == add_working_days(day, some + more, CALENDAR).due_on


@given(DAYS, st.integers(1, 40))
def test_the_due_day_is_worked_and_exactly_so_many_lie_up_to_it(day: date, count: int) -> None:
    due_on = add_working_days(day, count, CALENDAR).due_on
    worked = sum(CALENDAR.is_working(day + n * DAY) for n in range(1, (due_on - day).days + 1))
    assert (worked, CALENDAR.is_working(due_on)) == (count, True)


def test_a_file_is_read_as_it_was_typed() -> None:
    year = read_calendar("\ufeff" + YEAR_2027, "2027.calendar")
    assert (year.year, year.document, len(year.days)) == (2027, "试办〔2026〕1号", 24)
    assert [each.name for each in year.days if each.day == date(2027, 2, 14)] == ["春节"]


def test_a_notice_may_begin_in_the_december_before_and_has_the_last_word_on_it() -> None:
    text = YEAR_2027.replace("2027-01-01 2027-01-03", "2026-12-31 2027-01-03")
    both = working_calendar([read_calendar(text, "f"), shipped_years()[2026]])
    assert add_working_days(date(2026, 12, 30), 1, both) == (date(2027, 1, 4), False)


@pytest.mark.parametrize(("line", "wrong", "told"), [
    (2, "year 27", "four digits"), (2, "year 2２27", "four digits"), (2, "year", "four digits"), (2, "jahr 2027", "begins with"),
    (3, "document", "1 to 120"), (3, "document " + "x" * 121, "1 to 120"), (3, "year 2028", "said before"),
    (4, "放假 元旦 2027-02-30", "YYYY-MM-DD"), (4, "放假 元旦 2027-1-1", "YYYY-MM-DD"), (4, "放假 元旦", "one day"),
    (4, "放假 元旦 2027-01-03 2027-01-01", "after the first"), (4, "放假 元旦 2027-01-01 2027-03-01", "within 15"),
    (4, "放假 元旦 2027-01-01 2027-01-02 2027-01-03", "one day"), (4, "放假 " + "长" * 41 + " 2027-01-01", "one day"),
    (4, "放假 元旦 2028-01-01", "neither in 2027"), (4, "放假 元旦 2026-11-30", "neither in 2027"),
    (6, "上班 春节 2027-02-15", "no weekend"), (6, "放假 春节 2027-02-11", "stands twice"), (6, "休息 春节 2027-02-15", "begins with"),
    (4, "", "holiday by law"), (8, "放假 国庆节 2027-10-01 2027-10-02", "2027-10-03 is a holiday by law"),
    (7, "workday 劳动节 2027-05-01", "2027-05-01 is a holiday by law"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_its_line(line: int, wrong: str, told: str) -> None:
    lines = YEAR_2027.splitlines()
    lines[line - 1] = wrong
    with pytest.raises(CalendarInvalid) as caught:
        read_calendar("\n".join(lines), "2027.calendar")
    assert caught.value.facts["file"] == "2027.calendar"
    assert caught.value.facts["line"] == (1 if told.endswith("by law") else line)
    assert told in caught.value.detail
    assert caught.value.remedy


@pytest.mark.parametrize("missing", ["year 2027", "document 试办〔2026〕1号"])
def test_a_file_without_its_head_is_refused(missing: str) -> None:
    with pytest.raises(CalendarInvalid, match="are missing"):
        read_calendar(YEAR_2027.replace(missing, ""), "f")


@given(st.text(max_size=300))
def test_whatever_is_typed_by_chance_is_refused_with_a_line(text: str) -> None:
    with pytest.raises(CalendarInvalid) as caught:
        read_calendar(f"year 2027\ndocument D\n{text}", "f")
    assert caught.value.facts["line"] >= 1


def declared(text: str = YEAR_2027, **other: Any) -> dict[str, Any]:
    year = read_calendar(text, "f")
    days = [{"day": day.isoformat(), "kind": kind, "name": name} for day, kind, name in year.days]
    return {"year": year.year, "document": year.document, "days": days, **other}


def test_a_year_that_nobody_declared_is_told_so_and_then_known(desk: Desk) -> None:
    assert desk.get("/calendar/years/2026")[1]["origin"] == "shipped"
    status, answer = desk.get("/calendar/years/2029")
    assert (status, answer["code"]) == (404, "calendar_unknown")
    desk.set_day(date(2026, 11, 5))
    status, answer = desk.post("/calendar/years", declared())
    assert (status, answer["days"]) == (201, 24)
    told = desk.get("/calendar/years/2027")[1]
    assert (told["origin"], told["document"], told["days"][0]) == (
        "declared", "试办〔2026〕1号", {"day": "2027-01-01", "kind": "holiday", "name": "元旦"})  # fmt: skip
    desk.post("/calendar/years", declared(YEAR_2027.replace("1号", "2号")))
    assert desk.get("/calendar/years/2027")[1]["document"] == "试办〔2026〕2号"


def test_a_deadline_over_an_unknown_year_is_assumed_until_the_year_is_declared(desk: Desk) -> None:
    desk.set_day(date(2028, 12, 28))  # Thursday
    applied = desk.post("/connections", {"reason": "form", "applications": [a_home(next(NUMBERS))]})[1]["applications"][
        0
    ]
    assert applied["deadline"] == {"kind": "survey", "due_on": "2029-01-04", "assumed": True}
    text = "\n".join(
        line.replace("2027-", "2029-")
        for line in YEAR_2027.splitlines()
        if "上班" not in line and "workday" not in line
    )
    desk.post("/calendar/years", declared(text.replace("year 2027", "year 2029").replace("2029-02-14", "2029-02-17")))
    # 2028 is not known either, so it stays assumed; the New Year of 2029, to Wednesday the 3rd, counts now.
    (deadline,) = desk.get(f"/connections/{applied['application_id']}")[1]["deadlines"]
    assert (deadline["due_on"], deadline["assumed"]) == ("2029-01-09", True)


@pytest.mark.parametrize("wrong", [
    {"year": 1949}, {"year": "2027"}, {"year": None}, {"document": ""}, {"document": "x" * 121}, {"days": []}, {"days": None},
    {"days": [{"day": "2027-01-01", "kind": "free", "name": "x"}]}, {"days": [{"day": "2027-01-01", "kind": "holiday"}]},
    {"days": [{"day": "2027-13-01", "kind": "holiday", "name": "x"}]}, {"more": 1},
    {"days": [{"day": "2027-01-01", "kind": "holiday", "name": "x", "more": 1}]},
    {"days": [{"day": "2027-01-01", "kind": "holiday", "name": "x"}] * 121},
])  # fmt: skip
def test_a_year_that_cannot_be_read_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    before = desk.content()
    status, answer = desk.post("/calendar/years", declared(**wrong))
    assert (status, answer["code"]) == (422, "invalid_input")
    assert desk.content() == before


def test_a_year_that_contradicts_itself_is_refused_with_the_place(desk: Desk) -> None:
    body = declared()
    body["days"].append(body["days"][3])
    status, answer = desk.post("/calendar/years", body)
    assert (status, answer["code"], answer["facts"]["place"]) == (400, "calendar_invalid", "days/24")


def test_clerks_do_not_declare_years(desk: Desk) -> None:
    assert desk.post("/calendar/years", declared(), roles=["clerk", "finance"])[0] == 403
    assert desk.get("/calendar/years/20x6")[0] == 404


def test_every_shipped_year_is_a_file_of_its_name() -> None:
    folder = Path("services/accounts/calendars")
    assert {int(path.stem) for path in folder.glob("*.calendar")} == set(shipped_years()) == {2024, 2025, 2026}
    assert all(year == shipped.year for year, shipped in shipped_years().items())


def test_a_deadline_that_was_assumed_is_certain_once_all_its_years_are_known(desk: Desk) -> None:
    for year in (2031, 2030):
        desk.set_day(date(2030, 12, 30))  # Monday
        applied = desk.post("/connections", {"reason": "form", "applications": [a_home(next(NUMBERS))]})[1][
            "applications"
        ][0]
        text = YEAR_2027.replace("2027", str(year)).replace("上班", "# ").replace("workday", "# ")
        assert desk.post("/calendar/years", declared(text))[0] == 201
    (deadline,) = desk.get(f"/connections/{applied['application_id']}")[1]["deadlines"]
    # Tuesday 31, then the New Year to Friday the 3rd, the 6th to the 9th of January.
    assert (deadline["due_on"], deadline["assumed"]) == ("2031-01-09", False)

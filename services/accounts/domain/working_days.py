"""Working days: weekends and holidays are none, and some weekends are worked for a longer holiday (调休)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from shared.kernel.errors import InvalidInput

HOLIDAY, WORKDAY = "holiday", "workday"
KINDS: dict[str, str] = {HOLIDAY: "放假", WORKDAY: "上班"}
NAME_LENGTH_MAX, DOCUMENT_LENGTH_MAX, DAYS_MOST = 40, 120, 120

_DAY = timedelta(days=1)
_SATURDAY = 5
_ALWAYS_FREE = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Days that are free by the law on public holidays in every year (全国年节及纪念日放假办法): a year without them is half told."""


class CalendarInvalid(InvalidInput):
    """A year that cannot be read for certain. Facts: ``place``, or ``file`` and ``line`` (1 is the first)."""

    code = "calendar_invalid"
    remedy = "Correct the day that is named and send the whole year again, as its notice tells it."


class CalendarDay(NamedTuple):
    day: date
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """What the notice of a year changes of the usual week. It may begin in December of the year before."""

    year: int
    document: str
    days: tuple[CalendarDay, ...]


def calendar_year(year: int, document: str, days: Iterable[CalendarDay]) -> CalendarYear:
    """The year, its days in order. Refuses `calendar_invalid`; ``place`` is the number of the day in the list."""
    told: dict[date, CalendarDay] = {}
    for number, each in enumerate(days):
        place = f"days/{number}"
        if each.kind not in KINDS:
            raise CalendarInvalid(f"a day is one of {', '.join(KINDS)}", place=place, value=each.kind)
        if each.day.year != year and (each.day.year, each.day.month) != (year - 1, 12):
            raise CalendarInvalid(f"{each.day} lies neither in {year} nor in the December before", place=place)
        if each.kind == WORKDAY and each.day.weekday() < _SATURDAY:
            raise CalendarInvalid(f"{each.day} is worked anyway: it is no weekend", place=place)
        if each.day in told:
            raise CalendarInvalid(f"{each.day} stands twice", place=place)
        told[each.day] = each
    for month, day in _ALWAYS_FREE:
        free = date(year, month, day)
        if told.get(free, CalendarDay(free, "", "")).kind != HOLIDAY:
            raise CalendarInvalid(f"{free} is a holiday by law, and the year does not say so", place="days")
    return CalendarYear(year, document, tuple(sorted(told.values())))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """``declared`` are the years that are known, ``exceptions`` their holidays (False) and make-up workdays (True)."""

    declared: frozenset[int]
    exceptions: Mapping[date, bool]

    def is_working(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < _SATURDAY)


def working_calendar(years: Iterable[CalendarYear]) -> WorkingCalendar:
    """One calendar of several years; the notice of a later year has the last word on its December before."""
    in_order = sorted(years, key=lambda each: each.year)
    exceptions = {day: kind == WORKDAY for each in in_order for day, kind, _ in each.days}
    return WorkingCalendar(frozenset(each.year for each in in_order), exceptions)


class Due(NamedTuple):
    """``assumed``: a day of a year that nobody has declared was counted by weekends alone."""

    due_on: date
    assumed: bool


def add_working_days(day: date, count: int, calendar: WorkingCalendar) -> Due:
    """The working day that is the ``count``-th after ``day``, which does not count itself; 0 is the day itself.

    >>> add_working_days(date(2025, 9, 26), 2, calendar)  # Friday; Sunday the 28th is worked
    Due(due_on=date(2025, 9, 29), assumed=False)
    """
    assumed = False
    while count > 0:
        day += _DAY
        assumed = assumed or day.year not in calendar.declared
        count -= calendar.is_working(day)
    return Due(day, assumed)

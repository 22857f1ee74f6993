"""The working days of the years that are known: those that were declared here, and those that Nuan brings."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.accounts.calendars import shipped_years
from services.accounts.domain.working_days import CalendarDay, CalendarYear, WorkingCalendar, working_calendar
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_DECLARED = """
SELECT y.year, y.document, d.day, d.kind, d.name
FROM (SELECT DISTINCT ON (year) year, document, declaration_id FROM calendar_years JOIN commands k USING (command_id)
      ORDER BY year, k.at DESC, declaration_id DESC) y
JOIN calendar_days d USING (declaration_id) ORDER BY y.year, d.day
"""


@row_of("calendar_years")
class CalendarYearRow(NamedTuple):
    declaration_id: int
    command_id: int
    year: int
    document: str


@row_of("calendar_days")
class CalendarDayRow(NamedTuple):
    declaration_id: int
    day: date
    kind: str
    name: str


def declare_year(work: Work, year: CalendarYear) -> None:
    declaration_id = work.new_ids(1)[0]
    work.add([CalendarYearRow(declaration_id, work.command_id, year.year, year.document)])
    work.add(CalendarDayRow(declaration_id, *day) for day in year.days)


def declared_years(work: Work) -> dict[int, CalendarYear]:
    """Those that were declared here, each as it was declared last."""
    found: dict[int, tuple[str, list[CalendarDay]]] = {}
    for year, document, *day in work.rows(_DECLARED):
        found.setdefault(year, (document, []))[1].append(CalendarDay(*day))
    return {year: CalendarYear(year, document, tuple(days)) for year, (document, days) in found.items()}


def calendar_now(work: Work, *, declared: CalendarYear | None = None) -> WorkingCalendar:
    """What is known by now; ``declared`` is a year that this very work declares."""
    years = {**shipped_years(), **declared_years(work)}
    if declared is not None:
        years[declared.year] = declared
    return working_calendar(years.values())

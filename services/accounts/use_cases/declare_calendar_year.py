"""The working days of a year became known: its notice is out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.working_days import CalendarDay, calendar_year
from services.accounts.storage.calendar import calendar_now, declare_year
from services.accounts.storage.deadlines import count_again
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DeclareCalendarYear:
    year: int
    document: str
    days: tuple[CalendarDay, ...]


def declare_calendar_year(command: DeclareCalendarYear, work: Work) -> dict[str, Any]:
    """From now on the year is as declared here; deadlines that wait are counted again. Refuses `calendar_invalid`."""
    year = calendar_year(command.year, command.document, command.days)
    declare_year(work, year)
    moved = count_again(work, calendar_now(work, declared=year))
    return {"year": year.year, "document": year.document, "days": len(year.days), "deadlines_moved": moved}

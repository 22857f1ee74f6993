"""The working days of one year: who told them, and which days differ from the usual week."""

from __future__ import annotations

from typing import Any

from services.accounts.calendars import shipped_years
from services.accounts.domain.working_days import CalendarYear
from services.accounts.storage.calendar import declared_years
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound


class CalendarUnknown(NotFound):
    code = "calendar_unknown"
    remedy = "Declare the year as soon as its notice is out: `nuan calendar import FILE`."


def calendar_year_told(work: Work, year: int) -> dict[str, Any]:
    """Refuses `calendar_unknown`."""
    declared = declared_years(work).get(year)
    shipped = shipped_years().get(year)
    if declared is not None:
        return _told(declared, "declared")
    if shipped is not None:
        return _told(shipped, "shipped")
    raise CalendarUnknown(f"nobody has declared the working days of {year}", year=year)


def _told(year: CalendarYear, origin: str) -> dict[str, Any]:
    days = [{"day": day.isoformat(), "kind": kind, "name": name} for day, kind, name in year.days]
    return {"year": year.year, "document": year.document, "origin": origin, "days": days}

"""Working days of the years whose notices are known: one file a year, ``YEAR.calendar``. A later year is imported."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.accounts.domain.calendar_file import read_calendar
from services.accounts.domain.working_days import CalendarYear

_FOLDER = Path(__file__).parent


@cache
def shipped_years() -> dict[int, CalendarYear]:
    """By year, what Nuan brings."""
    files = sorted(_FOLDER.glob("*.calendar"))
    return {int(file.stem): read_calendar(file.read_text(encoding="utf-8"), file.name) for file in files}

"""Days of the calendar that come back every year, as policies write them: ``11-01``."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_LEAP_YEAR = 2000


class MonthDay(NamedTuple):
    month: int
    day: int

    def in_year(self, year: int) -> date:
        """That day of the year; ``02-29`` means the last day of February, also in a common year."""
        if (self.month, self.day) == (2, 29) and not _is_leap(year):
            return date(year, 2, 28)
        return date(year, self.month, self.day)

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"


def parse_month_day(text: str) -> MonthDay | None:
    """``"11-01"`` → that day; None when the text is no day of any year."""
    match = _MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    try:
        date(_LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError:
        return None
    return MonthDay(int(match[1]), int(match[2]))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

"""Time as the edges read it. Nothing in a domain asks for the time; it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The business calendar's zone: one offset all year since 1991, so that no time-zone data is needed."""


class Clock(Protocol):
    def now(self) -> datetime:
        """This instant, aware, UTC."""
        ...

    def today(self) -> date:
        """The business date."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return datetime.now(CHINA).date()


@dataclass
class StoryClock:
    """A clock that stands still until it is moved: tests and scenarios."""

    day: date

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 4, tzinfo=UTC)

    def today(self) -> date:
        return self.day

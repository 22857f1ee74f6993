"""Heat used without a right to it: by a home that was never connected, that left, or that is cut off (私接、擅自恢复).

Whoever uses heat without a contract has de-facto used it and is charged for it. Whether that is the whole season or the
days, and how many times the fee, is the policy's (`illegal_use_rule`, `illegal_use_pct`). No document was found that lets
a company charge more than the fee itself; a city that has one raises the percentage and names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import InvalidInput

_DAY = timedelta(days=1)
VALVE_OPEN, HEAT_USED = "valve_open", "heat_used"
FINDINGS: dict[str, str] = {VALVE_OPEN: "阀门开启", HEAT_USED: "查实用热"}
"""Code → the word that letters use."""


class IllegalUse(NamedTuple):
    """From ``used_since`` to the day on which it was found, both counted."""

    season: int
    used_since: date
    found_on: date


class Used(NamedTuple):
    """What was used so within one season: ``days`` of it, none twice; ``lawful`` is how many others are paid fully.

    Of a home that was cut off the remaining days, ``without_heat``, keep the loss that the policy sets.
    """

    days: int
    lawful: int = 0
    without_heat: int = 0


def presumed_since(season: HeatingSeason, *, since: date | None, state_since: date | None, today: date) -> date:
    """The day from which use is charged: the one that was proven, else the first on which it was possible this season.

    Refuses a day that lies ahead, outside of the season so far, or before the home lost its right to heat.
    """
    earliest = max(season.start_on, state_since or season.start_on)
    if since is None:
        return min(earliest, today)
    if not min(earliest, today) <= since <= today:
        raise InvalidInput(f"use is charged from {earliest} to {today}", place="used_since", value=since.isoformat())
    return since


def days_used(uses: Iterable[IllegalUse], season: HeatingSeason) -> int:
    """The days of the season on which heat was used so: those that two findings share count once."""
    days: set[date] = set()
    for use in uses:
        first, last = max(use.used_since, season.start_on), min(use.found_on, season.end_on)
        days |= {first + _DAY * number for number in range((last - first).days + 1)}
    return min(len(days), season.day_count)

"""Measurements of temperature: which of them count, and which days of the season follow from them.

What a home was measured at says what a day is worth (`refund_entitlement`); the rule of the policy says which days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.refund_entitlement import TEMPERATURE, DayClaim, band_share, days_of, official_times
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.clock import CHINA
from shared.kernel.errors import InvalidInput, Refusal

_DAY = timedelta(days=1)
_TWO_DAYS = 2
"""48 hours without a break are two days, one after the other."""
_OF_A_MONTH = 3
"""Jilin: the mean of three measurements in a month."""


class MeasuredAtForbiddenHour(Refusal):
    code = "measured_at_forbidden_hour"
    remedy = "Measure again outside of these hours: the sun warms a room, so what is measured then does not count."


class DayReading(NamedTuple):
    """What one day of a home was measured at. ``share`` is the part of its fee that the reading by itself is worth.

    ``celsius`` None: each room has its own temperature.
    """

    day: date
    share: Fraction
    celsius: Decimal | None = None
    official: bool = False


def assert_hour_counts(values: PolicyInForce, measured_at: datetime | None) -> None:
    """Refuse a measurement within the hours in which the policy lets none count (`measured_at_forbidden_hour`)."""
    hours = values.measure_forbidden_hours
    if hours is None or measured_at is None:
        return
    local = measured_at.astimezone(CHINA)
    if hours.from_hour <= local.hour < hours.until_hour:
        raise MeasuredAtForbiddenHour(
            f"nothing counts that is measured from {hours.from_hour}:00 to {hours.until_hour}:00",
            measured_at=local.isoformat(timespec="minutes"),
        )


def measure_by(values: PolicyInForce, requested_at: datetime) -> datetime:
    """Until when somebody has to have come and measured."""
    return requested_at + timedelta(hours=values.measure_within_hours)


def came_late(values: PolicyInForce, requested_at: datetime | None, measured_at: datetime | None) -> bool:
    """Whether the company took longer than it may. Refuses a measurement before it was asked for."""
    if requested_at is None or measured_at is None:
        return False
    if measured_at < requested_at:
        raise InvalidInput("this was measured before it was asked for", place="measured_at")
    return measured_at > measure_by(values, requested_at)


def days_measured(values: PolicyInForce, *, days: int, last_day: date, requested_on: date | None) -> list[date]:
    """The days that one report stands for: those that were measured, or all from the request until it was put right."""
    first = last_day - _DAY * (days - 1)
    if values.refund_day_rule == "FROM_REQUEST_TO_FIX" and requested_on is not None:
        first = min(first, requested_on)
    return [first + _DAY * number for number in range((last_day - first).days + 1)]


def claims_of(values: PolicyInForce, readings: Iterable[DayReading], season: HeatingSeason, *,
              cause: str = TEMPERATURE) -> list[DayClaim]:  # fmt: skip
    """The days that all readings of a season claim together; of a day that was measured twice the colder one counts."""
    ordered = sorted(readings, key=lambda reading: reading.day)
    if values.refund_day_rule == "MONTH_AVERAGE_OF_3":
        shares = _by_month(values, ordered, season)
    else:
        shares = {}
        for reading in ordered:
            shares[reading.day] = max(shares.get(reading.day, Fraction(0)), reading.share)
        if values.refund_day_rule == "MIN_CONTINUOUS_48H":
            shares = _without_single_days(shares)
    return [DayClaim(day, cause, share) for day, share in sorted(shares.items()) if share]


def claims_added(values: PolicyInForce, before: Sequence[DayReading], now: Sequence[DayReading], season: HeatingSeason, *,
                 cause: str = TEMPERATURE) -> list[DayClaim]:  # fmt: skip
    """What these readings claim, after those that were known ``before``: their own days, and what they make of others."""
    known = set(claims_of(values, before, season, cause=cause))
    own = {reading.day for reading in now}
    together = claims_of(values, [*before, *now], season, cause=cause)
    return [claim for claim in together if claim.day in own or claim not in known]


def _by_month(values: PolicyInForce, readings: Sequence[DayReading], season: HeatingSeason) -> dict[date, Fraction]:
    """A month is judged as a whole by the mean of its measurements, three at least: all of its days of the season."""
    found: dict[date, Fraction] = {}
    for month, group in groupby(readings, key=lambda reading: (reading.day.year, reading.day.month)):
        measured = list(group)
        celsius = [reading.celsius for reading in measured if reading.celsius is not None]
        if len(celsius) < _OF_A_MONTH:
            continue
        times = official_times(values, official=all(reading.official for reading in measured))
        share = band_share(values, sum(celsius, Decimal(0)) / len(celsius)) * times
        found |= {day: share for day in days_of(season) if (day.year, day.month) == month}
    return found


def _without_single_days(shares: dict[date, Fraction]) -> dict[date, Fraction]:
    """Only days of a cold run of two days or more: less than 48 hours without a break are owed nothing."""
    cold = {day for day, share in shares.items() if share}
    return {
        day: share for day, share in shares.items()
        if day in cold and sum(near in cold for near in (day - _DAY, day, day + _DAY)) >= _TWO_DAYS
    }  # fmt: skip

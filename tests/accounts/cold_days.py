"""Measurements as claims, for tests that say what was measured when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from services.accounts.domain.measured_days import DayReading, claims_of
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.refund_entitlement import (
    ROOMS,
    DayClaim,
    FeeRate,
    Room,
    band_share,
    official_times,
    room_share,
)
from services.accounts.domain.season_dates import HeatingSeason

SEASON = HeatingSeason(2025, date(2025, 11, 1), date(2026, 3, 31), 151)


def readings(
    values: PolicyInForce, celsius: str, *, days: int, last_day: date, official: bool = False
) -> list[DayReading]:
    share = band_share(values, Decimal(celsius)) * official_times(values, official=official)
    measured = [last_day - timedelta(days=back) for back in reversed(range(days))]
    return [DayReading(day, share, Decimal(celsius), official) for day in measured]


def temperature_claims(values: PolicyInForce, celsius: str, *, days: int, last_day: date, official: bool = False,
                       season: HeatingSeason = SEASON) -> list[DayClaim]:  # fmt: skip
    """``days`` days that end on ``last_day`` at this temperature."""
    measured = readings(values, celsius, days=days, last_day=last_day, official=official)
    return claims_of(values, measured, season)


def room_claims(
    values: PolicyInForce, rooms: Sequence[Room], *, rate: FeeRate, days: int, last_day: date
) -> list[DayClaim]:
    share = room_share(values, rooms, rate=rate)
    measured = [DayReading(last_day - timedelta(days=back), share) for back in range(days)]
    return claims_of(values, measured, SEASON, cause=ROOMS)

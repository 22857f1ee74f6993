"""The calendar of a heating season: its first and last day, and which day of it a month and day mean."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.accounts.domain.month_day import MonthDay
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_prices import (
    NO_OTHER_PRICES,
    SeasonInvalid,
    SeasonPrices,
    read_season_prices,
)
from shared.kernel.season import season_label

if TYPE_CHECKING:
    from services.accounts.domain.policy import Policy

_HALF_A_YEAR = timedelta(days=183)
_DAY = timedelta(days=1)
_SEASON_DAYS_MAX = 300


@dataclass(frozen=True, slots=True)
class HeatingSeason:
    """A season of one company. ``start_on`` and ``end_on`` are its first and last day with heat.

    ``season`` is its first year. ``day_count`` is what a day's fee divides by: the days from first to last,
    unless the policy fixes a number. ``prices`` are those that differ from the policy's.
    """

    season: int
    start_on: date
    end_on: date
    day_count: int
    prices: SeasonPrices = NO_OTHER_PRICES

    @property
    def whole_months(self) -> int:
        """Whole months from the first day to the day after the last; a broken month does not count."""
        after = self.end_on + _DAY
        months = (after.year - self.start_on.year) * 12 + after.month - self.start_on.month
        return months if after >= _months_later(self.start_on, months) else months - 1

    def days_from(self, day: date) -> int:
        """The days of the season from that day on, the day itself counted."""
        first = max(day, self.start_on)
        return min(max((self.end_on - first).days + 1, 0), self.day_count)


def season_of(policy: Policy, season: int) -> HeatingSeason:
    """The season that begins in that year, by the policy's own dates."""
    return dated_season(policy.for_season(season), season)


def dated_season(values: PolicyInForce, season: int) -> HeatingSeason:
    start_on = values.season_start.in_year(season)
    end_on = values.season_end.in_year(season)
    if end_on <= start_on:
        end_on = values.season_end.in_year(season + 1)
    return _bounded(values, season, start_on, end_on, day_count=values.season_day_count)


def declared_season(
    policy: Policy, *, season: int, start_on: date, end_on: date, prices: Mapping[str, str] | None = None
) -> HeatingSeason:
    """A season whose dates or prices were decreed for itself. ``end_on`` is read as the policy reads its own end.

    ``prices`` are texts, as `read_season_prices` has them. Refused: days that are no season of these years.
    """
    values = policy.for_season(season)
    declared = _bounded(values, season, start_on, end_on, day_count=None)
    other = read_season_prices(prices or {}, start_on=declared.start_on, end_on=declared.end_on)
    return HeatingSeason(season, declared.start_on, declared.end_on, declared.day_count, other)


def placed(day: MonthDay, season: HeatingSeason, *, opens: MonthDay) -> date:
    """Which day a month and day mean for this season's due dates, instalments and discount windows.

    It is the day of the season's first year, unless that lies before everything that belongs to the season:
    before billing opens, and half a year or more before the first day with heat. Then it is a year later:
    ``12-31`` of 2025-2026 is in 2025, ``04-15`` is in 2026.
    """
    earliest = min(opens.in_year(season.season), season.start_on - _HALF_A_YEAR)
    in_first_year = day.in_year(season.season)
    return in_first_year if in_first_year >= earliest else day.in_year(season.season + 1)


def current_season(policy: Policy, day: date) -> int:
    """The last season whose billing has opened by that day."""
    opens_on = policy.for_season(day.year).billing_open_date.in_year(day.year)
    return day.year if day >= opens_on else day.year - 1


def _bounded(
    values: PolicyInForce, season: int, start_on: date, end_on: date, *, day_count: int | None
) -> HeatingSeason:
    last = end_on - _DAY if values.season_boundary_mode == "END_EXCLUSIVE" else end_on
    days = (last - start_on).days + 1
    if not 1 <= days <= _SEASON_DAYS_MAX or start_on.year not in (season, season + 1):
        raise SeasonInvalid(
            f"{start_on} to {end_on} is not a heating season {season_label(season)}",
            season=season_label(season),
            start_on=start_on.isoformat(),
            end_on=end_on.isoformat(),
        )
    return HeatingSeason(season, start_on, last, day_count or days)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

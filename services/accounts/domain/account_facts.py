"""What is true of an account, day by day: its home, and the periods in which it was not simply heated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from services.accounts.domain.home_parts import FormerHome, home_on, in_season
from services.accounts.domain.illegal_use import IllegalUse, Used, days_used
from services.accounts.domain.metered_heat import SeasonHeat
from services.accounts.domain.own_price import OwnPrice
from services.accounts.domain.partial_use import PartialUse
from services.accounts.domain.rating import Home
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_extension import Supply, extra_days
from shared.kernel.lifecycle import Lifecycle, Move

_DAY = timedelta(days=1)
ACTIVE, SUSPENDED, CUT, DISCONNECTED = "active", "suspended", "cut", "disconnected"
NOT_CONNECTED = "not_connected"

LIFECYCLE = Lifecycle("heat account", initial=NOT_CONNECTED, moves=[
    Move("connect", ("not_connected",), ACTIVE),
    Move("suspend", (ACTIVE,), SUSPENDED),
    Move("cut", (ACTIVE,), CUT),
    Move("resume", (SUSPENDED, CUT), ACTIVE),
    Move("lapse", (SUSPENDED,), ACTIVE),
    *(Move("transfer", (state,), state) for state in (ACTIVE, SUSPENDED, CUT)),
    Move("disconnect", (ACTIVE, SUSPENDED, CUT), DISCONNECTED),
    *(Move("change_class", (state,), state) for state in (NOT_CONNECTED, ACTIVE, SUSPENDED, CUT)),
    Move("merge", (ACTIVE,), ACTIVE),
    Move("merge_away", (ACTIVE,), DISCONNECTED),
    Move("split", (ACTIVE,), ACTIVE),
])  # fmt: skip
"""Which verb moves an account from which state to which."""


@dataclass(frozen=True, slots=True)
class InactivePeriod:
    """Days on which an account is not active: from ``from_on`` until the day before ``until_on`` (None: open end).

    A suspension counts for seasons from ``from_season`` on; ``late_pct`` is what its lateness costs in that season.
    ``period_id`` None: it came with the account from an old system and is not a row.
    """

    period_id: int | None
    state: str
    from_on: date
    until_on: date | None
    from_season: int | None = None
    late_pct: Decimal | None = None

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """``home`` is the home as it stands, without any season's use; ``household`` the present owner as a payer.

    ``periods`` are in the order of their days and never overlap; ``valve_open`` the seasons in which a suspended home
    was found using heat; ``heat`` what a meter showed, and ``supplies`` on which days heat really ran, by season;
    ``own_prices`` are the seasons in which it is not charged by the price of its class.
    ``formers`` say how the home was before it changed, in the order of their days; ``split_on`` and ``merged_on`` are the
    days on which the account came out of another one or became part of one; ``illegal_uses`` were found by inspection.
    """

    account_no: str
    premises_id: int
    customer_id: int
    heat_station: str | None
    home: Home
    warranty_until: date | None = None
    periods: tuple[InactivePeriod, ...] = ()
    valve_open: frozenset[int] = frozenset()
    household: str = "self"
    heat: Mapping[int, SeasonHeat] = field(default_factory=dict)
    supplies: Mapping[int, Supply] = field(default_factory=dict)
    formers: tuple[FormerHome, ...] = ()
    split_on: date | None = None
    merged_on: date | None = None
    illegal_uses: tuple[IllegalUse, ...] = ()
    own_prices: Mapping[int, OwnPrice] = field(default_factory=dict)

    def state_on(self, day: date) -> str:
        period = self.period_on(day)
        return period.state if period else ACTIVE

    def period_on(self, day: date) -> InactivePeriod | None:
        return next((period for period in self.periods if period.covers(day)), None)

    def home_in(self, season: HeatingSeason) -> Home:
        """The home as it used, or is to use, that season; it counts as metered once an earlier season was read."""
        connected_on = self.home.connected_on
        late = connected_on if connected_on is not None and connected_on > season.start_on else None
        since = max((day for day in (connected_on, self.split_on) if day is not None), default=None)
        home = in_season(self.home, self.formers, season, since=since, until=self.merged_on)
        use = self.use_in(season)
        simply_suspended = use == PartialUse(suspended=True)
        return replace(home, connected_on=late, suspended=simply_suspended,
                       use=PartialUse() if simply_suspended else use, heat=self.heat.get(season.season),
                       metered=any(metered < season.season for metered in self.heat),
                       extra_days=self._extra_days(season), own_price=self.own_prices.get(season.season))  # fmt: skip

    def home_on(self, day: date) -> Home:
        """The home as it was on a day, for verbs and questions that look at one day."""
        return home_on(self.home, self.formers, day)

    def _extra_days(self, season: HeatingSeason) -> int:
        supply = self.supplies.get(season.season)
        return extra_days(season, supply) if supply else 0

    def use_in(self, season: HeatingSeason) -> PartialUse:
        gone = any(period.state == DISCONNECTED and period.from_on < season.start_on for period in self.periods)
        gone = gone or self.merged_on == season.start_on
        periods = [self._as_charged(period) for period in self.periods]
        cut_days = sum(_days_within(period, season) for period in periods if period.state == CUT)
        use = PartialUse(cut_days=cut_days, valve_open=season.season in self.valve_open, gone=gone,
                         illegal=self._illegal(season, cut_days=cut_days, gone=gone),
                         split_on=_within(self.split_on, season), merged_on=_within(self.merged_on, season))  # fmt: skip
        for period in _suspensions(periods, season):
            if period.until_on is None or period.until_on > season.end_on:
                late_pct = period.late_pct if period.from_season == season.season else None
                return replace(use, suspended=True, late_pct=late_pct)
            if period.until_on > season.start_on:
                use = replace(use, resumed_on=period.until_on)
        return use

    def _illegal(self, season: HeatingSeason, *, cut_days: int, gone: bool) -> Used | None:
        """Days of a home that was cut off count as used instead of as lost; before a connection there are no others."""
        uses = [use for use in self.illegal_uses if use.season == season.season]
        if not uses:
            return None
        days = days_used(uses, season)
        if gone or any(period.state == NOT_CONNECTED for period in self.periods):
            return Used(days)
        if (connected_on := self.home.connected_on) is not None and connected_on > season.start_on:
            return Used(days, lawful=season.days_from(connected_on))
        without_heat = max(cut_days - days, 0)
        return Used(days, lawful=season.day_count - days - without_heat, without_heat=without_heat)

    def _as_charged(self, period: InactivePeriod) -> InactivePeriod:
        """A home that leaves while it has no heat has none later: its season costs what it did."""
        left = any(each.state == DISCONNECTED and each.from_on == period.until_on for each in self.periods)
        return replace(period, until_on=None) if left else period


def _within(day: date | None, season: HeatingSeason) -> date | None:
    return day if day is not None and season.start_on < day <= season.end_on else None


def _suspensions(periods: Sequence[InactivePeriod], season: HeatingSeason) -> Iterator[InactivePeriod]:
    for period in periods:
        if period.state == SUSPENDED and period.from_on <= season.end_on and (period.from_season or 0) <= season.season:
            yield period


def _days_within(period: InactivePeriod, season: HeatingSeason) -> int:
    first = max(period.from_on, season.start_on)
    after = season.end_on + _DAY if period.until_on is None else min(period.until_on, season.end_on + _DAY)
    return max((after - first).days, 0)


def first_season(connected_on: date | None, season: HeatingSeason, before: HeatingSeason) -> bool:
    """Whether ``season`` is the first that the home has heat in; ``before`` is the season that precedes it."""
    return connected_on is not None and before.end_on < connected_on <= season.end_on

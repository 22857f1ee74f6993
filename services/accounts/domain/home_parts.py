"""A season in which a home did not stay as it was: another class, merged or split. Its fee counts by days of each part.

How a home was before a change is kept (`FormerHome`); the home of today is the last version. So a measurement that is
corrected later, or an area that is taken apart, holds for all days since the last merge or split, and nothing has to be
rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from services.accounts.domain.season_dates import HeatingSeason

if TYPE_CHECKING:
    from services.accounts.domain.rating import Home

_DAY = timedelta(days=1)
BY_DAYS, WHOLE_SEASON_ANEW, NEXT_SEASON = "DAYS", "WHOLE_SEASON", "NEXT_SEASON"
"""What a change of class within a season does (parameter `midseason_class_rule`)."""


class Areas(NamedTuple):
    """0.01 m²; None is unknown."""

    building_area_dm2: int
    inner_area_dm2: int | None = None
    usable_area_dm2: int | None = None
    certified_area_dm2: int | None = None


class FormerHome(NamedTuple):
    """What was otherwise until the day ``until_on`` (excluded); None was as it is in the version that follows."""

    until_on: date
    price_class: str | None = None
    areas: Areas | None = None

    def before(self, home: Home) -> Home:
        if self.areas is not None:
            home = replace(home, components=(), **self.areas._asdict())
        return home if self.price_class is None else replace(home, price_class=self.price_class)


class HomePart(NamedTuple):
    """The home on ``days`` of a season's days, from ``from_on`` on."""

    from_on: date
    days: int
    price_class: str
    areas: Areas
    components: tuple[tuple[str, int], ...] = ()

    def of(self, home: Home) -> Home:
        """The home as it was on these days, for the whole season."""
        return replace(home, price_class=self.price_class, components=self.components, parts=(), **self.areas._asdict())


def areas_of(home: Home) -> Areas:
    return Areas(home.building_area_dm2, home.inner_area_dm2, home.usable_area_dm2, home.certified_area_dm2)


def home_on(home: Home, formers: Sequence[FormerHome], day: date) -> Home:
    """The home as it was on a day; ``formers`` are in the order of their days."""
    for former in reversed(formers):
        if former.until_on <= day:
            return home
        home = former.before(home)
    return home


def in_season(home: Home, formers: Sequence[FormerHome], season: HeatingSeason, *, since: date | None,
              until: date | None) -> Home:  # fmt: skip
    """The home as it was last in the season, with its ``parts`` when it was not the same on all days.

    Only days from ``since`` on and before ``until`` count: those on which there was an account.
    """
    first = max(season.start_on, since or season.start_on)
    after = min(season.end_on + _DAY, until or date.max)
    found: list[tuple[date, date, Home]] = []
    version, ends = home, after
    for former in reversed(formers):
        begins = max(former.until_on, first)
        if begins < ends:
            found.append((begins, ends, version))
            ends = begins
        version = former.before(version)
    if first < ends:
        found.append((first, ends, version))
    if not found:
        return home_on(home, formers, min(first, after))
    parts = tuple(_part(*span, season) for span in reversed(found))
    last = found[0][2]
    return replace(last, parts=parts if len({part[2:] for part in parts}) > 1 else ())


def by_class_rule(home: Home, rule: str) -> Home:
    """The home with the class that counts where a change within the season is not counted by days."""
    if rule == BY_DAYS or not home.parts:
        return home
    counts = home.price_class if rule == WHOLE_SEASON_ANEW else home.parts[0].price_class
    parts = tuple(part._replace(price_class=counts) for part in home.parts)
    return replace(home, price_class=counts, parts=parts if len({part[3:] for part in parts}) > 1 else ())


def _part(begins: date, ends: date, home: Home, season: HeatingSeason) -> HomePart:
    return HomePart(begins, season.days_from(begins) - season.days_from(ends), home.price_class, areas_of(home),
                    home.components)  # fmt: skip

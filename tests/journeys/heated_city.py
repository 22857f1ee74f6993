"""A model of homes through their lifecycle, told day by day: what each is, and what each of its seasons costs.

It knows the reference policy by heart and nothing of the product: fees are worked out on a walk over the season's days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

FEN_PER_DM2 = 26
KEPT, LOST_BY_A_CUT = Fraction(30, 100), Fraction(20, 100)
DAY = timedelta(days=1)


def season_of(day: date) -> int:
    """The season whose bills are opened by that day: from July on the one that begins in November."""
    return day.year if day.month >= 7 else day.year - 1


def days_of(season: int) -> list[date]:
    first, last = date(season, 11, 1), date(season + 1, 3, 31)
    return [first + n * DAY for n in range((last - first).days + 1)]


@dataclass
class Spell:
    """Days without heat, from ``first`` until the day before ``until`` (None: no end yet)."""

    state: str
    first: date
    until: date | None
    season: int = 0

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass
class Home:
    account_no: str
    area_dm2: int
    spells: list[Spell] = field(default_factory=list)
    caught: set[int] = field(default_factory=set)
    billed: dict[int, int] = field(default_factory=dict)
    """What each season that was billed should come to, in fen."""

    def state(self, day: date) -> str:
        return next((spell.state for spell in self.spells if spell.covers(day)), "active")

    def ends(self, day: date) -> None:
        """Whatever spell there is on the day is over with it."""
        for spell in self.spells:
            if spell.covers(day):
                spell.until = day
        self.spells = [spell for spell in self.spells if spell.until != spell.first]

    def charged_again(self, *, since: int) -> None:
        for season in self.billed:
            if season >= since:
                self.billed[season] = self.fee(season)

    def fee(self, season: int) -> int:
        """Rounded half up once for the season, once more when only a part of it is owed."""
        days = days_of(season)
        gone = next((spell.first for spell in self.spells if spell.state == "disconnected"), None)
        if gone is not None and gone < days[0]:
            return 0
        whole = self.area_dm2 * FEN_PER_DM2
        without = [self._without(day, gone) for day in days]
        cut = sum(spell is not None and spell.state == "cut" for spell in without)
        last = without[-1]
        suspended = last is not None and last.state == "suspended" and last.season <= season
        share = KEPT if suspended and season not in self.caught else Fraction(1)
        share *= 1 - (1 - LOST_BY_A_CUT) * Fraction(cut, len(days))
        return int(whole * share + Fraction(1, 2))

    def _without(self, day: date, gone: date | None) -> Spell | None:
        """Why there is no heat on the day. Who had none when he left costs what he did: it is as if he had stayed."""
        if gone is not None and day >= gone:
            day = gone - DAY
            if not any(spell.covers(day) for spell in self.spells):
                return None
        return next((spell for spell in self.spells if spell.covers(day)), None)

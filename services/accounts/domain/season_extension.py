"""Heat beyond the legal season: given, or charged by days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.rates import half_up


class Supply(NamedTuple):
    """The days on which a season's heat really ran, the first and the last with heat."""

    supplied_from: date
    supplied_until: date


def extra_days(season: HeatingSeason, supply: Supply) -> int:
    """The days with heat before the season's first and after its last day."""
    before = max((season.start_on - supply.supplied_from).days, 0)
    after = max((supply.supplied_until - season.end_on).days, 0)
    return before + after


def extended_line(fee: Mapping[str, Any], days: int, season: HeatingSeason) -> dict[str, Any]:
    """What a home that had all of it pays under DAILY_CHARGE: its season fee, and a day's fee for each extra day.

    ``fee`` is the node of the season fee; what is charged on top is rounded by itself, a line of its own.
    """
    line: dict[str, Any] = {"rule": "extended_season", "days": days, "of_days": season.day_count, "of": fee}
    line["extra_exact"] = str(extra_exact(line, int(fee["fen"])))
    line["extra_fen"] = half_up(extra_exact(line, int(fee["fen"])))
    line["fen"] = int(fee["fen"]) + line["extra_fen"]
    line["exact"] = str(line["fen"])
    return line


def extra_exact(line: Mapping[str, Any], fee_fen: int) -> Fraction:
    """Exact fen of the extra days: season fee ÷ season days for each."""
    return Fraction(fee_fen * int(line["days"]), int(line["of_days"]))

"""Heat beyond the legal season: given, or charged by days."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.rates import half_up


def extra_days(season: HeatingSeason, *, supplied_from: date, supplied_until: date) -> int:
    """The days with heat before the season's first and after its last day; both given days had heat."""
    before = max((season.start_on - supplied_from).days, 0)
    after = max((supplied_until - season.end_on).days, 0)
    return before + after


def extension_line(
    values: PolicyInForce, season: HeatingSeason, *, fee_fen: int, supplied_from: date, supplied_until: date
) -> dict[str, Any]:
    """What a home that had all of it pays beyond its season fee, as a node of a derivation (``fen`` may be 0).

    FREE charges nothing; DAILY_CHARGE the season fee ÷ season days for each day.
    """
    days = extra_days(season, supplied_from=supplied_from, supplied_until=supplied_until)
    line: dict[str, Any] = {
        "rule": f"extension_{values.extension_pricing.lower()}",
        "days": days,
        "of_days": season.day_count,
        "of_fen": fee_fen,
    }
    exact = extension_exact(line)
    return {**line, "exact": str(exact), "fen": half_up(exact)}


def extension_exact(line: dict[str, Any]) -> Fraction:
    if line["rule"] == "extension_free":
        return Fraction(0)
    return Fraction(line["of_fen"] * line["days"], line["of_days"])

"""A season's dates or prices were decreed for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.accounts.domain.season_dates import declared_season
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.seasons import add_declaration
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.kernel.season import season_label


class SeasonBilled(Refusal):
    code = "season_billed"
    status = 409
    remedy = "Correct the bills of the season; its dates and prices no longer change."


@dataclass(frozen=True, slots=True)
class DeclareSeason:
    """``end_on`` is read as the policy reads its own; ``prices`` are those of `read_season_prices`."""

    season: int
    start_on: date
    end_on: date
    prices: Mapping[str, str] = field(default_factory=dict)


def declare_season(command: DeclareSeason, work: Work) -> dict[str, Any]:
    """Refused: `season_invalid`, and `season_billed` once a bill of the season was issued."""
    season = declared_season(
        policy_in_force(work), season=command.season, start_on=command.start_on, end_on=command.end_on,
        prices=command.prices,
    )  # fmt: skip
    label = season_label(command.season)
    if work.rows("SELECT 1 FROM billing_runs WHERE season = %s AND mode = 'issue' LIMIT 1", (command.season,)):
        raise SeasonBilled(f"{label} was billed", season=label)
    add_declaration(
        work, season=command.season, start_on=command.start_on, end_on=command.end_on, prices=command.prices
    )
    return {
        "season": label,
        "start_on": season.start_on.isoformat(),
        "end_on": season.end_on.isoformat(),
        "day_count": season.day_count,
    }

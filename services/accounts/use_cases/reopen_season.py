"""A season's books are opened again: its bills can be corrected until it is closed once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.season_turn import SEASON
from services.accounts.storage.season_turns import add_turn, locked_state
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label


@dataclass(frozen=True, slots=True)
class ReopenSeason:
    season: int
    reason: str
    preview: bool = False


def reopen_season(command: ReopenSeason, work: Work) -> dict[str, Any]:
    """What was carried at the closing stays on record. Refuses `transition_refused`."""
    before = locked_state(work, command.season)
    after = SEASON.after("reopen", before)
    if not command.preview:
        add_turn(work, command.season, verb="reopen", before=before, after=after, reason=command.reason, figures={})
    return {"season": season_label(command.season), "state": after}

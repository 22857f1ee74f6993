"""A season's books are being closed: what stands in the way is worked off, and nothing is billed but by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.season_turn import SEASON, SeasonNotBilled, SeasonRuns
from services.accounts.storage.hindrances import hindrance_counts
from services.accounts.storage.in_force import InForce
from services.accounts.storage.season_standing import read_patiently
from services.accounts.storage.season_turns import add_turn, locked_state
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label

_BILLED = "SELECT 1 FROM billing_runs WHERE season = %s AND mode = 'issue' LIMIT 1"


@dataclass(frozen=True, slots=True)
class BeginClosing:
    season: int
    reason: str
    preview: bool = False


def begin_closing(command: BeginClosing, work: Work) -> dict[str, Any]:
    """Refuses `transition_refused`, `season_not_billed`, `season_runs` (its last day has not passed)."""
    label = season_label(command.season)
    before = locked_state(work, command.season)
    after = SEASON.after("begin_closing", before)
    season = InForce(work).season(command.season)
    if season.end_on >= work.today:
        raise SeasonRuns(f"{label} runs until {season.end_on}", season=label, end_on=season.end_on.isoformat())
    if not work.rows(_BILLED, (command.season,)):
        raise SeasonNotBilled(f"{label} was never billed", season=label)
    read_patiently(work)
    counts = hindrance_counts(work, season)
    if not command.preview:
        add_turn(work, command.season, verb="begin_closing", before=before, after=after, reason=command.reason,
                 figures={"hindrances": counts})  # fmt: skip
    return {"season": label, "state": after, "hindrances": counts}

"""A month's report is frozen: what stood on its last day as it is known now, and what the month before would be by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.month_end import (
    STANDING,
    MonthEnd,
    assert_may_be_taken,
    content_hash,
    last_day,
    month_text,
)
from services.accounts.domain.season_dates import current_season
from services.accounts.domain.season_report import KEYS, Group, differences, told, whole
from services.accounts.storage.month_ends import add_month_end, frozen, last_month_end
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.season_standing import standing
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label


@dataclass(frozen=True, slots=True)
class TakeMonthEnd:
    """``month`` is its first day."""

    month: date
    reason: str
    preview: bool = False


def take_month_end(command: TakeMonthEnd, work: Work) -> dict[str, Any]:
    """Once for each month, in their order. Refuses `month_not_over`, `month_taken`, `month_before_last`."""
    previous = last_month_end(work)
    assert_may_be_taken(command.month, today=work.today, last=previous.month if previous else None)
    day = last_day(command.month)
    season = current_season(policy_in_force(work), day)
    now = standing(work, day=day, season=season, keys=KEYS)
    restated = _restated(work, previous) if previous else []
    previous_hash = previous.content_hash if previous else None
    hashed = content_hash(
        month=command.month, season=season, previous_hash=previous_hash, standing=now, restated=restated
    )
    if not command.preview:
        month_end = MonthEnd(command.month, day, season, previous_hash, hashed)
        add_month_end(work, month_end, reason=command.reason, standing=now, restated=restated)
    return {
        "month": month_text(command.month),
        "season": season_label(season),
        "content_hash": hashed.hex(),
        "groups": len(now),
        "whole": told(whole(now)),
        "restated": len(restated),
    }


def _restated(work: Work, previous: MonthEnd) -> list[Group]:
    """What came to be known since of the days up to the previous month's end."""
    known_now = standing(work, day=previous.day, season=previous.season, keys=KEYS)
    return differences(known_now, frozen(work, previous.month, STANDING))

"""How a season stands on a day, grouped by place or class: homes, areas, billed, collected, open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.accounts.domain.season_dates import current_season
from services.accounts.domain.season_report import GROUPINGS, Group, group_told, told, whole
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.season_standing import standing
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput
from shared.kernel.season import season_label


def season_report(work: Work, *, by: str, day: date | None, season: int | None, filters: Mapping[str, str], after: int,
                  limit: int) -> dict[str, Any]:  # fmt: skip
    """The groups from position ``after`` on, and the whole of all groups.

    ``day`` None is today, ``season`` None the one whose billing had opened by that day. Refuses a day that has not come.
    """
    on = day or work.today
    if on > work.today:
        raise InvalidInput("this day has not come", place="on", value=on.isoformat())
    of = season if season is not None else current_season(policy_in_force(work), on)
    groups = standing(work, day=on, season=of, keys=GROUPINGS[by], filters=filters)
    return {"on": on.isoformat(), "season": season_label(of), **page(by, groups, after=after, limit=limit)}


def page(by: str, groups: list[Group], *, after: int, limit: int) -> dict[str, Any]:
    """``next`` is the position that the next page begins at, None at the end."""
    shown = groups[after : after + limit]
    end = after + len(shown)
    return {
        "by": by,
        "whole": told(whole(groups)),
        "count": len(groups),
        "groups": [group_told(by, group) for group in shown],
        "next": end if end < len(groups) else None,
    }

"""Month ends as they were taken: the same question has the same answer, byte for byte, whatever happens later."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.accounts.domain.month_end import (
    RESTATED,
    STANDING,
    MonthEnd,
    UnknownMonthEnd,
    content_hash,
    month_text,
)
from services.accounts.domain.season_report import GROUPINGS, Group, differences
from services.accounts.queries.season_report import page
from services.accounts.storage.month_ends import frozen, last_month_end, month_end_of
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label

MOVEMENT = "movement"
"""What the month added to the month end before it, of the same season."""
KINDS = (STANDING, MOVEMENT, RESTATED)

_TAKEN = """
SELECT m.month, m.season, m.groups, m.content_hash, m.reason, k.actor, k.at
FROM month_ends m JOIN commands k USING (command_id) ORDER BY m.month
"""


def month_ends_taken(work: Work) -> dict[str, Any]:
    """The oldest first."""
    return {"month_ends": [
        {"month": month_text(month), "season": season_label(season), "groups": groups,
         "content_hash": bytes(hashed).hex(), "reason": reason, "by": actor, "at": at.isoformat()}
        for month, season, groups, hashed, reason, actor, at in work.rows(_TAKEN)
    ]}  # fmt: skip


def month_end(work: Work, month: date, *, kind: str, by: str, after: int, limit: int) -> dict[str, Any]:
    """Refuses `unknown_month_end`."""
    taken = _taken(work, month)
    groups = _movement(work, taken, by) if kind == MOVEMENT else frozen(work, month, kind, keys=GROUPINGS[by])
    return {**_head(taken), "kind": kind, **page(by, groups, after=after, limit=limit)}


def month_end_proof(work: Work, month: date) -> dict[str, Any]:
    """The hash made again from the rows that are kept, and whether the month end before it is the one it followed.

    Refuses `unknown_month_end`.
    """
    taken = _taken(work, month)
    made_again = content_hash(
        month=month, season=taken.season, previous_hash=taken.previous_hash,
        standing=frozen(work, month, STANDING), restated=frozen(work, month, RESTATED),
    )  # fmt: skip
    before = last_month_end(work, before=month)
    follows = taken.previous_hash == (before.content_hash if before else None)
    return {
        **_head(taken),
        "made_again": made_again.hex(),
        "holds": made_again == taken.content_hash and follows,
    }


def _taken(work: Work, month: date) -> MonthEnd:
    taken = month_end_of(work, month)
    if taken is None:
        raise UnknownMonthEnd(f"the end of {month_text(month)} was not taken", month=month_text(month))
    return taken


def _movement(work: Work, taken: MonthEnd, by: str) -> list[Group]:
    """Where a new season began since, its figures began with nothing."""
    now = frozen(work, taken.month, STANDING, keys=GROUPINGS[by])
    before = last_month_end(work, before=taken.month)
    if before is None or before.season != taken.season:
        return now
    return differences(now, frozen(work, before.month, STANDING, keys=GROUPINGS[by]))


def _head(taken: MonthEnd) -> dict[str, Any]:
    return {
        "month": month_text(taken.month),
        "on": taken.day.isoformat(),
        "season": season_label(taken.season),
        "content_hash": taken.content_hash.hex(),
        "previous_hash": taken.previous_hash.hex() if taken.previous_hash else None,
    }

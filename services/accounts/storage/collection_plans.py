"""Plans of collection: every plan is kept, the last one for a month holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.collection_plan import PlannedMonth, Target
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_PLANS = """
SELECT DISTINCT ON (p.season, p.scope, p.name, p.month) p.season, p.scope, p.name, p.month, p.planned_pct
FROM collection_plans p JOIN commands k USING (command_id)
WHERE {which} ORDER BY p.season, p.scope, p.name, p.month, k.at DESC, plan_id DESC
"""
_OF_TARGETS = _PLANS.format(
    which="(p.season, p.scope, p.name) IN (SELECT * FROM unnest(%s::smallint[], %s::text[], %s::text[]))"
)
_OF_SEASON = _PLANS.format(which="p.season = %s")


@row_of("collection_plans")
class PlanStoredRow(NamedTuple):
    plan_id: int
    command_id: int
    season: int
    scope: str
    name: str
    month: date
    planned_pct: Decimal


def plans_of(work: Work, targets: Iterable[Target]) -> dict[Target, dict[date, Decimal]]:
    """What holds for each of the targets, by month."""
    columns = [list(column) for column in zip(*set(targets), strict=True)]
    found: defaultdict[Target, dict[date, Decimal]] = defaultdict(dict)
    for row in work.rows(_OF_TARGETS, columns) if columns else ():
        planned = PlannedMonth(*row)
        found[planned.target][planned.month] = planned.planned_pct
    return found


def plans_of_season(work: Work, season: int) -> list[PlannedMonth]:
    """In the order of scope, name and month."""
    return [PlannedMonth(*row) for row in work.rows(_OF_SEASON, (season,))]


def add_plans(work: Work, planned: Sequence[PlannedMonth]) -> None:
    ids = work.new_ids(len(planned))
    work.add(PlanStoredRow(number, work.command_id, *each) for number, each in zip(ids, planned, strict=True))

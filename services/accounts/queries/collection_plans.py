"""Plan against what was collected: from the frozen month end where there is one, else as it is known now."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.accounts.domain.collection_plan import BRANCH, COMPOUND, PlannedMonth, variance
from services.accounts.domain.month_end import STANDING, MonthNotOver, last_day, month_text
from services.accounts.domain.season_report import GROUPINGS, Group, Measures, percent_text
from services.accounts.storage.collection_plans import plans_of_season
from services.accounts.storage.month_ends import frozen, month_end_of
from services.accounts.storage.season_standing import standing
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

FROZEN, NOW = "month_end", "now"


def plans_listed(work: Work, season: int, *, after: int, limit: int) -> dict[str, Any]:
    """Every month that is planned, in the order of scope, name and month."""
    planned = plans_of_season(work, season)
    end = after + limit
    return {
        "season": season_label(season),
        "plans": [
            {"scope": each.scope, "name": each.name, "month": month_text(each.month),
             "planned_rate": f"{each.planned_pct:.2f}"}
            for each in planned[after:end]
        ],
        "next": end if end < len(planned) else None,
    }  # fmt: skip


def plan_variance(work: Work, season: int, month: date, *, after: int, limit: int) -> dict[str, Any]:
    """The last plan of each branch and compound up to ``month``, beside what was collected by its last day.

    Of a month that runs, by today. Refuses `month_not_over` for a month that has not begun.
    """
    if month > work.today:
        raise MonthNotOver(f"{month_text(month)} has not begun", month=month_text(month))
    targets = _of_month(plans_of_season(work, season), month)
    taken = month_end_of(work, month)
    is_frozen = taken is not None and taken.season == season
    actual = {
        (scope, group.key[0]): group.measures
        for scope in (BRANCH, COMPOUND) if any(each.scope == scope for each in targets)
        for group in _groups(work, season, month, scope, is_frozen=is_frozen)
    }  # fmt: skip
    end = after + limit
    return {
        "season": season_label(season),
        "month": month_text(month),
        "on": min(last_day(month), work.today).isoformat(),
        "source": FROZEN if is_frozen else NOW,
        "targets": [_told(each, actual.get((each.scope, each.name), Measures())) for each in targets[after:end]],
        "next": end if end < len(targets) else None,
    }


def _of_month(planned: list[PlannedMonth], month: date) -> list[PlannedMonth]:
    """For each target its plan for the month, or for the last month before it that has one."""
    last: dict[tuple[str, str], PlannedMonth] = {}
    for each in planned:
        if each.month <= month:
            last[each.scope, each.name] = each
    return list(last.values())


def _groups(work: Work, season: int, month: date, scope: str, *, is_frozen: bool) -> list[Group]:
    keys = GROUPINGS[scope]
    if is_frozen:
        return frozen(work, month, STANDING, keys=keys)
    return standing(work, day=min(last_day(month), work.today), season=season, keys=keys)


def _told(planned: PlannedMonth, actual: Measures) -> dict[str, Any]:
    behind = variance(actual.collection_rate, planned.planned_pct)
    return {
        "scope": planned.scope,
        "name": planned.name,
        "planned_for": month_text(planned.month),
        "planned_rate": f"{planned.planned_pct:.2f}",
        "collection_rate": percent_text(actual.collection_rate),
        "variance": percent_text(behind),
        "billed": format_yuan(actual.billed_fen),
        "received": format_yuan(actual.paid_fen),
        "open": format_yuan(actual.open_fen),
    }

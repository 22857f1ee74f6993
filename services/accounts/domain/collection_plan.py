"""Plans of collection: what share of a season's bills is to be received by the end of a month, for a branch or compound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from services.accounts.domain.month_end import month_text
from shared.kernel.errors import InvalidInput, refused_at
from shared.kernel.season import season_label

BRANCH, COMPOUND = "branch", "compound"
SCOPES: Mapping[str, str] = {BRANCH: "分公司", COMPOUND: "小区"}
"""Code → the word that plans on paper use."""

PCT_DECIMALS, PCT_MOST = 2, 100


class PlanFalls(InvalidInput):
    code = "plan_falls"
    remedy = "A plan counts from the season's beginning: give each month at least what the month before it has."


class PlanMonthOutside(InvalidInput):
    code = "plan_month_outside"
    remedy = "Plan the months from the January in which the season's first year begins to the December of its second."


class PlanTwice(InvalidInput):
    code = "plan_twice"
    remedy = "Keep one of the two."


class Target(NamedTuple):
    """Whose plan it is."""

    season: int
    scope: str
    name: str


class PlannedMonth(NamedTuple):
    """``planned_pct`` of 100 by the end of ``month`` (its first day), counted from the season's beginning."""

    season: int
    scope: str
    name: str
    month: date
    planned_pct: Decimal

    @property
    def target(self) -> Target:
        return Target(self.season, self.scope, self.name)


def assert_plan(planned: Iterable[PlannedMonth], known: Mapping[Target, Mapping[date, Decimal]], *, place: str) -> None:
    """``known`` are the plans so far, by month. Refuses `plan_month_outside`, `plan_twice`, `plan_falls`."""
    months: defaultdict[Target, dict[date, Decimal]] = defaultdict(dict)
    where: dict[tuple[Target, date], int] = {}
    for number, each in enumerate(planned):
        with refused_at(f"{place}/{number}"):
            _assert_inside(each)
            if (each.target, each.month) in where:
                raise PlanTwice(f"{each.name} has {month_text(each.month)} twice", name=each.name,
                                month=month_text(each.month))  # fmt: skip
        where[each.target, each.month] = number
        months[each.target][each.month] = each.planned_pct
    for target, new in months.items():
        _assert_rises(target, {**known.get(target, {}), **new}, where, place)


def variance(actual: Fraction | None, planned_pct: Decimal) -> Fraction | None:
    """Percentage points over 100 (below zero: behind the plan); None where nothing was to be received."""
    return None if actual is None else actual - Fraction(planned_pct) / 100


def _assert_inside(each: PlannedMonth) -> None:
    if each.month.year not in (each.season, each.season + 1):
        raise PlanMonthOutside(
            f"{month_text(each.month)} is no month of {season_label(each.season)}", month=month_text(each.month)
        )


def _assert_rises(
    target: Target, months: Mapping[date, Decimal], where: Mapping[tuple[Target, date], int], place: str
) -> None:
    before: tuple[date, Decimal] | None = None
    for month in sorted(months):
        if before is not None and months[month] < before[1]:
            number = where.get((target, month), where.get((target, before[0]), 0))
            with refused_at(f"{place}/{number}"):
                raise PlanFalls(
                    f"{target.name}: {months[month]} % by {month_text(month)} after {before[1]} % by {month_text(before[0])}",
                    name=target.name, month=month_text(month), before=month_text(before[0]),
                )  # fmt: skip
        before = (month, months[month])

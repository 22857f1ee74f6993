"""Values that are possible one by one and impossible together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import DiscountRow
from services.accounts.domain.season_dates import HeatingSeason, dated_season, placed
from services.accounts.domain.season_prices import SeasonInvalid

_SEASON = 2001
"""Any season will do for questions of order."""


def contradictions(values: PolicyInForce) -> Iterator[tuple[str, str]]:
    """``(parameter, what is wrong)`` for every contradiction among the values of one day."""
    try:
        season = dated_season(values, _SEASON)
    except SeasonInvalid as refusal:
        yield "season_end", refusal.detail
        return
    yield from _of_instalments(values, season)
    yield from _of_discount_windows(values, season)


def _of_instalments(values: PolicyInForce, season: HeatingSeason) -> Iterator[tuple[str, str]]:
    plan = values.instalment_plan
    if plan and sum(row.pct for row in plan) != 100:
        yield "instalment_plan", "the instalments do not add up to 100 %"
    dues = [placed(row.due, season, opens=values.billing_open_date) for row in plan]
    if dues != sorted(set(dues)):
        yield "instalment_plan", "each instalment must fall due after the one before"


def _of_discount_windows(values: PolicyInForce, season: HeatingSeason) -> Iterator[tuple[str, str]]:
    windows = [
        (
            placed(row.first_day, season, opens=values.billing_open_date),
            placed(row.last_day, season, opens=values.billing_open_date),
            row,
        )
        for row in values.discount_windows
    ]
    if any(last < first for first, last, _ in windows):
        yield "discount_windows", "a window ends before it begins"
    for (first, last, row), (other_first, other_last, other) in combinations(windows, 2):
        if first <= other_last and other_first <= last and _same_payers(row, other):
            yield "discount_windows", f"two windows hold on {max(first, other_first):%m-%d}"


def _same_payers(row: DiscountRow, other: DiscountRow) -> bool:
    """Whether one payment could fall under both."""
    return _meet(row.classes, other.classes) and _meet(_channels(row), _channels(other))


def _channels(row: DiscountRow) -> tuple[str, ...]:
    return (*row.channels, "wechat", "alipay") if "ONLINE" in row.channels else row.channels


def _meet(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return "ALL" in some or "ALL" in others or bool(set(some) & set(others))

"""Values that are possible one by one and impossible together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import DiscountRow, RefundBand
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
    yield from _of_refund_bands(values)
    yield from _of_approval_limits(values)
    yield from _of_relief_schemes(values)


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


def _of_refund_bands(values: PolicyInForce) -> Iterator[tuple[str, str]]:
    """Bands follow each other without a gap; the lowest alone may have no lower end, the highest no upper one."""
    bands = sorted(((_upper(values, band), band.lower_incl) for band in values.refund_bands), key=lambda ends: ends[0])
    for upper, lower in bands:
        if lower is not None and lower >= upper:
            yield "refund_bands", f"the band below {upper} °C is empty"
    for (upper, _), (_, lower) in pairwise(bands):
        if lower is None or lower < upper:
            yield "refund_bands", f"two bands hold below {upper} °C"
        elif lower > upper:
            yield "refund_bands", f"no band holds from {upper} to {lower} °C"
    if values.refund_day_rule == "MONTH_AVERAGE_OF_3" and values.refund_scope != "WHOLE_HOME":
        yield "refund_day_rule", "the mean of a month is one of the whole home: refund_scope must be WHOLE_HOME"


def _upper(values: PolicyInForce, band: RefundBand) -> Decimal:
    return values.room_standard if band.upper_excl is None else band.upper_excl


def _of_approval_limits(values: PolicyInForce) -> Iterator[tuple[str, str]]:
    """Somebody approves every amount, and each limit is higher than the one before."""
    limits = [row.up_to for row in values.refund_approval_limits]
    if limits and limits[-1] is not None:
        yield "refund_approval_limits", f"nobody approves more than {limits[-1]} yuan"
    bounded = [limit for limit in limits[:-1] if limit is not None]
    if len(bounded) < len(limits[:-1]) or bounded != sorted(set(bounded)):
        yield "refund_approval_limits", "each limit must be higher than the one before, and only the last has none"


def _of_relief_schemes(values: PolicyInForce) -> Iterator[tuple[str, str]]:
    kinds = [scheme.kind for scheme in values.relief_schemes]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield "relief_schemes", f"{kind} stands there twice"
    for scheme in values.relief_schemes:
        if (scheme.mechanism == "PRICE_CLASS") != (scheme.price is not None):
            yield "relief_schemes", f"{scheme.kind}: a price belongs to PRICE_CLASS, and to nothing else"
        if (scheme.apply_from is None) != (scheme.apply_until is None):
            yield "relief_schemes", f"{scheme.kind}: both days of application, or none"


def _same_payers(row: DiscountRow, other: DiscountRow) -> bool:
    """Whether one payment could fall under both."""
    return _meet(row.classes, other.classes) and _meet(_channels(row), _channels(other))


def _channels(row: DiscountRow) -> tuple[str, ...]:
    return (*row.channels, "wechat", "alipay") if "ONLINE" in row.channels else row.channels


def _meet(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return "ALL" in some or "ALL" in others or bool(set(some) & set(others))

"""A home that was not heated, or not billed, for a whole season: suspended, resumed, cut, found using heat, gone.

Each reason is a reduction of a derivation: plain data from which its share of the season fee can be worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.accounts.domain.illegal_use import Used
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.rates import PERCENT

RULES = frozenset({"suspended", "late_suspended", "resumed_full", "resumed_days_blend", "resumed_base_plus_days", "cut",
                   "valve_open", "disconnected", "illegal_use"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartialUse:
    """How a home used one season. ``resumed_on`` is the first day with heat after a suspension, within the season.

    ``late_pct`` is what a late suspension costs on top; ``cut_days`` the season's days without heat for arrears;
    ``valve_open``: a suspended home was found using heat; ``gone``: disconnected before the season began. ``illegal``:
    heat that was used without a right to it. ``split_on`` is the day on which the account came out of another one,
    ``merged_on`` the first day on which it is part of another one; both only within the season.
    """

    suspended: bool = False
    resumed_on: date | None = None
    late_pct: Decimal | None = None
    cut_days: int = 0
    valve_open: bool = False
    gone: bool = False
    illegal: Used | None = None
    split_on: date | None = None
    merged_on: date | None = None


WHOLE_SEASON = PartialUse()


def use_reductions(use: PartialUse, values: PolicyInForce, season: HeatingSeason) -> Iterator[dict[str, Any]]:
    """The reasons why the home does not simply pay the season fee."""
    if use.illegal is not None:
        yield _illegal(use.illegal, use, values, season)
        return
    if use.gone:
        yield _whole("disconnected", Decimal(0))
    elif use.valve_open:
        yield _whole("valve_open", Decimal(100))
    elif use.suspended and use.late_pct:
        kept = _whole("late_suspended", values.suspend_fee_pct + use.late_pct)
        yield {**kept, "late_pct": plain_number(use.late_pct)}
    elif use.suspended:
        yield _whole("suspended", values.suspend_fee_pct)
    elif use.resumed_on is not None:
        yield _resumed(use.resumed_on, values, season)
    if use.cut_days and not use.gone:
        yield _by_days("cut", values.cut_for_arrears_loss_pct, season.day_count - use.cut_days, season)


def share_of_use(reduction: Mapping[str, Any]) -> Fraction:
    """What a reduction leaves of the fee, from its percentage and its days; `RULES` are those that it knows."""
    pct = Fraction(reduction["pct"]) * PERCENT
    if reduction["rule"] == "illegal_use":
        other = Fraction(reduction["other_pct"]) * PERCENT * int(reduction["other_days"])
        return (int(reduction["lawful_days"]) + pct * int(reduction["days"]) + other) / int(reduction["of_days"])
    if reduction["rule"] in ("cut", "resumed_days_blend"):
        return (int(reduction["days"]) + pct * int(reduction["other_days"])) / int(reduction["of_days"])
    if reduction["rule"] == "resumed_base_plus_days":
        return pct + Fraction(reduction["days"], reduction["of_days"])
    return pct


def _illegal(used: Used, use: PartialUse, values: PolicyInForce, season: HeatingSeason) -> dict[str, Any]:
    """The whole season at the policy's percentage, or the days that were used so; paid days stay paid.

    The other days of a home that left while it was suspended cost what its suspension does.
    """
    of = season.day_count
    by_days = values.illegal_use_rule == "DAYS"
    days, lawful, other = (used.days, used.lawful, used.without_heat) if by_days else (of, 0, 0)
    other_pct = values.cut_for_arrears_loss_pct
    if use.suspended and by_days:
        lawful, other, other_pct = 0, of - days, values.suspend_fee_pct + (use.late_pct or 0)
    return _with_times({
        "rule": "illegal_use", "charged": values.illegal_use_rule, "pct": plain_number(values.illegal_use_pct),
        "days": days, "lawful_days": lawful, "other_days": other,
        "other_pct": plain_number(other_pct), "of_days": of,
    })  # fmt: skip


def _resumed(resumed_on: date, values: PolicyInForce, season: HeatingSeason) -> dict[str, Any]:
    """By days where the policy says so; the whole fee otherwise."""
    rule = values.midseason_resume_rule
    if rule not in ("DAYS_BLEND", "BASE_PLUS_DAYS"):
        return {**_whole("resumed_full", Decimal(100)), "resumed_on": resumed_on.isoformat()}
    used = _by_days(f"resumed_{rule.lower()}", values.suspend_fee_pct, season.days_from(resumed_on), season)
    return {**used, "resumed_on": resumed_on.isoformat()}


def _whole(rule: str, pct: Decimal) -> dict[str, Any]:
    return _with_times({"rule": rule, "pct": plain_number(pct)})


def _by_days(rule: str, pct: Decimal, days: int, season: HeatingSeason) -> dict[str, Any]:
    """``days`` count fully, the season's other days at the percentage."""
    of = season.day_count
    return _with_times(
        {"rule": rule, "pct": plain_number(pct), "days": days, "other_days": of - days, "of_days": of}
    )  # fmt: skip


def _with_times(reduction: dict[str, Any]) -> dict[str, Any]:
    return {**reduction, "times": str(share_of_use(reduction))}

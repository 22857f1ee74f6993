"""What a season's report counts: homes and areas by state, what was billed, what was collected, what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from shared.kernel.money import format_yuan
from shared.kernel.rates import half_up

STATES: Mapping[str, str] = {
    "heated": "供热",
    "suspended": "报停",
    "cut": "断供",
    "disconnected": "已拆除",
    "never_connected": "未入网",
}
"""Each home is counted in one of these; ``never_connected`` is also a home whose first day with heat has not come."""

GROUPINGS: Mapping[str, tuple[str, ...]] = {
    "branch": ("branch",),
    "compound": ("compound",),
    "building": ("compound", "building"),
    "unit": ("compound", "building", "unit"),
    "heat_station": ("heat_station",),
    "price_class": ("price_class",),
}
"""By what a report is grouped → what names a group. A home without the thing stands under ``""``."""

KEYS = ("branch", "compound", "building", "unit", "heat_station", "price_class")
"""What names the smallest group: every grouping is made of it."""

FILTERS = ("branch", "compound", "building", "heat_station", "price_class")
"""By what a report can be narrowed."""

_PERCENT_DIGITS = 100


class Measures(NamedTuple):
    """Sums over the homes of a group as of a day. Areas are 0.01 m², money is fen.

    ``billed_dm2`` is the area that was charged, by whatever share; ``paid_fen`` is principal, without late fee;
    ``arrears_fen`` is principal that is open of seasons before.
    """

    heated: int = 0
    suspended: int = 0
    cut: int = 0
    disconnected: int = 0
    never_connected: int = 0
    heated_dm2: int = 0
    suspended_dm2: int = 0
    cut_dm2: int = 0
    disconnected_dm2: int = 0
    never_connected_dm2: int = 0
    billed_homes: int = 0
    billed_dm2: int = 0
    billed_fen: int = 0
    paid_fen: int = 0
    discount_fen: int = 0
    rounding_fen: int = 0
    late_fee_fen: int = 0
    arrears_fen: int = 0

    @property
    def homes(self) -> int:
        return sum(self[: len(STATES)])

    @property
    def area_dm2(self) -> int:
        return sum(self[len(STATES) : 2 * len(STATES)])

    @property
    def open_fen(self) -> int:
        return self.billed_fen - self.paid_fen - self.discount_fen - self.rounding_fen

    @property
    def collection_rate(self) -> Fraction | None:
        """收费率: received ÷ receivable, where a discount that was given is receivable no longer; 1 when nothing is open.

        None where nothing was to be received.
        """
        receivable_fen = self.paid_fen + self.open_fen
        return Fraction(self.paid_fen, receivable_fen) if receivable_fen > 0 else None

    @property
    def heat_use_rate(self) -> Fraction | None:
        """用热率: the heated area of what is connected."""
        connected_dm2 = self.heated_dm2 + self.suspended_dm2 + self.cut_dm2
        return Fraction(self.heated_dm2, connected_dm2) if connected_dm2 else None

    def less(self, other: Measures) -> Measures:
        return Measures(*(mine - others for mine, others in zip(self, other, strict=True)))


class Group(NamedTuple):
    """``key`` are the names of `GROUPINGS`, in that order."""

    key: tuple[str, ...]
    measures: Measures


def whole(groups: Iterable[Group]) -> Measures:
    """The sum of all groups."""
    columns = zip(*(group.measures for group in groups), strict=True)
    return Measures(*map(sum, columns))


def differences(now: Iterable[Group], before: Iterable[Group]) -> list[Group]:
    """What ``now`` is more than ``before``, group by group; groups without a difference are left out."""
    then = {group.key: group.measures for group in before}
    here = {group.key: group.measures for group in now}
    nothing = Measures()
    found = (
        Group(key, here.get(key, nothing).less(then.get(key, nothing))) for key in sorted(here.keys() | then.keys())
    )
    return [group for group in found if any(group.measures)]


def told(measures: Measures) -> dict[str, Any]:
    """Areas are m², money is yuan, rates are percent, each as text; a rate of nothing is None."""
    return {
        "homes": measures.homes,
        "area": area_text(measures.area_dm2),
        "states": {
            state: {"homes": homes, "area": area_text(area_dm2)}
            for state, homes, area_dm2 in zip(
                STATES, measures[: len(STATES)], measures[len(STATES) : 2 * len(STATES)], strict=True
            )
        },
        "heat_use_rate": percent_text(measures.heat_use_rate),
        "billed_homes": measures.billed_homes,
        "billed_area": area_text(measures.billed_dm2),
        "billed": format_yuan(measures.billed_fen),
        "received": format_yuan(measures.paid_fen),
        "discount": format_yuan(measures.discount_fen),
        "rounding": format_yuan(measures.rounding_fen),
        "open": format_yuan(measures.open_fen),
        "collection_rate": percent_text(measures.collection_rate),
        "late_fee": format_yuan(measures.late_fee_fen),
        "arrears": format_yuan(measures.arrears_fen),
    }


def group_told(grouping: str, group: Group) -> dict[str, Any]:
    return {**dict(zip(GROUPINGS[grouping], group.key, strict=True)), **told(group.measures)}


def area_text(area_dm2: int) -> str:
    sign, digits = ("-", -area_dm2) if area_dm2 < 0 else ("", area_dm2)
    return f"{sign}{digits // 100}.{digits % 100:02d}"


def percent_text(rate: Fraction | None) -> str | None:
    """``87.35`` of 100, rounded half-up; a difference of rates may lie below zero."""
    if rate is None:
        return None
    return area_text(half_up(rate * 100 * _PERCENT_DIGITS))

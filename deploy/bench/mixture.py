"""Kinds of homes: simply heated ones, and a city in which every rule of billing has something to do.

A home's number says its kind: ``number % len(kinds)``. The first home of each kind is its pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """``more``: statements that make homes of this kind what they are, over the numbers of the relation ``homes``."""

    price_class: str = "residential"
    storey_height: str | None = None
    connected_on: str | None = None
    suspended: bool = False
    varies: bool = False
    more: tuple[str, ...] = ()


def _relief(kind: str, payer: str, pct: int, cap_m2: int, *, nth: int = 0) -> str:
    return (
        "INSERT INTO relief_cases (case_id, command_id, account_no, season, kind, payer, share_pct, cap_m2, mechanism, reason)"
        f" SELECT %(ids)s + i + {nth * 100_000_000}, %(command)s, lpad(i::text, 10, '0'), 2025, '{kind}', '{payer}', {pct},"
        f" {cap_m2}, 'SPLIT_BILL', 'bench' FROM homes"
    )


def _period(state: str, from_on: str, until_on: str, from_season: str = "NULL") -> str:
    return (
        "INSERT INTO inactive_periods (period_id, command_id, account_no, state, from_on, until_on, from_season)"
        f" SELECT %(ids)s + i, %(command)s, lpad(i::text, 10, '0'), '{state}', '{from_on}', '{until_on}', {from_season}"
        " FROM homes"
    )


_PARTS = (
    "INSERT INTO premises_components (version_id, command_id, premises_id, valid_from, components, reason)"
    " SELECT %(ids)s + i, %(command)s, %(ids)s + i, '2019-07-01',"
    """ '[["main", 8000], ["open_balcony", 600], ["attic_unheated", 1250]]', 'bench' FROM homes"""
)
_HEAT = (
    "INSERT INTO heat_readings (reading_id, command_id, account_no, season, quantity, unit, read_on, reason)"
    " SELECT %(ids)s + i, %(command)s, lpad(i::text, 10, '0'), 2024, 8100, 'kWh', '2025-04-01', 'bench' FROM homes"
)

PLAIN = (Kind(),)
MIXED = (
    Kind(),
    Kind(),
    Kind("nonresidential", storey_height="4.250"),
    Kind("garage"),
    Kind("school"),
    Kind(suspended=True),
    Kind(connected_on="2025-12-09"),
    Kind(varies=True, more=(_PARTS,)),
    Kind(varies=True, more=(_HEAT,)),
    Kind(varies=True, more=(_period("suspended", "2025-09-20", "2026-01-08", "2025"),)),
    Kind(varies=True, more=(_period("cut", "2026-01-15", "2026-02-03"),)),
    Kind(more=(_relief("low_income", "finance", 85, 60),)),
    Kind(more=(_relief("employer", "纺织厂", 90, 95),)),
    Kind(more=(_relief("veteran", "finance", 30, 80), _relief("employer", "机床厂", 50, 95, nth=1))),
)
"""Two in fourteen are simply heated; a home of an old district in the north-east is more often so."""


@dataclass(frozen=True)
class Mixture:
    """``changes`` of the reference policy make its rarer rules bite."""

    kinds: tuple[Kind, ...]
    changes: Mapping[str, str] = field(default_factory=dict)


MIXTURES = {
    "plain": Mixture(PLAIN),
    "mixed": Mixture(MIXED, {
        "metered_prepay": "BASIC_ONLY", "midseason_resume_rule": "DAYS_BLEND",
    }),
}  # fmt: skip

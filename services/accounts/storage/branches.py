"""Which compounds there are, and which branch each belongs to on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_KNOWN_COMPOUNDS = "SELECT DISTINCT compound FROM premises WHERE compound = ANY(%s)"
_KNOWN_BRANCHES = "SELECT DISTINCT branch FROM branch_compounds WHERE branch = ANY(%s)"


@row_of("branch_compounds")
class AssignmentRow(NamedTuple):
    assignment_id: int
    command_id: int
    compound: str
    branch: str
    valid_from: date
    reason: str


def unknown_compounds(work: Work, names: Collection[str]) -> set[str]:
    """Those of the names that no home has."""
    return set(names) - {row[0] for row in work.rows(_KNOWN_COMPOUNDS, (list(names),))}


def unknown_branches(work: Work, names: Collection[str]) -> set[str]:
    """Those of the names that no compound was ever assigned to."""
    return set(names) - {row[0] for row in work.rows(_KNOWN_BRANCHES, (list(names),))}

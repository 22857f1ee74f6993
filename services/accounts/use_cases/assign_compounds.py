"""Compounds belong to a branch from a day on; reports of earlier days leave them where they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.accounts.domain.branch import UnknownCompound
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.branches import AssignmentRow, unknown_compounds
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "assignments"


class Assignment(NamedTuple):
    """``valid_from`` None: from today on."""

    compound: str
    branch: str
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class AssignCompounds:
    assignments: tuple[Assignment, ...]
    reason: str
    preview: bool = False


def assign_compounds(command: AssignCompounds, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `unknown_compound`."""
    compounds = [assigned.compound for assigned in command.assignments]
    assert_once(compounds, place=PLACE)
    unknown = unknown_compounds(work, compounds)
    for number, compound in enumerate(compounds):
        with refused_at(f"{PLACE}/{number}", compound=compound):
            if compound in unknown:
                raise UnknownCompound("no home is in this compound")
    if not command.preview:
        ids = work.new_ids(len(compounds))
        work.add(
            AssignmentRow(number, work.command_id, assigned.compound, assigned.branch,
                          assigned.valid_from or work.today, command.reason)
            for number, assigned in zip(ids, command.assignments, strict=True)
        )  # fmt: skip
    return {"assignments": [
        {"compound": assigned.compound, "branch": assigned.branch,
         "valid_from": (assigned.valid_from or work.today).isoformat()}
        for assigned in command.assignments
    ]}  # fmt: skip

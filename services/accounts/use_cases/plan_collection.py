"""What share of a season's bills branches and compounds are to collect, month by month; a later plan replaces a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.branch import UnknownBranch, UnknownCompound
from services.accounts.domain.collection_plan import BRANCH, COMPOUND, PlannedMonth, assert_plan
from services.accounts.storage.branches import unknown_branches, unknown_compounds
from services.accounts.storage.collection_plans import add_plans, plans_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "plans"


@dataclass(frozen=True, slots=True)
class PlanCollection:
    plans: tuple[PlannedMonth, ...]
    preview: bool = False


def plan_collection(command: PlanCollection, work: Work) -> dict[str, Any]:
    """All of the list, or none; what is planned so already is not written again.

    Refuses `unknown_branch`, `unknown_compound`, `plan_month_outside`, `plan_twice`, `plan_falls`.
    """
    known = plans_of(work, (each.target for each in command.plans))
    _assert_known_names(work, command.plans)
    assert_plan(command.plans, known, place=PLACE)
    new = [each for each in command.plans if known.get(each.target, {}).get(each.month) != each.planned_pct]
    if not command.preview:
        add_plans(work, new)
    return {"plans": len(command.plans), "new": len(new), "unchanged": len(command.plans) - len(new)}


def _assert_known_names(work: Work, plans: tuple[PlannedMonth, ...]) -> None:
    names = {scope: {each.name for each in plans if each.scope == scope} for scope in (BRANCH, COMPOUND)}
    branches, compounds = unknown_branches(work, names[BRANCH]), unknown_compounds(work, names[COMPOUND])
    for number, each in enumerate(plans):
        with refused_at(f"{PLACE}/{number}", name=each.name):
            if each.scope == BRANCH and each.name in branches:
                raise UnknownBranch("no compound belongs to this branch")
            if each.scope == COMPOUND and each.name in compounds:
                raise UnknownCompound("no home is in this compound")

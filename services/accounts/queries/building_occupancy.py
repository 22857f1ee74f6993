"""How full a building is, and what the policy asks for before a home in it is let in."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.policy_values import plain_number
from services.accounts.storage.buildings import occupancies
from services.accounts.storage.policies import policy_in_force
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound


def building_occupancy(work: Work, compound: str, building: str) -> dict[str, Any]:
    """Refuses `not_found` for a building whose number of homes nobody has told."""
    found = occupancies(work, [(compound, building)]).get((compound, building))
    if found is None:
        raise NotFound("the number of homes of this building is not known", compound=compound, building=building)
    gate_pct = policy_in_force(work).on(work.today).occupancy_gate_pct
    return {"compound": compound, "building": building, **found._asdict(), "pct": str(found.pct),
            "gate_pct": plain_number(gate_pct)}  # fmt: skip

"""How many homes buildings have, by the developer's table: what the gate for new connections is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from services.accounts.storage.buildings import add_building_homes
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


class Building(NamedTuple):
    compound: str
    building: str
    homes: int


@dataclass(frozen=True, slots=True)
class DeclareBuildings:
    buildings: tuple[Building, ...]
    reason: str


def declare_buildings(command: DeclareBuildings, work: Work) -> dict[str, Any]:
    """From now on they have so many homes. Refuses a building that stands twice."""
    seen = set()
    for number, (compound, building, _) in enumerate(command.buildings):
        if (compound, building) in seen:
            raise InvalidInput("this building stands twice in the list", place=f"buildings/{number}", value=building)
        seen.add((compound, building))
    add_building_homes(work, command.buildings, reason=command.reason)
    return {"buildings": [building._asdict() for building in command.buildings]}

"""How many homes a building has, and how many of them are heated or have applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from services.accounts.domain.occupancy import Occupancy
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_OCCUPANCY = """
SELECT b.compound, b.building, h.homes,
  (SELECT count(*) FROM premises p JOIN heat_accounts a USING (premises_id) WHERE p.compound = b.compound
     AND p.building = b.building AND a.state = 'active'),
  (SELECT count(*) FROM connection_applications c WHERE (c.account::jsonb ->> 'compound') = b.compound
     AND (c.account::jsonb ->> 'building') = b.building AND c.state IN ('applied', 'surveyed', 'contracted'))
FROM unnest(%s::text[], %s::text[]) AS b (compound, building)
CROSS JOIN LATERAL (SELECT homes FROM building_homes n JOIN commands k USING (command_id)
                    WHERE n.compound = b.compound AND n.building = b.building ORDER BY k.at DESC, version_id DESC LIMIT 1) h
"""


@row_of("building_homes")
class BuildingHomesRow(NamedTuple):
    version_id: int
    command_id: int
    compound: str
    building: str
    homes: int
    reason: str


def add_building_homes(work: Work, buildings: Sequence[tuple[str, str, int]], *, reason: str) -> None:
    """Each with its compound, its name and its number of homes."""
    work.add(
        BuildingHomesRow(version_id, work.command_id, *building, reason)
        for version_id, building in zip(work.new_ids(len(buildings)), buildings, strict=True)
    )


def occupancies(work: Work, buildings: Collection[tuple[str, str]]) -> dict[tuple[str, str], Occupancy]:
    """Those of the buildings whose number of homes is known."""
    places = sorted(set(buildings))
    rows = work.rows(_OCCUPANCY, ([compound for compound, _ in places], [building for _, building in places]))
    return {(compound, building): Occupancy(*numbers) for compound, building, *numbers in rows}

"""Writing on which days a season's heat really ran."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.accounts.domain.season_extension import Supply
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("season_supplies")
class SupplyRow(NamedTuple):
    supply_id: int
    command_id: int
    season: int
    supplied_from: date
    supplied_until: date
    reason: str


def add_supply(work: Work, season: int, supply: Supply, *, reason: str) -> None:
    work.add([SupplyRow(work.new_ids(1)[0], work.command_id, season, *supply, reason)])

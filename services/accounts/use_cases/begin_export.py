"""A worker begins to write an export, or begins again what another did not live to finish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.export import TRIES_MAX
from services.accounts.storage.exports import locked_export, move_export
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class BeginExport:
    export_id: int


def begin_export(command: BeginExport, work: Work) -> dict[str, Any]:
    """Failed, once as many writers died of it as may. Refused: `transition_refused` (somebody else has finished it)."""
    export = locked_export(work, command.export_id)
    if export.tries >= TRIES_MAX:
        return {"state": move_export(work, export, "fail", reason="interrupted")}
    return {"state": move_export(work, export, "begin", tries=export.tries + 1)}

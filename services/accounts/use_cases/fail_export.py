"""An export cannot be written; it is not tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.exports import locked_export, move_export
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FailExport:
    """``reason`` is a stable word, as ``no_space``."""

    export_id: int
    reason: str


def fail_export(command: FailExport, work: Work) -> dict[str, Any]:
    """Refused: `transition_refused`."""
    export = locked_export(work, command.export_id)
    return {"export_id": export.export_id, "state": move_export(work, export, "fail", reason=command.reason)}

"""An export's file is whole and stands where it is fetched from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.domain.export import KEPT
from services.accounts.storage.exports import locked_export, move_export
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FinishExport:
    export_id: int
    size_bytes: int
    sha256: bytes
    now: datetime


def finish_export(command: FinishExport, work: Work) -> dict[str, Any]:
    """Refused: `transition_refused`."""
    export = locked_export(work, command.export_id)
    state = move_export(work, export, "finish", size_bytes=command.size_bytes, sha256=command.sha256,
                        expires_at=command.now + KEPT)  # fmt: skip
    return {"export_id": export.export_id, "state": state}

"""Exports whose week is over: their files go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.storage.exports import locked_expired, move_export
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal

EXPIRE_MOST = 1000


class NothingExpired(Refusal):
    code = "nothing_expired"
    status = 409
    remedy = "Nothing is to be done: no export's week is over."


@dataclass(frozen=True, slots=True)
class ExpireExports:
    now: datetime


def expire_exports(command: ExpireExports, work: Work) -> dict[str, Any]:
    """Refused: `nothing_expired`."""
    expired = locked_expired(work, command.now, limit=EXPIRE_MOST)
    if not expired:
        raise NothingExpired("no export's week is over")
    for export in expired:
        move_export(work, export, "expire")
    return {"exports": [export.export_id for export in expired]}

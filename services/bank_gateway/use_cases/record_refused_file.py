"""A file was refused: nothing of it is kept but that it came, and why it was not taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.gateways.folder import Incoming
from services.bank_gateway.storage.files import add_file
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RecordRefusedFile:
    """``refusal`` without personal data."""

    file: Incoming
    kind: str
    bank: str | None
    refusal: FileRefusal


def record_refused_file(command: RecordRefusedFile, work: Work) -> dict[str, Any]:
    file = command.file
    told = {"reason": command.refusal.reason, **command.refusal.facts}
    return {"file_id": add_file(work, sha256=file.sha256, name=file.name[:200], size=file.size, kind=command.kind,
                                outcome="refused", bank=command.bank, refusal=told)}  # fmt: skip

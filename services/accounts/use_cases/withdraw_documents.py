"""Documents that should not be there are withdrawn with a reason: they stay, and say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.documents import withdraw
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class WithdrawDocuments:
    document_ids: tuple[int, ...]
    reason: str


def withdraw_documents(command: WithdrawDocuments, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `document_withdrawn`."""
    withdraw(work, command.document_ids, reason=command.reason)
    return {"documents": list(command.document_ids)}

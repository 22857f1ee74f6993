"""The heat supply contract of a connection was signed by both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.connections import locked_applications, move_applications
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ContractConnection:
    """``reason`` names the contract."""

    application_ids: tuple[int, ...]
    reason: str


def contract_connection(command: ContractConnection, work: Work) -> dict[str, Any]:
    """All of the list, or none. Refuses `not_found`, `transition_refused`."""
    applications = locked_applications(work, command.application_ids, place="applications")
    move_applications(work, applications, verb="contract", place="applications", note=command.reason)
    return {"applications": [{"application_id": each.application_id, "state": "contracted"} for each in applications]}

"""A lent right to decide is taken back before its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval import Person
from services.accounts.domain.delegation import assert_may_end
from services.accounts.storage.delegations import DelegationEndedRow, read_delegation
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class EndDelegation:
    delegation_id: int
    by: Person
    reason: str


def end_delegation(command: EndDelegation, work: Work) -> dict[str, Any]:
    """From now on nobody decides by it. Refused: `unknown_delegation`, `not_own_delegation`, `transition_refused`."""
    delegation = read_delegation(work, command.delegation_id)
    assert_may_end(
        delegation, command.by.login, is_security_admin="security_admin" in command.by.roles, today=work.today
    )
    work.add([DelegationEndedRow(delegation.delegation_id, work.command_id, work.today)])
    return {"delegation_id": delegation.delegation_id, "ended_on": work.today.isoformat()}

"""A second person agrees, and the thing is done in the same transaction; or says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.approval import APPROVED, Person, assert_may_decide
from services.accounts.storage.approvals import DecisionRow, limits_in_force, read_request
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work

CarryOut = Callable[[str, Any, Work], Any]
"""``(kind, content, work)`` → what the thing itself answers."""


@dataclass(frozen=True, slots=True)
class DecideApproval:
    """``verb`` is ``approve`` or ``reject``; ``seen`` the hash of the content that was read."""

    approval_id: int
    verb: str
    seen: bytes
    checker: Person
    remark: str | None
    carry_out: CarryOut = field(repr=False)


def decide_approval(command: DecideApproval, work: Work) -> dict[str, Any]:
    """Refused: what `assert_may_decide` refuses, and on approval what the thing itself refuses: then it stays open."""
    request = read_request(work, command.approval_id)
    limits = limits_in_force(work, request.kind)
    state = assert_may_decide(request, command.verb, command.checker, limits, seen=command.seen)
    work.add([
        DecisionRow(request.approval_id, work.command_id, state, request.content_hash, request.maker_person,
                    command.checker.login, command.checker.name, command.remark),
    ])  # fmt: skip
    result = None
    if state == APPROVED:
        result = command.carry_out(request.kind, strict_json(request.content), work)
    return {"approval_id": request.approval_id, "state": state, "result": result}

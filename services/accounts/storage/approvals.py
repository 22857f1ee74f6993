"""Requests for approval, their decisions, and the limits in force."""

from __future__ import annotations

from typing import NamedTuple

from services.accounts.domain.approval import (
    DEFAULT_LIMITS,
    OPEN,
    ApprovalLimit,
    ApprovalRequest,
    UnknownRequest,
)
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("approvals")
class ApprovalRow(NamedTuple):
    approval_id: int
    command_id: int
    kind: str
    content: str
    content_hash: bytes
    amount_fen: int
    reason: str
    maker: str
    maker_person: str


@row_of("approval_decisions")
class DecisionRow(NamedTuple):
    approval_id: int
    command_id: int
    state: str
    content_hash: bytes
    maker_person: str
    decided_by: str
    decided_by_person: str
    remark: str | None


@row_of("approval_limits")
class LimitRow(NamedTuple):
    command_id: int
    kind: str
    role: str
    limit_fen: int | None


def read_request(work: Work, approval_id: int) -> ApprovalRequest:
    """The request as it stands; of two decisions that race the second meets `approval_decisions_pkey`.

    Refuses `unknown_request`.
    """
    rows = work.rows(
        "SELECT approval_id, kind, content, content_hash, amount_fen, maker, maker_person FROM approvals"
        " WHERE approval_id = %s",
        (approval_id,),
    )
    if not rows:
        raise UnknownRequest("there is no such request", approval_id=approval_id)
    number, kind, content, content_hash, amount_fen, maker, maker_person = rows[0]
    decided = work.rows("SELECT state FROM approval_decisions WHERE approval_id = %s", (approval_id,))
    state = decided[0][0] if decided else OPEN
    return ApprovalRequest(number, kind, content, bytes(content_hash), amount_fen, maker, maker_person, state)


def limits_in_force(work: Work, kind: str) -> tuple[ApprovalLimit, ...]:
    """Those that were declared last for this kind."""
    rows = work.rows(
        "SELECT role, limit_fen FROM approval_limits WHERE kind = %(kind)s AND command_id ="
        " (SELECT max(command_id) FROM approval_limits WHERE kind = %(kind)s) ORDER BY role",
        {"kind": kind},
    )
    return tuple(ApprovalLimit(*row) for row in rows) or DEFAULT_LIMITS

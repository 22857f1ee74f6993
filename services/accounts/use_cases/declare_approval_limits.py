"""Which roles decide on a kind of request, each up to which amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval import ApprovalLimit
from services.accounts.storage.approvals import LimitRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class DeclareApprovalLimits:
    kind: str
    limits: tuple[ApprovalLimit, ...]


def declare_approval_limits(command: DeclareApprovalLimits, work: Work) -> dict[str, Any]:
    """They replace the limits that this kind had. Refused: a role that is named twice."""
    roles = [limit.role for limit in command.limits]
    if len(set(roles)) < len(roles):
        raise InvalidInput("a role has one limit", place="limits", value=", ".join(roles))
    work.add(LimitRow(work.command_id, command.kind, limit.role, limit.limit_fen) for limit in command.limits)
    return {
        "kind": command.kind,
        "limits": [
            {"role": role, "limit": None if limit_fen is None else format_yuan(limit_fen)}
            for role, limit_fen in command.limits
        ],
    }

"""Somebody asks for a thing that a second person must agree to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.approval import OPEN, Person
from services.accounts.storage.approvals import ApprovalRow
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """``content`` is the canonical text of what is to be done; ``amount_of`` tells what it costs, in fen."""

    kind: str
    content: str
    reason: str
    maker: Person
    amount_of: Callable[[Any, Work], int] = field(repr=False)


def request_approval(command: RequestApproval, work: Work) -> dict[str, Any]:
    """Write the request down; nothing else happens before somebody else has decided."""
    (approval_id,) = work.new_ids(1)
    content_hash = hashlib.sha256(command.content.encode()).digest()
    amount_fen = command.amount_of(strict_json(command.content), work)
    work.add([
        ApprovalRow(approval_id, work.command_id, command.kind, command.content, content_hash, amount_fen,
                    command.reason, command.maker.login, command.maker.name),
    ])  # fmt: skip
    return {
        "approval_id": approval_id,
        "kind": command.kind,
        "amount": format_yuan(amount_fen),
        "content_hash": content_hash.hex(),
        "state": OPEN,
    }

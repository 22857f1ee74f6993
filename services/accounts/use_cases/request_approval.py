"""Somebody asks for a thing that a second person must agree to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval import OPEN, AskedBefore, Person
from services.accounts.domain.approval_effect import Effect
from services.accounts.storage.approvals import ApprovalRow, add_effect, open_request_like
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """``content`` is the canonical text of what is to be done; ``effect`` is what it would do to the bills now."""

    kind: str
    content: str
    reason: str
    maker: Person
    effect: Effect


def request_approval(command: RequestApproval, work: Work) -> dict[str, Any]:
    """Write the request down with its effect; nothing else happens before somebody else has decided.

    Refused: `asked_before` while a request for the very same is open.
    """
    content_hash, effect = hashlib.sha256(command.content.encode()).digest(), command.effect
    if (asked := open_request_like(work, command.kind, content_hash)) is not None:
        raise AskedBefore("the very same was asked for and is not decided", approval_id=asked)
    (approval_id,) = work.new_ids(1)
    work.add([
        ApprovalRow(approval_id, work.command_id, command.kind, command.content, content_hash, effect.amount_fen,
                    command.reason, command.maker.login, command.maker.name, effect.homes, effect.charged_fen,
                    effect.credited_fen, effect.digest),
    ])  # fmt: skip
    add_effect(work, approval_id, effect)
    return {
        "approval_id": approval_id,
        "kind": command.kind,
        "content_hash": content_hash.hex(),
        "state": OPEN,
        **effect.told(),
    }

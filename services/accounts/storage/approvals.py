"""Requests for approval, their effects and decisions, and the limits in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.accounts.domain.approval import (
    DEFAULT_LIMITS,
    OPEN,
    ApprovalLimit,
    ApprovalRequest,
    UnknownRequest,
)
from services.accounts.domain.approval_effect import Effect
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
    homes: int
    charged_fen: int
    credited_fen: int
    effect_hash: bytes


@row_of("approval_effect_lines")
class EffectLineRow(NamedTuple):
    approval_id: int
    line: int
    command_id: int
    account_no: str
    season: str | None
    payer: str | None
    amount_fen: int


@row_of("approval_decisions")
class DecisionRow(NamedTuple):
    """``amount_fen`` and ``effect_hash`` are of what was carried out; ``on_behalf_of`` lent the right to decide."""

    approval_id: int
    command_id: int
    state: str
    content_hash: bytes
    maker_person: str
    decided_by: str
    decided_by_person: str
    remark: str | None
    amount_fen: int | None = None
    effect_hash: bytes | None = None
    on_behalf_of: str | None = None
    on_behalf_of_person: str | None = None


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
        "SELECT a.approval_id, a.kind, a.content, a.content_hash, a.amount_fen, a.maker, a.maker_person, d.state"
        " FROM approvals a LEFT JOIN approval_decisions d USING (approval_id) WHERE approval_id = %s",
        (approval_id,),
    )
    if not rows:
        raise UnknownRequest("there is no such request", approval_id=approval_id)
    number, kind, content, content_hash, amount_fen, maker, maker_person, state = rows[0]
    return ApprovalRequest(number, kind, content, bytes(content_hash), amount_fen, maker, maker_person, state or OPEN)


def open_request_like(work: Work, kind: str, content_hash: bytes) -> int | None:
    """The number of a request for the very same that nobody has decided on."""
    rows = work.rows(
        "SELECT approval_id FROM approvals a WHERE content_hash = %s AND kind = %s"
        " AND NOT EXISTS (SELECT FROM approval_decisions d WHERE d.approval_id = a.approval_id) LIMIT 1",
        (content_hash, kind),
    )
    return rows[0][0] if rows else None


def add_effect(work: Work, approval_id: int, effect: Effect) -> None:
    work.add(
        EffectLineRow(approval_id, number, work.command_id, *line) for number, line in enumerate(effect.lines, start=1)
    )


def limits_in_force(work: Work, kind: str) -> tuple[ApprovalLimit, ...]:
    """Those that were declared last for this kind."""
    return limits_of_kinds(work, [kind])[kind]


def limits_of_kinds(work: Work, kinds: Sequence[str]) -> dict[str, tuple[ApprovalLimit, ...]]:
    """Of each kind those that were declared last: by their instant, since numbers come in blocks of each process."""
    rows = work.rows(
        "SELECT kind, role, limit_fen FROM (SELECT l.*, rank() OVER (PARTITION BY kind ORDER BY k.at DESC, k.command_id DESC)"
        " FROM approval_limits l JOIN commands k USING (command_id) WHERE kind = ANY(%s)) ranked WHERE rank = 1"
        " ORDER BY kind, role",
        (list(kinds),),
    )
    found: dict[str, list[ApprovalLimit]] = {}
    for kind, role, limit_fen in rows:
        found.setdefault(kind, []).append(ApprovalLimit(role, limit_fen))
    return {kind: tuple(found.get(kind, DEFAULT_LIMITS)) for kind in kinds}

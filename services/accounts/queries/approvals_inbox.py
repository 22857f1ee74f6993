"""One inbox over all kinds of requests, the oldest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.accounts.domain.approval import OPEN
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

_REQUESTS = """
SELECT a.approval_id, a.kind, a.content, a.content_hash, a.amount_fen, a.reason, a.maker, a.maker_person, asked.at,
       coalesce(d.state, %(open)s), d.decided_by, d.decided_by_person, d.remark, decided.at
FROM approvals a JOIN commands asked ON asked.command_id = a.command_id
LEFT JOIN approval_decisions d USING (approval_id) LEFT JOIN commands decided ON decided.command_id = d.command_id
WHERE a.approval_id > %(after)s AND (%(kind)s::text IS NULL OR a.kind = %(kind)s)
  AND (%(state)s::text IS NULL OR coalesce(d.state, %(open)s) = %(state)s)
  AND (%(maker)s::text IS NULL OR a.maker = %(maker)s)
ORDER BY a.approval_id LIMIT %(limit)s
"""


def approvals_inbox(work: Work, *, state: str | None, kind: str | None, maker: str | None, after: int,
                    limit: int) -> dict[str, Any]:  # fmt: skip
    """``age_days`` is how long a request has waited, or had waited when it was decided."""
    rows = work.rows(
        _REQUESTS,
        {"open": OPEN, "after": after, "kind": kind, "state": state, "maker": maker, "limit": limit},
    )
    return {"approvals": [_shown(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    number, kind, content, content_hash, amount_fen, reason, maker, person, asked_at, *decision = row
    state, decided_by, decided_by_person, remark, decided_at = decision
    return {
        "approval_id": number,
        "kind": kind,
        "content": strict_json(content),
        "content_hash": bytes(content_hash).hex(),
        "amount": format_yuan(amount_fen),
        "reason": reason,
        "maker": maker,
        "maker_person": person,
        "asked_at": asked_at.isoformat(),
        "age_days": ((decided_at or datetime.now(UTC)) - asked_at).days,
        "state": state,
        "decided_by": decided_by,
        "decided_by_person": decided_by_person,
        "decided_at": None if decided_at is None else decided_at.isoformat(),
        "remark": remark,
    }

"""What partners were told: every attempt, and how far each of them is."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from services.accounts.storage.webhooks import Webhook
from shared.chassis.database import Cursor
from shared.chassis.event_log import Entry, read_after
from shared.chassis.unit_of_work import Work

WINDOW = 1000
"""Positions that are looked through for something a partner wants, in one step."""
_DELIVERIES = UUID("6f1d3f0e-5a0c-4a51-9c1e-0f2f5f0a7a10")


class Attempt(NamedTuple):
    """``error`` None: delivered. ``answer`` is the beginning of what the partner said."""

    delivery_id: UUID
    entry: Entry
    body: bytes
    status: int | None
    error: str | None
    answer: bytes
    millis: int


def delivery_id_of(webhook: Webhook, pos: int) -> UUID:
    """The same at every attempt, another at a replay: what a partner has seen, it may pass over."""
    return uuid5(_DELIVERIES, f"{webhook.webhook_id}/{webhook.replay}/{pos}")


def next_wanted(cursor: Cursor, webhook: Webhook) -> tuple[int, Entry | None]:
    """The next event that the partner wants, among the next `WINDOW`; and the position up to which there is no other."""
    rows = cursor.execute(
        "SELECT pos, type = ANY(%s) FROM event_log WHERE pos > %s AND pos <= %s ORDER BY pos",
        (webhook.events, webhook.pos, webhook.pos + WINDOW),
    ).fetchall()
    for pos, wanted in rows:
        if wanted:
            return pos, read_after(cursor, pos - 1, limit=1)[0]
    return (rows[-1][0] if rows else webhook.pos), None


def pass_over(cursor: Cursor, webhook: Webhook, pos: int) -> None:
    """Nothing up to ``pos`` is wanted. Somebody who set the position meanwhile is right."""
    cursor.execute(
        "UPDATE webhook_positions SET pos = %s WHERE webhook_id = %s AND pos = %s AND replay = %s",
        (pos, webhook.webhook_id, webhook.pos, webhook.replay),
    )


def record_attempt(cursor: Cursor, webhook: Webhook, attempt_id: int, attempt: Attempt, *, now: datetime,
                   next_at: datetime) -> bool:  # fmt: skip
    """Write it down, and move the position if it was delivered; whether the partner's position was still this one."""
    delivered = attempt.error is None
    cursor.execute(
        "INSERT INTO webhook_deliveries (webhook_id, attempt_id, delivery_id, pos, replay, kind, outcome, status, error,"
        " body_sha256, body_bytes, answer_sha256, millis, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (webhook.webhook_id, attempt_id, attempt.delivery_id, attempt.entry.pos, webhook.replay, attempt.entry.type,
         "delivered" if delivered else "failed", attempt.status, attempt.error, hashlib.sha256(attempt.body).digest(),
         len(attempt.body), hashlib.sha256(attempt.answer).digest(), attempt.millis, now),
    )  # fmt: skip
    moved = cursor.execute(
        "UPDATE webhook_positions SET pos = %(pos)s, failures = %(failures)s, failing_since = %(since)s, next_at = %(next_at)s"
        " WHERE webhook_id = %(webhook_id)s AND pos = %(old)s AND replay = %(replay)s",
        {
            "pos": attempt.entry.pos if delivered else webhook.pos,
            "failures": 0 if delivered else webhook.failures + 1,
            "since": None if delivered else webhook.failing_since or now,
            "next_at": next_at,
            "webhook_id": webhook.webhook_id,
            "old": webhook.pos,
            "replay": webhook.replay,
        },
    )
    return moved.rowcount == 1


def attempts_before(work: Work, webhook_id: int, attempt_id: int, *, outcome: str | None, limit: int) -> list[Any]:
    """The latest first."""
    return work.rows(
        "SELECT attempt_id, delivery_id, pos, replay, kind, outcome, status, error, body_sha256, body_bytes, answer_sha256,"
        " millis, at FROM webhook_deliveries WHERE webhook_id = %(webhook_id)s AND attempt_id < %(before)s"
        + (" AND outcome = %(outcome)s" if outcome else "")
        + " ORDER BY attempt_id DESC LIMIT %(limit)s",
        {"webhook_id": webhook_id, "before": attempt_id, "outcome": outcome, "limit": limit},
    )


def position_before(work: Work, at: datetime) -> int:
    """The last position of the log that was sequenced before this instant."""
    found: int = work.rows("SELECT coalesce(max(pos), 0) FROM event_log WHERE at < %s", (at,))[0][0]
    return found

"""Which partners are told of what, how far each is, and every attempt to tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.domain.webhook import key_id
from services.accounts.queries.page_cursor import cursor_of, key_of
from services.accounts.storage.webhook_deliveries import attempts_before
from services.accounts.storage.webhooks import (
    UnknownWebhook,
    Webhook,
    secrets_of_all,
    webhook_of,
    webhooks_after,
)
from shared.chassis.event_log import read_head
from shared.chassis.unit_of_work import Work

__all__ = ["UnknownWebhook", "partner_webhook", "partner_webhooks", "webhook_attempts"]

_LATEST = 2**63 - 1
_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.reason, k.actor, k.at FROM webhook_moves m JOIN commands k USING (command_id)
WHERE m.webhook_id = %s ORDER BY k.at, m.command_id
"""


def partner_webhooks(work: Work, *, after: str | None, limit: int) -> dict[str, Any]:
    """A page, in the order in which they were registered."""
    known = key_of(after, ["bigint"], listing="webhooks", filters={})[0] if after else 0
    found = webhooks_after(work, known, limit=limit + 1)
    more = len(found) > limit
    return {
        "items": _shown(work, found[:limit]),
        "next": cursor_of([found[limit - 1].webhook_id], listing="webhooks", filters={}) if more else None,
    }


def partner_webhook(work: Work, webhook_id: int) -> dict[str, Any]:
    """One, with every move that it made. Refuses `unknown_webhook`."""
    (shown,) = _shown(work, [webhook_of(work, webhook_id)])
    moves = [
        {"verb": verb, "from": from_state, "to": to_state, "reason": reason, "by": actor, "at": at.isoformat()}
        for verb, from_state, to_state, reason, actor, at in work.rows(_MOVES, (webhook_id,))
    ]
    return {**shown, "moves": moves}


def webhook_attempts(
    work: Work, webhook_id: int, *, outcome: str | None, after: str | None, limit: int
) -> dict[str, Any]:
    """The latest first. Refuses `unknown_webhook`."""
    webhook_of(work, webhook_id)
    filters = {"webhook_id": webhook_id, "outcome": outcome}
    before = key_of(after, ["bigint"], listing="deliveries", filters=filters)[0] if after else _LATEST
    rows = attempts_before(work, webhook_id, before, outcome=outcome, limit=limit + 1)
    more = len(rows) > limit
    return {
        "items": [_attempt(row) for row in rows[:limit]],
        "next": cursor_of([rows[limit - 1][0]], listing="deliveries", filters=filters) if more else None,
    }


def _shown(work: Work, webhooks: Sequence[Webhook]) -> list[dict[str, Any]]:
    head, secrets = read_head(work.cursor).pos, secrets_of_all(work, [each.webhook_id for each in webhooks])
    return [
        {
            "webhook_id": each.webhook_id,
            "partner": each.partner,
            "url": each.url,
            "events": each.events,
            "state": each.state,
            "pos": each.pos,
            "head": head,
            "replay": each.replay,
            "failures": each.failures,
            "failing_since": each.failing_since.isoformat() if each.failing_since else None,
            "next_at": each.next_at.isoformat(),
            "keys": [
                {"key_id": key_id(each.webhook_id, number), "ends_at": ends_at.isoformat() if ends_at else None}
                for number, ends_at in secrets[each.webhook_id]
            ],
        }
        for each in webhooks
    ]


def _attempt(row: tuple[Any, ...]) -> dict[str, Any]:
    attempt_id, delivery_id, pos, replay, kind, outcome, status, error, body, size, answer, millis, at = row
    return {
        "attempt_id": attempt_id,
        "delivery_id": str(delivery_id),
        "pos": pos,
        "replay": replay,
        "type": kind,
        "outcome": outcome,
        "status": status,
        "error": error,
        "body_sha256": bytes(body).hex(),
        "body_bytes": size,
        "answer_sha256": bytes(answer).hex(),
        "millis": millis,
        "at": at.isoformat(),
    }

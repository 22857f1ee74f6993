"""Webhooks: who is told of what, with which secrets, and every move of theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.accounts.domain.webhook import WEBHOOK
from shared.chassis.database import Cursor
from shared.chassis.event_log import read_head
from shared.chassis.sealing import Sealed
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import NotFound


@row_of("webhooks")
class WebhookRow(NamedTuple):
    webhook_id: int
    command_id: int
    partner: str
    url: str
    events: str
    state: str


@row_of("webhook_moves")
class WebhookMoveRow(NamedTuple):
    webhook_id: int
    command_id: int
    verb: str
    from_state: str | None
    to_state: str
    reason: str


@row_of("webhook_secrets")
class WebhookSecretRow(NamedTuple):
    webhook_id: int
    secret_no: int
    command_id: int
    sealed_secret: bytes
    sealed_by: int


@row_of("webhook_positions")
class WebhookPositionRow(NamedTuple):
    webhook_id: int
    pos: int
    next_at: datetime


class UnknownWebhook(NotFound):
    code = "unknown_webhook"
    remedy = "Check the number; GET /partners/webhooks lists them."


class Webhook(NamedTuple):
    """``pos`` is the position up to which the partner has taken everything that it wants."""

    webhook_id: int
    partner: str
    url: str
    events: list[str]
    state: str
    pos: int
    replay: int
    failures: int
    failing_since: datetime | None
    next_at: datetime


class Secret(NamedTuple):
    secret_no: int
    sealed: Sealed
    ends_at: datetime | None


_WEBHOOKS = """
SELECT w.webhook_id, w.partner, w.url, w.events, w.state, p.pos, p.replay, p.failures, p.failing_since, p.next_at
FROM webhooks w JOIN webhook_positions p USING (webhook_id)
"""
_MOVE = Change(
    "UPDATE webhooks w SET state = v.state FROM {rows} AS v (webhook_id, state) WHERE w.webhook_id = v.webhook_id",
    ("bigint", "text"),
)
_END_SECRET = Change(
    "UPDATE webhook_secrets s SET ends_at = v.ends_at FROM {rows} AS v (webhook_id, secret_no, ends_at)"
    " WHERE s.webhook_id = v.webhook_id AND s.secret_no = v.secret_no",
    ("bigint", "smallint", "timestamptz"),
)
_SET_POSITION = Change(
    "UPDATE webhook_positions p SET pos = v.pos, replay = v.replay, failures = 0, failing_since = NULL, next_at = v.next_at"
    " FROM {rows} AS v (webhook_id, pos, replay, next_at) WHERE p.webhook_id = v.webhook_id",
    ("bigint", "bigint", "integer", "timestamptz"),
)


def webhooks_count(work: Work) -> int:
    count: int = work.rows("SELECT count(*) FROM webhooks")[0][0]
    return count


def add_webhook(work: Work, webhook_id: int, *, partner: str, url: str, events: Sequence[str], now: datetime) -> int:
    """From the head of the log on, which is answered."""
    pos = read_head(work.cursor).pos
    work.add([WebhookRow(webhook_id, work.command_id, partner, url, json.dumps(list(events)), WEBHOOK.initial)])
    work.add([WebhookMoveRow(webhook_id, work.command_id, "register", None, WEBHOOK.initial, "registered")])
    work.add([WebhookPositionRow(webhook_id, pos, now)])
    return pos


def locked_webhook(work: Work, webhook_id: int) -> Webhook:
    """Nobody else moves it or its position until the work ends. Refuses `unknown_webhook`."""
    return _only(work.rows(_WEBHOOKS + "WHERE w.webhook_id = %s FOR UPDATE", (webhook_id,)), webhook_id)


def webhook_of(work: Work, webhook_id: int) -> Webhook:
    """Refuses `unknown_webhook`."""
    return _only(work.rows(_WEBHOOKS + "WHERE w.webhook_id = %s", (webhook_id,)), webhook_id)


def webhooks_after(work: Work, webhook_id: int, *, limit: int) -> list[Webhook]:
    rows = work.rows(_WEBHOOKS + "WHERE w.webhook_id > %s ORDER BY w.webhook_id LIMIT %s", (webhook_id, limit))
    return [Webhook(*row) for row in rows]


def move_webhook(work: Work, webhook: Webhook, verb: str, *, reason: str) -> str:
    """To the state that the verb leads to. Refuses `transition_refused`."""
    state = WEBHOOK.after(verb, webhook.state)
    work.change(_MOVE, [(webhook.webhook_id, state)])
    work.add([WebhookMoveRow(webhook.webhook_id, work.command_id, verb, webhook.state, state, reason)])
    return state


def set_position(work: Work, webhook: Webhook, pos: int, *, now: datetime, replay: bool) -> None:
    """What follows ``pos`` is told next, and at once; ``replay``: it may have been told before."""
    work.change(_SET_POSITION, [(webhook.webhook_id, pos, webhook.replay + replay, now)])


def add_secret(work: Work, webhook_id: int, secret_no: int, sealed: Sealed) -> None:
    work.add([WebhookSecretRow(webhook_id, secret_no, work.command_id, sealed.content, sealed.by)])


def end_secrets(work: Work, webhook_id: int, secrets: Sequence[Secret], ends_at: datetime) -> None:
    """Those that end later, or never, end then."""
    ending = [each for each in secrets if each.ends_at is None or each.ends_at > ends_at]
    work.change(_END_SECRET, [(webhook_id, each.secret_no, ends_at) for each in ending])


def secrets_of(cursor: Cursor, webhook_id: int) -> list[Secret]:
    """All there ever were, the newest first."""
    rows = cursor.execute(
        "SELECT secret_no, sealed_secret, sealed_by, ends_at FROM webhook_secrets WHERE webhook_id = %s ORDER BY secret_no DESC",
        (webhook_id,),
    ).fetchall()
    return [Secret(number, Sealed(bytes(content), by), ends_at) for number, content, by, ends_at in rows]


def secrets_of_all(work: Work, webhook_ids: Sequence[int]) -> dict[int, list[tuple[int, datetime | None]]]:
    """By webhook, the numbers of its secrets and when each ends, the newest first."""
    found: dict[int, list[tuple[int, datetime | None]]] = {webhook_id: [] for webhook_id in webhook_ids}
    for webhook_id, number, ends_at in work.rows(
        "SELECT webhook_id, secret_no, ends_at FROM webhook_secrets WHERE webhook_id = ANY(%s) ORDER BY 1, 2 DESC",
        (list(webhook_ids),),
    ):
        found[webhook_id].append((number, ends_at))
    return found


def _only(rows: list[tuple[Any, ...]], webhook_id: int) -> Webhook:
    if not rows:
        raise UnknownWebhook("there is no such webhook", webhook_id=webhook_id)
    return Webhook(*rows[0])


def due_webhook(cursor: Cursor, now: datetime) -> Webhook | None:
    """One that something waits for and that may be asked now; it is ours until this transaction ends.

    Whoever tells a partner holds an advisory lock with its number, so that what is told keeps its order; what was read
    before the lock is read again after it.
    """
    due = cursor.execute(
        "SELECT webhook_id FROM webhooks JOIN webhook_positions p USING (webhook_id), log_head h"
        " WHERE state <> 'disabled' AND p.next_at <= %s AND p.pos < h.pos ORDER BY p.next_at, webhook_id",
        (now,),
    ).fetchall()
    for (webhook_id,) in due:
        locked = cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (f"webhook {webhook_id}",)
        ).fetchone()
        if locked == (True,):
            rows = cursor.execute(
                _WEBHOOKS + "WHERE w.webhook_id = %s AND w.state <> 'disabled' AND p.next_at <= %s", (webhook_id, now)
            ).fetchall()
            if rows:
                return Webhook(*rows[0])
    return None


def not_answering(cursor: Cursor) -> dict[str, int]:
    """How many are parked, and how many were disabled because they failed."""
    rows = cursor.execute("SELECT state, count(*) FROM webhooks WHERE state <> 'active' GROUP BY state").fetchall()
    return {"parked": 0, "disabled": 0, **dict(rows)}

"""A partner gets another secret; the old one signs beside it for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.accounts.domain.webhook import key_id
from services.accounts.storage.webhooks import add_secret, end_secrets, locked_webhook, secrets_of
from shared.chassis.sealing import Sealed
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret:
    """``overlap`` zero: the old secret leaked, and signs nothing from now on."""

    webhook_id: int
    secret: str
    seal: Callable[[str, str], Sealed]
    overlap: timedelta
    now: datetime


def rotate_webhook_secret(command: RotateWebhookSecret, work: Work) -> dict[str, Any]:
    """The only answer that holds the secret. Refused: `unknown_webhook`, `no_sealing_key`."""
    webhook = locked_webhook(work, command.webhook_id)
    before = secrets_of(work.cursor, webhook.webhook_id)
    number, ends_at = before[0].secret_no + 1, command.now + command.overlap
    end_secrets(work, webhook.webhook_id, before, ends_at)
    key = key_id(webhook.webhook_id, number)
    add_secret(work, webhook.webhook_id, number, command.seal(command.secret, key))
    return {
        "webhook_id": webhook.webhook_id,
        "key_id": key,
        "secret": command.secret,
        "former_ends_at": ends_at.isoformat(),
    }

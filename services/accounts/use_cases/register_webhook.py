"""A partner is told of events from now on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.domain.webhook import WEBHOOK, WEBHOOKS_MOST, key_id
from services.accounts.storage.webhooks import add_secret, add_webhook, webhooks_count
from shared.chassis.sealing import Sealed
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


class TooManyWebhooks(Refusal):
    code = "too_many_webhooks"
    status = 409
    remedy = "Let partners that are one share a webhook."


@dataclass(frozen=True, slots=True)
class RegisterWebhook:
    """``seal(secret, key id)`` keeps the secret from whoever reads the database."""

    partner: str
    url: str
    events: tuple[str, ...]
    secret: str
    seal: Callable[[str, str], Sealed]
    now: datetime


def register_webhook(command: RegisterWebhook, work: Work) -> dict[str, Any]:
    """The only answer that holds the secret. Refused: `too_many_webhooks`, `no_sealing_key`."""
    if (there := webhooks_count(work)) >= WEBHOOKS_MOST:
        raise TooManyWebhooks("there are as many webhooks as may be", webhooks=there)
    webhook_id = work.new_ids(1)[0]
    pos = add_webhook(
        work, webhook_id, partner=command.partner, url=command.url, events=command.events, now=command.now
    )
    add_secret(work, webhook_id, 1, command.seal(command.secret, key_id(webhook_id, 1)))
    return {"webhook_id": webhook_id, "state": WEBHOOK.initial, "pos": pos, "key_id": key_id(webhook_id, 1),
            "secret": command.secret}  # fmt: skip

"""A partner has not answered for a day: it is asked once an hour, and somebody is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.webhooks import locked_webhook, move_webhook
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ParkWebhook:
    webhook_id: int
    reason: str


def park_webhook(command: ParkWebhook, work: Work) -> dict[str, Any]:
    """Refused: `transition_refused`."""
    webhook = locked_webhook(work, command.webhook_id)
    return {"webhook_id": webhook.webhook_id, "state": move_webhook(work, webhook, "park", reason=command.reason)}

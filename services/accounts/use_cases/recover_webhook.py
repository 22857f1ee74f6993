"""A partner that was parked has answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.webhooks import locked_webhook, move_webhook
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RecoverWebhook:
    webhook_id: int


def recover_webhook(command: RecoverWebhook, work: Work) -> dict[str, Any]:
    """Refused: `transition_refused`."""
    webhook = locked_webhook(work, command.webhook_id)
    return {"webhook_id": webhook.webhook_id, "state": move_webhook(work, webhook, "recover", reason="answered")}

"""A partner is told nothing any more: a person said so, or it has not answered for a week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.webhooks import locked_webhook, move_webhook
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DisableWebhook:
    webhook_id: int
    reason: str


def disable_webhook(command: DisableWebhook, work: Work) -> dict[str, Any]:
    """Its position stays: nothing is lost. Refused: `unknown_webhook`, `transition_refused`."""
    webhook = locked_webhook(work, command.webhook_id)
    state = move_webhook(work, webhook, "disable", reason=command.reason)
    return {"webhook_id": webhook.webhook_id, "state": state}

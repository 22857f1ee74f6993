"""A partner that was parked or disabled is told again, from where it stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.storage.webhooks import locked_webhook, move_webhook, set_position
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ResumeWebhook:
    webhook_id: int
    reason: str
    now: datetime


def resume_webhook(command: ResumeWebhook, work: Work) -> dict[str, Any]:
    """Refused: `unknown_webhook`, `transition_refused`."""
    webhook = locked_webhook(work, command.webhook_id)
    state = move_webhook(work, webhook, "resume", reason=command.reason)
    set_position(work, webhook, webhook.pos, now=command.now, replay=False)
    return {"webhook_id": webhook.webhook_id, "state": state}

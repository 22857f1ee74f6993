"""A partner lost something, and is told again from a position or an instant on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.storage.webhook_deliveries import position_before
from services.accounts.storage.webhooks import locked_webhook, set_position
from shared.chassis.event_log import read_head
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


class NotInLog(Refusal):
    code = "not_in_the_log"
    remedy = "Name a position from 1 to the head of the log; GET /partners/webhooks/<webhook_id> tells both."


@dataclass(frozen=True, slots=True)
class ReplayWebhook:
    """``from_pos`` is told first; or the first event that was sequenced at or after ``from_at``."""

    webhook_id: int
    from_pos: int | None
    from_at: datetime | None
    now: datetime


def replay_webhook(command: ReplayWebhook, work: Work) -> dict[str, Any]:
    """Also forwards, over what a partner cannot take. Refused: `unknown_webhook`, `not_in_the_log`."""
    webhook = locked_webhook(work, command.webhook_id)
    head = read_head(work.cursor).pos
    pos = position_before(work, command.from_at) if command.from_at else (command.from_pos or 0) - 1
    if not 0 <= pos <= head:
        raise NotInLog(f"the log ends at {head}", from_pos=pos + 1, head=head)
    set_position(work, webhook, pos, now=command.now, replay=True)
    return {"webhook_id": webhook.webhook_id, "pos": pos, "head": head, "replay": webhook.replay + 1}

"""Telling partners: in threads of the worker, an event at a time and in order, until each has answered.

One transaction holds a partner while it is told: the attempt is written down, and its position moved, in that same
transaction. Killed in between, it is told again under the same delivery id: at least once, never never.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import psycopg
import structlog

from services.accounts.domain.partner_events import told_event
from services.accounts.domain.partner_url import PartnerUrl, UrlNotAllowed, partner_url
from services.accounts.domain.webhook import key_id, next_try, signature, verb_after_failure
from services.accounts.gateways.partner_http import PartnerAnswer, tell_partner
from services.accounts.storage.webhook_deliveries import (
    Attempt,
    delivery_id_of,
    next_wanted,
    pass_over,
    record_attempt,
)
from services.accounts.storage.webhooks import Webhook, due_webhook, not_answering, secrets_of
from services.accounts.use_cases.disable_webhook import DisableWebhook, disable_webhook
from services.accounts.use_cases.park_webhook import ParkWebhook, park_webhook
from services.accounts.use_cases.recover_webhook import RecoverWebhook, recover_webhook
from shared.chassis import metrics
from shared.chassis.codec import canonical, strict_json
from shared.chassis.database import Cursor, transaction
from shared.chassis.event_log import Entry, read_head
from shared.chassis.sealing import NoSealingKey, Seals
from shared.chassis.unit_of_work import Busy, Caller, Commands
from shared.kernel.lifecycle import TransitionRefused

logger = structlog.get_logger()

ACTOR = "worker:webhooks"
TELLERS = 4
"""Threads of a worker: a partner that is slow occupies one of them for a quarter of a minute at most."""


class Tell(Protocol):
    def __call__(self, url: PartnerUrl, body: bytes, headers: Mapping[str, str], *, trial: bool) -> PartnerAnswer: ...


def _now() -> datetime:
    """Partners answer in real time, whatever day a story's clock shows."""
    return datetime.now(UTC)


class Partners:
    """Everything that telling needs; ``tell_next`` may be called from several threads and processes at once."""

    def __init__(self, commands: Commands, seals: Seals, *, trial: bool, now: Callable[[], datetime] = _now,
                 tell: Tell = tell_partner, chance: Callable[[], float] = random.random) -> None:  # fmt: skip
        self.commands, self.seals, self.trial = commands, seals, trial
        self.now, self.tell, self.chance = now, tell, chance

    def tell_next(self) -> bool:
        """Tell one partner one event, or look a step further for it; False when nobody is to be told now."""
        with transaction(self.commands.engine) as cursor:
            webhook = due_webhook(cursor, self.now())
            if webhook is None:
                return False
            reached, entry = next_wanted(cursor, webhook)
            if entry is None:
                pass_over(cursor, webhook, reached)
                return reached > webhook.pos
            attempt = self._attempt(cursor, webhook, entry)
            now, failures = self.now(), webhook.failures + 1
            next_at = now if attempt.error is None else next_try(now, failures=failures, chance=self.chance())
            stands = record_attempt(cursor, webhook, self.commands.ids.take(1)[0], attempt, now=now, next_at=next_at)
        metrics.WEBHOOK_ATTEMPTS.labels("failed" if attempt.error else "delivered").inc()
        if stands:
            self._move(webhook, attempt, now)
        return True

    def count_not_answering(self) -> None:
        with transaction(self.commands.engine) as cursor:
            for state, count in not_answering(cursor).items():
                metrics.WEBHOOKS_NOT_ANSWERING.labels(state).set(count)

    def _attempt(self, cursor: Cursor, webhook: Webhook, entry: Entry) -> Attempt:
        delivery_id = delivery_id_of(webhook, entry.pos)
        body = canonical({
            "delivery_id": str(delivery_id), "webhook_id": webhook.webhook_id, "event_id": str(entry.event_id),
            "pos": entry.pos, "epoch": read_head(cursor).epoch, "type": entry.type, "schema": entry.schema,
            "at": entry.at.isoformat(), "event": told_event(entry.type, strict_json(entry.body)),
        }).encode()  # fmt: skip
        answer = self._told(cursor, webhook, str(delivery_id), body)
        return Attempt(delivery_id, entry, body, answer.status, answer.error, answer.head, answer.millis)

    def _told(self, cursor: Cursor, webhook: Webhook, delivery_id: str, body: bytes) -> PartnerAnswer:
        """Whatever is wrong with this partner, the others are told: so every trouble but the database's is an answer."""
        at = int(self.now().timestamp())
        try:
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Nuan",
                "Nuan-Delivery": delivery_id,
                "Nuan-Timestamp": str(at),
                "Nuan-Signature": self._signatures(cursor, webhook, at=at, delivery_id=delivery_id, body=body),
            }
            return self.tell(partner_url(webhook.url, trial=self.trial), body, headers, trial=self.trial)
        except UrlNotAllowed:  # it was allowed in the trial in which it was registered
            return PartnerAnswer(None, "address_not_allowed", b"", 0)
        except NoSealingKey:
            return PartnerAnswer(None, "no_sealing_key", b"", 0)
        except psycopg.Error:
            raise
        except Exception as error:
            logger.error("webhook_defect", webhook_id=webhook.webhook_id, exc_info=error)
            return PartnerAnswer(None, "defect", b"", 0)

    def _signatures(self, cursor: Cursor, webhook: Webhook, *, at: int, delivery_id: str, body: bytes) -> str:
        """One for each secret that has not ended, the newest first."""
        now, signed = self.now(), []
        for secret in secrets_of(cursor, webhook.webhook_id):
            if secret.ends_at is None or secret.ends_at > now:
                key = key_id(webhook.webhook_id, secret.secret_no)
                opened = self.seals.open(secret.sealed, context=key)
                signed.append(f"{key}={signature(opened, at=at, delivery_id=delivery_id, body=body)}")
        return ", ".join(signed)

    def _move(self, webhook: Webhook, attempt: Attempt, now: datetime) -> None:
        """The state that follows from the attempt; when somebody else has moved it meanwhile, that stands."""
        number, caller = webhook.webhook_id, Caller(ACTOR)
        try:
            if attempt.error is None:
                if webhook.state == "parked":
                    self.commands.run(recover_webhook, RecoverWebhook(number), caller=caller)
                return
            verb = verb_after_failure(webhook.state, now=now, failing_since=webhook.failing_since or now,
                                      gone=attempt.status == 410)  # fmt: skip
            if verb == "park":
                self.commands.run(park_webhook, ParkWebhook(number, attempt.error), caller=caller)
            elif verb == "disable":
                self.commands.run(disable_webhook, DisableWebhook(number, attempt.error), caller=caller)
        except (TransitionRefused, Busy):
            return


class Telling(threading.Thread):
    """Tells until it is told to stop. Trouble of our own is written down and tried again."""

    def __init__(self, partners: Partners, *, stop: threading.Event, poll_seconds: float) -> None:
        super().__init__(name="telling", daemon=True)
        self.partners, self.stop, self.poll_seconds = partners, stop, poll_seconds

    def run(self) -> None:
        pause = self.poll_seconds
        while not self.stop.is_set():
            try:
                while not self.stop.is_set() and self.partners.tell_next():
                    pause = self.poll_seconds
                self.partners.count_not_answering()
            except Exception as error:  # nothing was moved: it is told again
                logger.error("webhook_not_told", error=repr(error)[:300])
                pause = min(30.0, pause * 2)
            self.stop.wait(pause)

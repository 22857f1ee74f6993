"""A thread that keeps a consumer going, with what the bus brings and what the log holds."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime
from uuid import UUID

import structlog

from shared.chassis.bus import Delivery, deliveries
from shared.chassis.consumer import Consumer, Halted
from shared.chassis.database import transaction
from shared.chassis.event_log import Entry, chained
from shared.kernel.errors import InvalidInput, Refusal

logger = structlog.get_logger()

BODY_BYTES_MAX = 1_000_000
PAGES_AT_ONCE = 4


class Listener(threading.Thread):
    """Keeps a consumer going: applies what the bus brings, reads the log on a gap, every two seconds and at start."""

    def __init__(self, consumer: Consumer, *, bus_url: str, service: str, environment: str, stop: threading.Event,
                 poll_seconds: float = 2.0) -> None:  # fmt: skip
        super().__init__(name=f"listener-{consumer.producer}", daemon=True)
        self.consumer, self.bus_url, self.service = consumer, bus_url, service
        self.environment, self.stop, self.poll_seconds = environment, stop, poll_seconds
        self._poll_at = 0.0

    def run(self) -> None:
        pause = 0.1
        while not self.stop.is_set():
            try:
                self._catch_up_when_due()
                for delivery in deliveries(self.bus_url, consumer=self.service, producer=self.consumer.producer,
                                           stop=self.stop.is_set, idle_seconds=self._idle_seconds):  # fmt: skip
                    if delivery is not None:
                        self._take(delivery)
                    self._catch_up_when_due()
                    pause = 0.1
            except Halted as halted:
                logger.error("listener_halted", producer=self.consumer.producer, why=str(halted))
                self.stop.wait(5)
            except Exception as error:
                logger.warning("listener_trouble", producer=self.consumer.producer, error=repr(error)[:200])
                self._catch_up_quietly()
                self.stop.wait(pause * random.uniform(0.5, 1.5))
                pause = min(5.0, pause * 2)

    def _idle_seconds(self) -> float:
        """How long to wait for the bus: hardly, while there is more in the log."""
        return 0.001 if time.monotonic() >= self._poll_at else min(1.0, self.poll_seconds)

    def _catch_up_when_due(self) -> None:
        if time.monotonic() >= self._poll_at:
            try:
                if self.consumer.catch_up(pages_max=PAGES_AT_ONCE):
                    return  # perhaps there is more; meanwhile the connection is kept alive, and a stop is heard
            except Refusal as error:
                logger.warning("log_away", producer=self.consumer.producer, error=type(error).__name__)
            self._poll_at = time.monotonic() + self.poll_seconds * random.uniform(0.8, 1.2)

    def _catch_up_quietly(self) -> None:
        """The bus is away: the log is not."""
        try:
            self._poll_at = 0.0
            while time.monotonic() >= self._poll_at and not self.stop.is_set():
                self._catch_up_when_due()
        except Exception as error:
            logger.warning("catch_up_failed", producer=self.consumer.producer, error=repr(error)[:200])

    def _take(self, delivery: Delivery) -> None:
        """Apply a message that follows our position; anything else is settled by the log. Ack after the commit."""
        try:
            entry, epoch = believed(delivery, producer=self.consumer.producer, environment=self.environment)
        except InvalidInput as refusal:
            self._keep_refused(delivery, refusal)
            delivery.ack()
            return
        position = self.consumer.position()
        if entry.pos == position.pos + 1 and entry.body and epoch == position.epoch:
            expected = chained(position.hash, pos=entry.pos, event_id=entry.event_id, type_=entry.type,
                               schema=entry.schema, body=entry.body)  # fmt: skip
            if expected == entry.hash:
                self.consumer.apply([entry], epoch=epoch)
            else:
                self._poll_at = 0.0  # a message is no proof against the producer: its log is asked
        elif entry.pos > position.pos:
            self._poll_at = 0.0
        delivery.ack()

    def _keep_refused(self, delivery: Delivery, refusal: InvalidInput) -> None:
        logger.warning("message_refused", producer=self.consumer.producer, place=refusal.facts.get("place"))
        with transaction(self.consumer.engine) as cursor:
            cursor.execute(
                "INSERT INTO refused_messages (producer, reason, headers, raw) VALUES (%s, %s, %s, %s)",
                (self.consumer.producer, f"{refusal.facts.get('place')}: {refusal.detail}",
                 repr(delivery.headers)[:4000].replace("\x00", ""), delivery.body[:4000]),
            )  # fmt: skip


def believed(delivery: Delivery, *, producer: str, environment: str) -> tuple[Entry, int]:
    """The entry that a message claims to carry, read strictly; `InvalidInput` names the header that is wrong."""
    headers = delivery.headers
    if headers.get("nuan_environment") != environment:
        raise InvalidInput("a message of another environment", place="nuan_environment")
    if headers.get("producer") != producer:
        raise InvalidInput("a message of another producer", place="producer")
    numbers = {}
    for name, least in (("epoch", 1), ("pos", 1), ("schema", 1)):
        value = headers.get(name)
        if type(value) is not int or not least <= value < 2**63:
            raise InvalidInput("expected a whole number", place=name)
        numbers[name] = value
    texts = {}
    for name, longest in (("type", 100), ("actor", 255), ("cause", 255), ("event_id", 36), ("hash", 64), ("at", 40)):
        value = headers.get(name)
        if type(value) is not str or not 1 <= len(value) <= longest:
            raise InvalidInput("expected text", place=name)
        texts[name] = value
    if len(delivery.body) > BODY_BYTES_MAX:
        raise InvalidInput("the body is too long", place="body")
    try:
        place = "event_id"
        event_id = UUID(texts["event_id"])
        place = "hash"
        hash_ = bytes.fromhex(texts["hash"])
        place = "at"
        at = datetime.fromisoformat(texts["at"])
        place = "body"
        body = delivery.body.decode("utf-8")
    except ValueError as error:
        raise InvalidInput(f"cannot be read: {error}", place=place) from None
    if len(hash_) != 32 or at.tzinfo is None:
        raise InvalidInput("cannot be read", place="hash" if len(hash_) != 32 else "at")
    entry = Entry(
        numbers["pos"], event_id, texts["type"], numbers["schema"], body, texts["actor"], texts["cause"], at, hash_
    )
    return entry, numbers["epoch"]

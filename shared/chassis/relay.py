"""The relay: sequences the outbox, then publishes the log. Bus down: it goes on sequencing and tries again later."""

from __future__ import annotations

import random
import threading
import time

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.chassis.bus import Publisher
from shared.chassis.database import transaction
from shared.chassis.event_log import BATCH, read_after, read_head, sequence
from shared.kernel.clock import Clock

logger = structlog.get_logger()

PUBLISH_AT_ONCE = 200
PUBLISH_BEHIND_MAX = 20_000
"""Further behind than this, the relay publishes only the newest: consumers read the log anyway."""


class Relay(threading.Thread):
    """One thread per service and process; several are safe (the head row's lock orders them)."""

    def __init__(self, engine: Engine, publisher: Publisher, *, clock: Clock, stop: threading.Event,
                 poll_seconds: float = 0.05) -> None:  # fmt: skip
        super().__init__(name="relay", daemon=True)
        self.engine, self.publisher, self.clock, self.stop = engine, publisher, clock, stop
        self.poll_seconds = poll_seconds
        self._bus_again_at = 0.0
        self._bus_pause = 0.1

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                moved = self.sequence_all()
                published = self.publish_some()
            except (psycopg.Error, SQLAlchemyError) as error:
                logger.warning("relay_database_error", error=type(error).__name__)
                self.stop.wait(0.5)
                continue
            if not moved and not published:
                self.publisher.heartbeat()
                self.stop.wait(self.poll_seconds)
        self.publisher.close()

    def sequence_all(self) -> int:
        """Move everything that is in the outbox; how many events."""
        total = 0
        while not self.stop.is_set():
            with transaction(self.engine) as cursor:
                if cursor.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is None:
                    return total
                moved = sequence(cursor, at=self.clock.now())
            total += moved
            if moved < BATCH:
                return total
        return total

    def publish_some(self) -> int:
        """Publish what follows the published position; 0 when there is nothing or the bus is away."""
        if time.monotonic() < self._bus_again_at:
            return 0
        with transaction(self.engine) as cursor:
            head = read_head(cursor)
            after = head.published if head.pos - head.published <= PUBLISH_BEHIND_MAX else head.pos - PUBLISH_AT_ONCE
            entries = read_after(cursor, after, limit=PUBLISH_AT_ONCE)
        if not entries:
            return 0
        done = after
        try:
            for entry in entries:
                self.publisher.publish(entry, epoch=head.epoch)
                done = entry.pos
            self._bus_pause = 0.1
        except Exception as error:  # whatever the bus raises: the position in the database is the truth
            logger.warning("bus_away", error=type(error).__name__, detail=str(error)[:200])
            self._bus_again_at = time.monotonic() + self._bus_pause * random.uniform(0.5, 1.5)
            self._bus_pause = min(5.0, self._bus_pause * 2)
        if done > head.published:
            with transaction(self.engine) as cursor:
                cursor.execute("UPDATE log_head SET published = %s WHERE published < %s", (done, done))
        return done - after

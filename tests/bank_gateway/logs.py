"""Logs of other services, written by hand and heard by the gateway's real consumer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.bank_gateway.consumer import HANDLERS, IGNORED
from shared.chassis.codec import encode
from shared.chassis.consumer import Consumer, Page
from shared.chassis.event_log import GENESIS, Entry, chained
from tests.bank_gateway.desk import Desk


class WrittenLog:
    """A log that holds these events from its beginning; the same events always make the same log."""

    def __init__(self, events: Sequence[Any]) -> None:
        self.entries: list[Entry] = []
        last = GENESIS
        for pos, event in enumerate(events, start=1):
            body, event_id = encode(event), uuid.UUID(int=pos)
            last = chained(last, pos=pos, event_id=event_id, type_=event.NAME, schema=event.SCHEMA, body=body)
            self.entries.append(
                Entry(pos, event_id, event.NAME, event.SCHEMA, body, "test", "test", datetime.now(UTC), last)
            )

    def after(self, pos: int, hash_: bytes) -> Page:
        return Page(1, len(self.entries), self.entries[pos:])


def hear_log(desk: Desk, producer: str, events: Sequence[Any]) -> None:
    """The gateway catches up with a producer whose log holds these events."""
    runtime = desk.runtime
    Consumer(runtime.engine, producer=producer, handlers=HANDLERS[producer], ignored=IGNORED[producer],
             reader=WrittenLog(events), ids=runtime.ids, clock=runtime.clock).catch_up()  # fmt: skip

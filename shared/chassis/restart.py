"""Where a stream goes on after its producer was restored to the past: at a place that a person names."""

from __future__ import annotations

from shared.chassis.consumer import Consumer, Position
from shared.chassis.database import transaction
from shared.chassis.event_log import GENESIS, chained
from shared.kernel.errors import Refusal


class NotInLog(Refusal):
    code = "not_in_log"
    status = 409
    remedy = "Name a position that the producer's log holds (`nuan bus status`), and verify that log first."


def restart_at(consumer: Consumer, pos: int) -> Position:
    """Take ``pos`` of the producer's log, as that log is now, for our position; what follows it is applied next.

    The log is read from its beginning and its chain verified on the way: nothing of the old position is believed.
    """
    at, hash_, epoch = 0, GENESIS, 1
    while at < pos:
        page = consumer.reader.after(at, hash_)
        epoch = page.epoch
        if not page.entries:
            raise NotInLog(f"the log of {consumer.producer} ends at {at}", pos=pos)
        for entry in page.entries[: pos - at]:
            expected = chained(hash_, pos=entry.pos, event_id=entry.event_id, type_=entry.type, schema=entry.schema,
                               body=entry.body)  # fmt: skip
            if entry.pos != at + 1 or entry.hash != expected:
                raise NotInLog(f"the log of {consumer.producer} is broken after {at}", pos=pos)
            at, hash_ = entry.pos, entry.hash
    consumer.position()  # its row is there
    with transaction(consumer.engine) as cursor:
        cursor.execute(
            "UPDATE positions SET epoch = %s, pos = %s, hash = %s, halted = NULL, updated_at = now() WHERE producer = %s",
            (epoch, at, hash_, consumer.producer),
        )
    return consumer.position()

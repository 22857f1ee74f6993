"""Items that could not be applied: kept for a person, and what follows for their account waits behind them.

See docs/operators/parked.md.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog

from shared.chassis import metrics
from shared.chassis.database import Cursor
from shared.chassis.event_log import Entry

logger = structlog.get_logger()


class Parked(NamedTuple):
    """``raw`` is the event with this one item."""

    pos: int
    item: int
    type: str
    raw: str


def blocked_streams(cursor: Cursor, producer: str) -> set[str]:
    rows = cursor.execute(
        "SELECT DISTINCT stream FROM parked WHERE producer = %s AND resolved_at IS NULL AND stream <> ''", (producer,)
    ).fetchall()
    return {row[0] for row in rows}


def park(
    cursor: Cursor, producer: str, entry: Entry, *, item: int, stream: str, reason: str, tries: int, raw: str
) -> None:
    metrics.EVENTS_PARKED.labels(producer).inc()
    logger.error("event_parked", producer=producer, pos=entry.pos, item=item, type=entry.type, reason=reason)
    cursor.execute(
        "INSERT INTO parked (producer, pos, item, stream, type, reason, tries, raw) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (producer, entry.pos, item, stream, entry.type, reason, tries, raw),
    )


def parked_of(cursor: Cursor, producer: str, stream: str) -> list[Parked]:
    """What waits for this stream, oldest first."""
    rows = cursor.execute(
        "SELECT pos, item, type, raw FROM parked WHERE producer = %s AND stream = %s AND resolved_at IS NULL"
        " ORDER BY pos, item",
        (producer, stream),
    ).fetchall()
    return [Parked(*row) for row in rows]


def applied_after_all(cursor: Cursor, producer: str, parked: Parked, *, by: str) -> None:
    cursor.execute(
        "UPDATE parked SET resolved_at = now(), resolution = 'applied', resolved_by = %s"
        " WHERE producer = %s AND pos = %s AND item = %s",
        (by, producer, parked.pos, parked.item),
    )

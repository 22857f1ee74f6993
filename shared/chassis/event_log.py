"""Outbox → event log: one sequencer moves committed events into a gapless, hash-chained log; everybody reads it.

Delete-and-move, never a cursor over the outbox: a late commit with a low number is simply in the next batch
(docs/decisions/0005).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.chassis.database import Cursor
from shared.kernel.errors import Refusal

BATCH = 500
GENESIS = bytes(32)


class LogDiffers(Refusal):
    code = "log_differs"
    status = 409
    remedy = "One of the two databases was restored to the past: docs/operators/restored.md."


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the log keeps it. ``body`` is the canonical text; it is never made again."""

    pos: int
    event_id: UUID
    type: str
    schema: int
    body: str
    actor: str
    cause: str
    at: datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    epoch: int
    pos: int
    hash: bytes
    published: int


def chained(previous: bytes, *, pos: int, event_id: UUID, type_: str, schema: int, body: str) -> bytes:
    """The hash of an entry: SHA-256 over the previous hash and everything that the entry means."""
    head = f"{pos}\n{event_id}\n{type_}\n{schema}\n".encode()
    return hashlib.sha256(previous + head + body.encode()).digest()


def sequence(cursor: Cursor, *, at: datetime, limit: int = BATCH) -> int:
    """Move up to ``limit`` events from the outbox to the end of the log; how many were moved.

    The lock on the head row is the only one: a second sequencer waits for the first, then goes on behind it.
    """
    head = lock_head(cursor)
    moved = cursor.execute(
        "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT %s)"
        " RETURNING seq, event_id, type, schema, body, actor, cause",
        (limit,),
    ).fetchall()
    if not moved:
        return 0
    pos, last = head.pos, head.hash
    with cursor.copy("COPY event_log (pos, event_id, type, schema, body, actor, cause, at, hash) FROM STDIN") as copy:
        for _, event_id, type_, schema, body, actor, cause in sorted(moved):
            pos += 1
            last = chained(last, pos=pos, event_id=event_id, type_=type_, schema=schema, body=body)
            copy.write_row((pos, event_id, type_, schema, body, actor, cause, at, last))
    cursor.execute("UPDATE log_head SET pos = %s, hash = %s", (pos, last))
    return len(moved)


def lock_head(cursor: Cursor) -> Head:
    row = cursor.execute("SELECT epoch, pos, hash, published FROM log_head FOR UPDATE").fetchone()
    return _head(row)


def read_head(cursor: Cursor) -> Head:
    return _head(cursor.execute("SELECT epoch, pos, hash, published FROM log_head").fetchone())


def _head(row: tuple[Any, ...] | None) -> Head:
    if row is None:
        raise LogDiffers("the log has no head")
    return Head(row[0], row[1], bytes(row[2]), row[3])


def read_after(cursor: Cursor, pos: int, *, limit: int = BATCH, bytes_max: int = 4_000_000) -> list[Entry]:
    """The entries that follow ``pos``, oldest first: at most ``limit``, and about ``bytes_max`` of bodies."""
    rows = cursor.execute(
        "SELECT pos, event_id, type, schema, body, actor, cause, at, hash FROM ("
        "  SELECT *, sum(length(body)) OVER (ORDER BY pos) - length(body) AS before FROM event_log"
        "  WHERE pos > %s AND pos <= %s"
        ") page WHERE before < %s ORDER BY pos",
        (pos, pos + limit, bytes_max),
    ).fetchall()
    return [Entry(*(*facts, bytes(hash_))) for *facts, hash_ in rows]


def assert_known(cursor: Cursor, pos: int, hash_: bytes) -> None:
    """Refuse a reader whose past is not in this log."""
    if pos == 0:
        known = hash_ == GENESIS
    else:
        row = cursor.execute("SELECT hash FROM event_log WHERE pos = %s", (pos,)).fetchone()
        known = row is not None and bytes(row[0]) == hash_
    if not known:
        raise LogDiffers("your past is not in this log", pos=pos)


def first_broken(cursor: Cursor, *, after: int = 0, hash_: bytes = GENESIS) -> int | None:
    """Verify the chain from ``after`` to the head; the first position that is wrong, or None.

    Finds changed, missing, swapped and inserted entries, and a tail cut off below the head row.
    """
    last, pos = hash_, after
    head = read_head(cursor)
    while entries := read_after(cursor, pos):
        for entry in entries:
            pos += 1
            expected = chained(
                last, pos=pos, event_id=entry.event_id, type_=entry.type, schema=entry.schema, body=entry.body
            )
            if entry.pos != pos or entry.hash != expected:
                return pos
            last = expected
    return None if (pos, last) == (head.pos, head.hash) else pos + 1

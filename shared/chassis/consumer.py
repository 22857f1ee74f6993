"""A consumer keeps its position in its own database and takes every event of a producer once, in order.

The bus may skip, repeat, reorder or die: a repeat is ignored, a gap is read from the producer's log, and a past
that does not fit stops the stream and calls a person. See docs/decisions/0005.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.chassis import metrics
from shared.chassis.codec import decode, encode
from shared.chassis.database import Cursor, transaction
from shared.chassis.event_log import GENESIS, Entry, LogDiffers, chained
from shared.chassis.ids import Ids
from shared.chassis.parking import applied_after_all, blocked_streams, park, parked_of
from shared.chassis.unit_of_work import Caller, Work
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput, Refusal

logger = structlog.get_logger()

ITEMS_AT_ONCE = 1000
TRIES_MAX = 5


@dataclass(frozen=True)
class Handler:
    """``handle(event, work)`` applies a list; each item must concern one ``stream`` (its account number)."""

    message: type[Any]
    handle: Callable[[Any, Work], Any]
    stream: Callable[[Any], str]


def by_account(message: type[Any], handle: Callable[[Any, Work], Any]) -> Handler:
    return Handler(message, handle, lambda item: str(item.account_no))


def of_company(message: type[Any], handle: Callable[[Any, Work], Any]) -> Handler:
    """What concerns no account but everybody: all of it is one stream, in its order."""
    return Handler(message, handle, lambda _: "company")


class LogReader(Protocol):
    def after(self, pos: int, hash_: bytes) -> Page:
        """What follows ``pos``; refuses with `LogDiffers` when that past is not in the log."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    epoch: int
    head: int
    entries: list[Entry]


@dataclass(slots=True)
class Position:
    epoch: int
    pos: int
    hash: bytes
    halted: str | None


class Halted(Exception):
    """This stream stands still until a person has looked (docs/operators/restored.md)."""


class Consumer:
    """Applies one producer's events to one service. ``handlers`` by event type; ``ignored`` types only move on."""

    def __init__(self, engine: Engine, *, producer: str, handlers: Mapping[str, Handler], ignored: Iterable[str],
                 reader: LogReader, ids: Ids, clock: Clock, audited: bool = False) -> None:  # fmt: skip
        self.engine, self.producer, self.handlers, self.audited = engine, producer, handlers, audited
        self.ignored, self.reader, self.ids, self.clock = frozenset(ignored), reader, ids, clock
        self.caller_actor = f"bus:{producer}"
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix=f"ahead-{producer}")

    def position(self) -> Position:
        with transaction(self.engine) as cursor:
            return _lock_position(cursor, self.producer)

    def catch_up(self, *, pages_max: int | None = None) -> int:
        """Read and apply what the log has and we have not, all of it or some pages; how many entries.

        While a page is applied the next one is asked for.
        """
        total = pages = 0
        asked_after: int = -1
        coming: Future[Page] | None = None
        while pages_max is None or pages < pages_max:
            pages += 1
            position = self.position()
            if position.halted:
                raise Halted(position.halted)
            try:
                asked = coming if asked_after == position.pos else None  # somebody else may have gone on meanwhile
                page = asked.result() if asked else self.reader.after(position.pos, position.hash)
            except LogDiffers as refusal:
                raise self._halted(f"the producer's log does not hold our past: {refusal.detail}") from refusal
            if page.head < position.pos or (position.pos and page.epoch != position.epoch):
                raise self._halted(f"epoch {page.epoch} head {page.head}, we are at {position.epoch}/{position.pos}")
            metrics.CONSUMER_LAG.labels(self.producer).set(page.head - position.pos)
            if not page.entries:
                return total
            last = page.entries[-1]
            asked_after, coming = last.pos, self._ask_ahead(last, page.head)
            total += self.apply(page.entries, epoch=page.epoch)
        return total

    def _ask_ahead(self, last: Entry, head: int) -> Future[Page] | None:
        return self._ahead.submit(self.reader.after, last.pos, last.hash) if last.pos < head else None

    def apply(self, entries: list[Entry], *, epoch: int) -> int:
        """Apply entries that follow each other; those at or below our position are repeats and are passed over."""
        done = 0
        for group in _groups(entries):
            try:
                done += self._apply_group(group, epoch=epoch)
            except Halted as halted:
                raise self._halted(str(halted)) from None
            except Exception as error:
                if _away(error):
                    raise
                logger.warning("event_group_failed", producer=self.producer, pos=group[0].pos, error=repr(error)[:300])
                done += sum(self._apply_isolated(entry, epoch=epoch) for entry in group)
        return done

    def _apply_group(self, group: list[Entry], *, epoch: int) -> int:
        with transaction(self.engine) as cursor:
            position = _lock_position(cursor, self.producer)
            fresh = self._verified(position, group, epoch)
            if not fresh:
                return 0
            blocked = blocked_streams(cursor, self.producer)
            if blocked or any(not self._understood(entry) for entry in fresh):
                for entry in fresh:
                    self._apply_parts(cursor, entry, blocked)
            else:
                for event in _merged(
                    decode(self.handlers[e.type].message, e.body) for e in fresh if e.type in self.handlers
                ):
                    work = self._work(cursor)  # one each: an event sees what the one before it wrote
                    self.handlers[event.NAME].handle(event, work)
                    work.finish()
            _move(cursor, self.producer, fresh[-1], epoch)
        metrics.EVENTS_APPLIED.labels(self.producer).inc(len(fresh))
        return len(fresh)

    def _apply_isolated(self, entry: Entry, *, epoch: int) -> int:
        """One entry in its own transaction; what cannot be applied of it is parked, the rest is applied."""
        with transaction(self.engine) as cursor:
            position = _lock_position(cursor, self.producer)
            fresh = self._verified(position, [entry], epoch)
            if not fresh:
                return 0
            self._apply_parts(cursor, entry, blocked_streams(cursor, self.producer))
            _move(cursor, self.producer, entry, epoch)
        return 1

    def _verified(self, position: Position, entries: list[Entry], epoch: int) -> list[Entry]:
        if position.halted:
            raise Halted(position.halted)
        if position.pos and position.epoch != epoch:
            raise Halted(f"epoch {epoch} at {entries[0].pos}, ours is {position.epoch}")
        fresh = [entry for entry in entries if entry.pos > position.pos]
        last, pos = position.hash, position.pos
        for entry in fresh:
            pos += 1
            last = chained(
                last, pos=pos, event_id=entry.event_id, type_=entry.type, schema=entry.schema, body=entry.body
            )
            if entry.pos != pos or entry.hash != last:
                raise Halted(f"entry {entry.pos} does not follow our position {position.pos}")
        return fresh

    def _understood(self, entry: Entry) -> bool:
        handler = self.handlers.get(entry.type)
        return entry.type in self.ignored or (handler is not None and entry.schema <= handler.message.SCHEMA)

    def _apply_parts(self, cursor: Cursor, entry: Entry, blocked: set[str]) -> None:
        if entry.type in self.ignored:
            return
        if not self._understood(entry):
            park(cursor, self.producer, entry, item=-1, stream="", reason="not_understood", tries=1, raw=entry.body)
            return
        handler = self.handlers[entry.type]
        try:
            event = decode(handler.message, entry.body)
        except InvalidInput as refusal:
            reason = f"unreadable: {refusal.detail} at {refusal.facts.get('place')}"
            park(cursor, self.producer, entry, item=-1, stream="", reason=reason, tries=1, raw=entry.body)
            return
        numbered = list(enumerate(event.items))
        for number, item in numbered:
            if handler.stream(item) in blocked:
                self._park_item(cursor, entry, handler, event, number, item, "behind_parked", tries=0)
        free = [(number, item) for number, item in numbered if handler.stream(item) not in blocked]
        self._apply_items(cursor, entry, handler, event, free, blocked)

    def _apply_items(self, cursor: Cursor, entry: Entry, handler: Handler, event: Any,
                     numbered: list[tuple[int, Any]], blocked: set[str]) -> None:  # fmt: skip
        """Apply a list; when it fails, its halves; a single item that fails is parked and blocks its account."""
        if not numbered:
            return
        tries = TRIES_MAX if len(numbered) == 1 else 1
        for number in range(1, tries + 1):
            try:
                with cursor.connection.transaction():
                    work = self._work(cursor)
                    handler.handle(_with_items(event, [item for _, item in numbered]), work)
                    work.finish()
                return
            except Exception as error:
                if _away(error):
                    raise
                failure = error
                if isinstance(error, (Refusal, psycopg.errors.QueryCanceled)):
                    break
                time.sleep(0.01 * number if tries > 1 else 0)
        if len(numbered) == 1:
            index, item = numbered[0]
            reason = failure.code if isinstance(failure, Refusal) else repr(failure)[:300]
            if handler.stream(item) in blocked:
                reason = "behind_parked"
            self._park_item(cursor, entry, handler, event, index, item, reason, tries=number)
            blocked.add(handler.stream(item))
            return
        middle = len(numbered) // 2
        self._apply_items(cursor, entry, handler, event, numbered[:middle], blocked)
        rest = numbered[middle:]
        for index, item in rest:
            if handler.stream(item) in blocked:
                self._park_item(cursor, entry, handler, event, index, item, "behind_parked", tries=0)
        free = [pair for pair in rest if handler.stream(pair[1]) not in blocked]
        self._apply_items(cursor, entry, handler, event, free, blocked)

    def _park_item(self, cursor: Cursor, entry: Entry, handler: Handler, event: Any, number: int, item: Any,
                   reason: str, *, tries: int) -> None:  # fmt: skip
        park(cursor, self.producer, entry, item=number, stream=handler.stream(item), reason=reason, tries=tries,
              raw=encode(_with_items(event, [item])))  # fmt: skip

    def retry_parked(self, stream: str, *, by: str) -> int:
        """After a fix: apply the parked items of one stream, oldest first; how many. Stops at the first that fails."""
        done = 0
        with transaction(self.engine) as cursor:
            _lock_position(cursor, self.producer)
            for parked in parked_of(cursor, self.producer, stream):
                handler = self.handlers[parked.type]
                try:
                    with cursor.connection.transaction():
                        work = self._work(cursor)
                        handler.handle(decode(handler.message, parked.raw), work)
                        work.finish()
                except Exception as error:
                    logger.warning(
                        "parked_item_failed_again", producer=self.producer, pos=parked.pos, error=repr(error)[:300]
                    )
                    break
                applied_after_all(cursor, self.producer, parked, by=by)
                done += 1
        return done

    def _work(self, cursor: Cursor) -> Work:
        return Work(cursor, ids=self.ids, caller=Caller(self.caller_actor), today=self.clock.today(), name="consume",
                    audited=self.audited)  # fmt: skip

    def _halted(self, why: str) -> Halted:
        """Write down that the stream stands still; to be called outside of any transaction."""
        logger.error("consumer_halted", producer=self.producer, why=why)
        metrics.CONSUMER_HALTED.labels(self.producer).set(1)
        with transaction(self.engine) as cursor:
            _lock_position(cursor, self.producer)
            cursor.execute(
                "UPDATE positions SET halted = %s WHERE producer = %s AND halted IS NULL", (why, self.producer)
            )
        return Halted(why)


def _away(error: Exception) -> bool:
    """The database is away or busy, whatever the event: it is tried again, all of it.

    A statement that ran out of its time is no such sign: it is this event that is too much, and it is parked.
    """
    if isinstance(error, psycopg.errors.QueryCanceled):
        return False
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, SQLAlchemyError))


def _groups(entries: list[Entry]) -> Iterable[list[Entry]]:
    """Entries that are applied in one transaction: together about a thousand items (by the size of their bodies)."""
    group: list[Entry] = []
    size = 0
    for entry in entries:
        group.append(entry)
        size += len(entry.body)
        if size > 150 * ITEMS_AT_ONCE or len(group) >= ITEMS_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _merged(events: Iterable[Any]) -> Iterable[Any]:
    """Neighbours of one type that differ in nothing but their items become one event."""
    last: Any = None
    items: list[Any] = []
    for event in events:
        if last is not None and type(event) is type(last) and _with_items(event, ()) == _with_items(last, ()):
            items.extend(event.items)
            continue
        if last is not None:
            yield _with_items(last, items)
        last, items = event, list(event.items)
    if last is not None:
        yield _with_items(last, items)


def _with_items(event: Any, items: Iterable[Any]) -> Any:
    return dataclasses.replace(event, items=tuple(items))


def _lock_position(cursor: Cursor, producer: str) -> Position:
    sql = "SELECT epoch, pos, hash, halted FROM positions WHERE producer = %s FOR UPDATE"
    row = cursor.execute(sql, (producer,)).fetchone()
    if row is None:
        cursor.execute(
            "INSERT INTO positions (producer, epoch, pos, hash) VALUES (%s, 1, 0, %s) ON CONFLICT DO NOTHING",
            (producer, GENESIS),
        )
        row = cursor.execute(sql, (producer,)).fetchone()
    if row is None:
        raise RuntimeError("the position row vanished")
    return Position(row[0], row[1], bytes(row[2]), row[3])


def _move(cursor: Cursor, producer: str, entry: Entry, epoch: int) -> None:
    cursor.execute(
        "UPDATE positions SET pos = %s, hash = %s, epoch = %s, updated_at = now() WHERE producer = %s",
        (entry.pos, entry.hash, epoch, producer),
    )

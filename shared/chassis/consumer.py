"""A consumer keeps its position in its own database and takes every event of a producer once, in order.

The bus may skip, repeat, reorder or die: a repeat is ignored, a gap is read from the producer's log, and a past
that does not fit stops the stream and calls a person. See docs/decisions/0005.
"""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.chassis import metrics
from shared.chassis.bus import Delivery, deliveries
from shared.chassis.codec import decode, encode
from shared.chassis.database import Cursor, transaction
from shared.chassis.event_log import GENESIS, Entry, LogDiffers, chained
from shared.chassis.ids import Ids
from shared.chassis.unit_of_work import Caller, Work
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput, Refusal

logger = structlog.get_logger()

ITEMS_AT_ONCE = 1000
BODY_BYTES_MAX = 1_000_000
TRIES_MAX = 5
PAGES_AT_ONCE = 4


@dataclass(frozen=True)
class Handler:
    """``handle(event, work)`` applies a list; each item must concern one ``stream`` (its account number)."""

    message: type[Any]
    handle: Callable[[Any, Work], Any]
    stream: Callable[[Any], str]


def by_account(message: type[Any], handle: Callable[[Any, Work], Any]) -> Handler:
    return Handler(message, handle, lambda item: str(item.account_no))


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
                 reader: LogReader, ids: Ids, clock: Clock) -> None:  # fmt: skip
        self.engine, self.producer, self.handlers = engine, producer, handlers
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
            blocked = _blocked_streams(cursor, self.producer)
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
            self._apply_parts(cursor, entry, _blocked_streams(cursor, self.producer))
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
            _park(cursor, self.producer, entry, item=-1, stream="", reason="not_understood", tries=1, raw=entry.body)
            return
        handler = self.handlers[entry.type]
        try:
            event = decode(handler.message, entry.body)
        except InvalidInput as refusal:
            reason = f"unreadable: {refusal.detail} at {refusal.facts.get('place')}"
            _park(cursor, self.producer, entry, item=-1, stream="", reason=reason, tries=1, raw=entry.body)
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
        _park(cursor, self.producer, entry, item=number, stream=handler.stream(item), reason=reason, tries=tries,
              raw=encode(_with_items(event, [item])))  # fmt: skip

    def retry_parked(self, stream: str, *, by: str) -> int:
        """After a fix: apply the parked items of one stream, oldest first; how many. Stops at the first that fails."""
        done = 0
        with transaction(self.engine) as cursor:
            _lock_position(cursor, self.producer)
            rows = cursor.execute(
                "SELECT pos, item, type, raw FROM parked WHERE producer = %s AND stream = %s AND resolved_at IS NULL"
                " ORDER BY pos, item",
                (self.producer, stream),
            ).fetchall()
            for pos, item, type_, raw in rows:
                handler = self.handlers[type_]
                try:
                    with cursor.connection.transaction():
                        work = self._work(cursor)
                        handler.handle(decode(handler.message, raw), work)
                        work.finish()
                except Exception as error:
                    logger.warning("parked_item_failed_again", producer=self.producer, pos=pos, error=repr(error)[:300])
                    break
                cursor.execute(
                    "UPDATE parked SET resolved_at = now(), resolution = 'applied', resolved_by = %s"
                    " WHERE producer = %s AND pos = %s AND item = %s",
                    (by, self.producer, pos, item),
                )
                done += 1
        return done

    def _work(self, cursor: Cursor) -> Work:
        return Work(cursor, ids=self.ids, caller=Caller(self.caller_actor), today=self.clock.today(), name="consume")

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


def _blocked_streams(cursor: Cursor, producer: str) -> set[str]:
    rows = cursor.execute(
        "SELECT DISTINCT stream FROM parked WHERE producer = %s AND resolved_at IS NULL AND stream <> ''", (producer,)
    ).fetchall()
    return {row[0] for row in rows}


def _park(
    cursor: Cursor, producer: str, entry: Entry, *, item: int, stream: str, reason: str, tries: int, raw: str
) -> None:
    metrics.EVENTS_PARKED.labels(producer).inc()
    logger.error("event_parked", producer=producer, pos=entry.pos, item=item, type=entry.type, reason=reason)
    cursor.execute(
        "INSERT INTO parked (producer, pos, item, stream, type, reason, tries, raw) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (producer, entry.pos, item, stream, entry.type, reason, tries, raw),
    )


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

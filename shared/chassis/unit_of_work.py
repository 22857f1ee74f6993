"""One command, one transaction: state, ledger entries, outgoing events and the answer commit together, here.

A use case gets a `Work`: it reads through it, adds rows and events to it, and never sees the commit.
"""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

import psycopg
from sqlalchemy import Engine

from shared.chassis.audit import audit_row, tell_command
from shared.chassis.codec import canonical, encode
from shared.chassis.database import Cursor, snapshot, transaction
from shared.chassis.ids import Ids
from shared.chassis.writes import Change, Writes, row_of
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput, Refusal

Result = TypeVar("Result")
Command = TypeVar("Command")
EVENT_ITEMS_MAX = 1000


class IdempotencyKeyReused(Refusal):
    code = "idempotency_key_reused"
    status = 422
    remedy = "Use a new key for a new request; repeat the old request unchanged to see its answer."


class Busy(Refusal):
    code = "busy"
    status = 409
    remedy = "The same account or request is being worked on; send it again in a moment (Retry-After)."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``staff:zhang``, ``service:bank_gateway``, ``cli:import``; and under which request id."""

    actor: str
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes that were, or were the first time, answered. ``repeated``: nothing was done this time."""

    status: int
    body: bytes
    repeated: bool = False


@row_of("commands")
class CommandRow(NamedTuple):
    command_id: int
    name: str
    actor: str
    request_id: str
    business_on: date
    key: str | None
    fingerprint: bytes | None
    status: int | None
    answer: bytes | None


@row_of("outbox")
class OutboxRow(NamedTuple):
    event_id: uuid.UUID
    type: str
    schema: int
    body: str
    actor: str
    cause: str


class Work:
    """The transaction that a use case works in. ``command_id`` heads every entry that it posts.

    ``audited``: the schema keeps an audit, and is told whose changes these are.
    """

    def __init__(
        self, cursor: Cursor, *, ids: Ids, caller: Caller, today: date, name: str, audited: bool = False
    ) -> None:
        self.cursor, self.caller, self.today, self.name = cursor, caller, today, name
        self._ids = ids
        self._writes = Writes()
        self._events: list[Any] = []
        self.command_id = ids.take(1)[0] if name != "read" else 0
        if audited:
            tell_command(cursor, self.command_id)

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """What the database holds now. Writes of this work are not among it until the end."""
        return self.cursor.execute(sql, values).fetchall()

    def new_ids(self, count: int) -> range:
        return self._ids.take(count)

    def add(self, rows: Iterable[Any]) -> None:
        """Rows to insert, of tables that refer only to rows added before."""
        self._writes.add(rows)

    def change(self, change: Change, rows: Sequence[tuple[Any, ...]]) -> None:
        """Atomic updates; a row that is not met is a defect and ends the work."""
        self._writes.change(change, rows)

    def emit(self, event: Any) -> None:
        """Tell the others, once this is committed. Lists are cut to messages of at most 1,000 items."""
        for first in range(0, len(event.items), EVENT_ITEMS_MAX):
            chunk = event.items[first : first + EVENT_ITEMS_MAX]
            self._events.append(event if len(chunk) == len(event.items) else _with_items(event, chunk))

    def audit(self, request: Any) -> None:
        """Keep what was asked, and why, beside the command."""
        self._writes.add([
            audit_row(command_id=self.command_id, business_on=self.today, actor=self.caller.actor, verb=self.name,
                      request=request),
        ])  # fmt: skip

    def finish(self, *, key: str | None = None, fingerprint: bytes | None = None,
               status: int | None = None, answer: bytes | None = None) -> None:  # fmt: skip
        """Send everything: the command's own row first, events last."""
        head = CommandRow(self.command_id, self.name, self.caller.actor, self.caller.request_id,
                          self.today, key, fingerprint, status, answer)  # fmt: skip
        writes = Writes()
        writes.add([head])
        writes.take_over(self._writes)
        writes.add(
            OutboxRow(uuid.uuid4(), event.NAME, event.SCHEMA, encode(event), self.caller.actor, self.caller.request_id)
            for event in self._events
        )
        writes.send(self.cursor)


def _with_items(event: Any, items: tuple[Any, ...]) -> Any:
    return dataclasses.replace(event, items=items)


class Commands:
    """Runs use cases: ``commands.run(pay, Pay(...), caller=caller, key="…")``.

    ``use_case(command, work)`` returns plain values (or a dataclass for `encode`), which become the answer.
    """

    def __init__(self, engine: Engine, *, ids: Ids, clock: Clock,
                 conflicts: Mapping[str, Refusal] | None = None, audited: bool = False) -> None:  # fmt: skip
        """``conflicts``: what to refuse with when a unique constraint, by its name, finds two racing commands."""
        self.engine, self.ids, self.clock, self.audited = engine, ids, clock, audited
        self.conflicts = dict(conflicts or {})

    def run(
        self,
        use_case: Callable[[Command, Work], Any],
        command: Command,
        *,
        caller: Caller,
        key: str | None = None,
        request: Any = None,
        status: int = 200,
    ) -> Answer:
        """Do it once. The same ``key`` with the same ``request`` answers what the first one answered.

        ``request`` is what was asked, in plain values; where there is an audit it is kept, without its secrets.

        Nobody looks whether the key is known before the work is done: that a repeat does its work in vain, until
        the key's constraint or a refusal ends it, is rare; one more question for every payment is not.

        Refused: `IdempotencyKeyReused` (same key, another request or caller), `Busy`, and what the use case refuses.
        """
        name = use_case.__name__
        fingerprint = _fingerprint(name, caller.actor, request) if key is not None else None
        try:
            with transaction(self.engine) as cursor:
                work = Work(cursor, ids=self.ids, caller=caller, today=self.clock.today(), name=name,
                            audited=self.audited)  # fmt: skip
                body = canonical(use_case(command, work)).encode()
                if self.audited:
                    work.audit(request)
                work.finish(key=key, fingerprint=fingerprint,
                            status=status if key else None, answer=body if key else None)  # fmt: skip
                return Answer(status, body)
        except Refusal as refusal:
            return self._first_answer(key, fingerprint, otherwise=refusal)
        except psycopg.errors.UniqueViolation as error:
            conflict = self.conflicts.get(error.diag.constraint_name or "")
            return self._first_answer(key, fingerprint, otherwise=conflict or error)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            busy = Busy("somebody else is working on this account or request")
            return self._first_answer(key, fingerprint, otherwise=busy)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """A work that only reads, all of it from one moment: what it would write is never sent."""
        with snapshot(self.engine) as cursor:
            yield Work(cursor, ids=self.ids, caller=Caller("reader", ""), today=self.clock.today(), name="read")

    def _first_answer(self, key: str | None, fingerprint: bytes | None, *, otherwise: Exception) -> Answer:
        """A repeat is answered like its first; anything else rises as it was."""
        if key is not None and fingerprint is not None:
            with transaction(self.engine) as cursor:
                known = _known(cursor, key, fingerprint)
            if known is not None:
                return known
        raise otherwise


def _known(cursor: Cursor, key: str, fingerprint: bytes) -> Answer | None:
    row = cursor.execute("SELECT fingerprint, status, answer FROM commands WHERE key = %s", (key,)).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != fingerprint:
        raise IdempotencyKeyReused("this key was used for another request", key=key)
    return Answer(row[1], bytes(row[2]), repeated=True)


def _fingerprint(name: str, actor: str, request: Any) -> bytes:
    return hashlib.sha256(canonical([name, actor, request]).encode()).digest()


def checked_key(key: str | None) -> str:
    """An idempotency key: 1…255 visible ASCII characters."""
    if key is None:
        raise InvalidInput("this request moves money and needs an Idempotency-Key", place="Idempotency-Key")
    if not 1 <= len(key) <= 255 or not all("!" <= character <= "~" for character in key):
        raise InvalidInput("a key is 1 to 255 visible ASCII characters", place="Idempotency-Key", value=key[:40])
    return key

"""Protocols that are wrong in one place each: what the checker must see. Applied by tests alone, never by the product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from services.payments.domain import ledger
from services.payments.storage import accounts as payments_accounts
from shared.chassis import event_log, relay, unit_of_work
from shared.chassis.codec import decode, encode
from shared.chassis.consumer import Consumer, _lock_position, _move
from shared.chassis.database import Cursor, transaction
from shared.chassis.event_log import Entry, chained, lock_head
from shared.chassis.listener import Listener, believed
from shared.chassis.unit_of_work import Commands, Work

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """``schema``: statements for both databases, where a constraint would stop the mutant by itself; ``back`` undoes them."""

    name: str
    patch: Patch
    seen_by: frozenset[str]
    schema: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


MUTANTS: list[Mutant] = []
HARMLESS: list[Mutant] = []
"""Wrong only where the design does not rely on it: the bus."""


def mutant(*seen_by: str, schema: tuple[str, ...] = (), back: tuple[str, ...] = ()) -> Callable[[Patch], Patch]:
    """Registers a patch; ``seen_by`` are the promises of which one at least must not hold under it."""

    def register(patch: Patch) -> Patch:
        kinds = MUTANTS if seen_by else HARMLESS
        kinds.append(Mutant(patch.__name__, patch, frozenset(seen_by), schema, back))
        return patch

    return register


@mutant("P2", schema=("ALTER TABLE commands DROP CONSTRAINT commands_key_once",),
        back=("ALTER TABLE commands ADD CONSTRAINT commands_key_once UNIQUE (key)",))  # fmt: skip
def no_idempotency_record(patch: pytest.MonkeyPatch) -> None:
    """A key that was answered is not looked up."""
    patch.setattr(unit_of_work, "_known", lambda cursor, key, fingerprint: None)


@mutant("P1")
def a_failed_commit_is_answered_as_done(patch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def hopeful(engine: Any) -> Iterator[Cursor]:
        pooled = engine.raw_connection()
        try:
            with pooled.driver_connection.cursor() as cursor:
                yield cursor
            try:
                pooled.driver_connection.commit()
            except BaseException:
                pooled.invalidate()
        except BaseException:
            pooled.invalidate()
            raise
        finally:
            pooled.close()

    patch.setattr(unit_of_work, "transaction", hopeful)


@mutant("P4", "P12")
def events_are_written_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The state and the outbox are two transactions."""
    late: list[tuple[Any, ...]] = []
    finish, run = Work.finish, Commands.run

    def without_events(work: Work, **options: Any) -> None:
        if work.name != "consume":
            late.extend((e.NAME, e.SCHEMA, encode(e), work.caller.actor, work.caller.request_id) for e in work._events)
            work._events = []
        finish(work, **options)

    def then_events(commands: Commands, *arguments: Any, **options: Any) -> Any:
        late.clear()
        answer = run(commands, *arguments, **options)
        if late:
            with transaction(commands.engine) as cursor:
                cursor.executemany(
                    "INSERT INTO outbox (event_id, type, schema, body, actor, cause)"
                    " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s)", late
                )  # fmt: skip
        return answer

    patch.setattr(Work, "finish", without_events)
    patch.setattr(Commands, "run", then_events)


@mutant("P4", "P12", schema=("CREATE TABLE last_sent (seq bigint)", "INSERT INTO last_sent VALUES (0)",
                             "GRANT ALL ON last_sent TO PUBLIC"), back=("DROP TABLE last_sent",))  # fmt: skip
def the_outbox_is_polled_with_a_cursor(patch: pytest.MonkeyPatch) -> None:
    """Rows with a number above the last one; one that commits late has a lower number and is never seen."""

    def polled(cursor: Cursor, *, at: Any, limit: int = 500) -> int:
        head = lock_head(cursor)
        rows = cursor.execute(
            "DELETE FROM outbox WHERE seq > (SELECT seq FROM last_sent)"
            " RETURNING seq, event_id, type, schema, body, actor, cause"
        ).fetchall()
        if rows:
            cursor.execute("UPDATE last_sent SET seq = %s", (max(row[0] for row in rows),))
        return _appended(cursor, head, sorted(rows), at)

    patch.setattr(relay, "sequence", polled)


@mutant("P12")
def events_are_sequenced_in_another_order(patch: pytest.MonkeyPatch) -> None:
    def backwards(cursor: Cursor, *, at: Any, limit: int = 500) -> int:
        head = lock_head(cursor)
        rows = cursor.execute("DELETE FROM outbox RETURNING seq, event_id, type, schema, body, actor, cause").fetchall()
        return _appended(cursor, head, sorted(rows, reverse=True), at)

    patch.setattr(relay, "sequence", backwards)


@mutant("P4", "P12")
def the_relay_deletes_before_it_writes_the_log(patch: pytest.MonkeyPatch) -> None:
    """Two transactions: what is taken from the outbox is in no table in between."""

    def in_two_steps(self: relay.Relay) -> int:
        with transaction(self.engine) as cursor:
            rows = cursor.execute(
                "DELETE FROM outbox RETURNING seq, event_id, type, schema, body, actor, cause"
            ).fetchall()
        with transaction(self.engine) as cursor:
            return _appended(cursor, lock_head(cursor), sorted(rows), self.clock.now())

    patch.setattr(relay.Relay, "sequence_all", in_two_steps)


def _appended(cursor: Cursor, head: event_log.Head, rows: list[tuple[Any, ...]], at: Any) -> int:
    pos, last = head.pos, head.hash
    for _, event_id, type_, schema, body, actor, cause in rows:
        pos += 1
        last = chained(last, pos=pos, event_id=event_id, type_=type_, schema=schema, body=body)
        cursor.execute(
            "INSERT INTO event_log (pos, event_id, type, schema, body, actor, cause, at, hash)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (pos, event_id, type_, schema, body, actor, cause, at, last),
        )
    cursor.execute("UPDATE log_head SET pos = %s, hash = %s", (pos, last))
    return len(rows)


@mutant("P4")
def the_position_moves_before_the_event_is_applied(patch: pytest.MonkeyPatch) -> None:
    def early(self: Consumer, group: list[Entry], *, epoch: int) -> int:
        with transaction(self.engine) as cursor:
            fresh = self._verified(_lock_position(cursor, self.producer), group, epoch)
            if fresh:
                _move(cursor, self.producer, fresh[-1], epoch)
        with transaction(self.engine) as cursor:
            _handled(self, cursor, fresh)
        return len(fresh)

    patch.setattr(Consumer, "_apply_group", early)


@mutant("P4")
def the_position_moves_after_the_event_was_applied(patch: pytest.MonkeyPatch) -> None:
    def late(self: Consumer, group: list[Entry], *, epoch: int) -> int:
        with transaction(self.engine) as cursor:
            fresh = self._verified(_lock_position(cursor, self.producer), group, epoch)
            _handled(self, cursor, fresh)
        with transaction(self.engine) as cursor:
            if fresh:
                _move(cursor, self.producer, fresh[-1], epoch)
        return len(fresh)

    patch.setattr(Consumer, "_apply_group", late)


def _handled(consumer: Consumer, cursor: Cursor, entries: list[Entry]) -> None:
    for entry in entries:
        if handler := consumer.handlers.get(entry.type):
            work = consumer._work(cursor)
            handler.handle(decode(handler.message, entry.body), work)
            work.finish()


@mutant("P4")
def a_gap_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Whatever comes is applied, if it is newer than the last."""
    patch.setattr(Consumer, "_verified", lambda self, position, entries, epoch:
                  [entry for entry in entries if entry.pos > position.pos])  # fmt: skip
    patch.setattr(Listener, "_take", lambda self, delivery: _taken(self, delivery, whatever=True))


@mutant("P4")
def a_repeat_is_applied_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Consumer, "_verified", lambda self, position, entries, epoch: entries)
    patch.setattr(Listener, "_take", lambda self, delivery: _taken(self, delivery, whatever=True))


@mutant("P4")
def the_hash_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A message with the right number is believed, whatever it says."""
    patch.setattr(Consumer, "_verified", lambda self, position, entries, epoch:
                  [entry for entry in entries if entry.pos > position.pos])  # fmt: skip
    patch.setattr(Listener, "_take", lambda self, delivery: _taken(self, delivery, whatever=False))


def _taken(listener: Listener, delivery: Any, *, whatever: bool) -> None:
    entry, epoch = believed(delivery, producer=listener.consumer.producer, environment=listener.environment)
    position = listener.consumer.position()
    if whatever or entry.pos == position.pos + 1:
        listener.consumer.apply([entry], epoch=epoch)
    elif entry.pos > position.pos:
        listener._poll_at = 0.0
    delivery.ack()


@mutant("P4")
def nobody_reads_the_log(patch: pytest.MonkeyPatch) -> None:
    """What the bus loses stays lost."""
    patch.setattr(Consumer, "catch_up", lambda self: 0)


@mutant("P4", "P12")
def an_account_is_read_without_its_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(payments_accounts, "_LOCK", payments_accounts._LOCK.removesuffix(" FOR UPDATE"))


@mutant("P3")
def a_settled_debt_is_forgotten_in_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "settlement_postings", lambda source, **amounts: [])


@mutant()
def a_message_is_marked_as_sent_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    publish_some = relay.Relay.publish_some

    def marked_first(self: relay.Relay) -> int:
        with transaction(self.engine) as cursor:
            before = cursor.execute("SELECT published FROM log_head").fetchone()
            cursor.execute("UPDATE log_head SET published = pos")
        assert before is not None
        with transaction(self.engine) as cursor:
            entries = event_log.read_after(cursor, before[0])
            epoch = event_log.read_head(cursor).epoch
        for entry in entries:
            self.publisher.publish(entry, epoch=epoch)
        return publish_some(self)

    patch.setattr(relay.Relay, "publish_some", marked_first)


@mutant()
def a_message_is_acknowledged_before_it_is_applied(patch: pytest.MonkeyPatch) -> None:
    take = Listener._take

    def acknowledged_first(self: Listener, delivery: Any) -> None:
        delivery.ack()
        take(self, delivery)

    patch.setattr(Listener, "_take", acknowledged_first)

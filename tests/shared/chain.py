"""A producer's log and its consumer in one process, for the tests of both: what is told, read, applied and parked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from services.payments.use_cases.open_accounts import open_accounts
from shared.chassis.consumer import Consumer, Handler, Page, by_account
from shared.chassis.database import transaction
from shared.chassis.event_log import Entry, assert_known, read_after, read_head, sequence
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller, Work
from shared.messages.accounts import AccountsOpened, OpenedAccount

NOW = datetime(2025, 10, 20, tzinfo=UTC)
CALLER = Caller("staff:test")


def opened(*numbers: int) -> AccountsOpened:
    return AccountsOpened(tuple(OpenedAccount(f"{number:010d}", date(2025, 7, 1), "residential") for number in numbers))


def emit(event: Any, work: Work) -> None:
    """A use case that does nothing but tell."""
    work.emit(event)


def tell(runtime: Runtime, *events: Any) -> None:
    """Each event is committed by a command of its own."""
    for event in events:
        runtime.commands.run(emit, event, caller=CALLER)


@dataclass
class LocalReader:
    """The producer's log, read directly."""

    runtime: Runtime
    asked: int = 0

    def after(self, pos: int, hash_: bytes) -> Page:
        self.asked += 1
        with transaction(self.runtime.engine) as cursor:
            assert_known(cursor, pos, hash_)
            head = read_head(cursor)
            return Page(head.epoch, head.pos, read_after(cursor, pos))


def sequence_all(runtime: Runtime) -> None:
    with transaction(runtime.engine) as cursor:
        while sequence(cursor, at=NOW):
            pass


def log_of(runtime: Runtime) -> list[Entry]:
    with transaction(runtime.engine) as cursor:
        return read_after(cursor, 0, limit=100_000, bytes_max=100_000_000)


def consumer_of(runtime: Runtime, producer: Runtime, handle: Callable[[Any, Work], Any] = open_accounts,
                *, handlers: dict[str, Handler] | None = None) -> Consumer:  # fmt: skip
    """A consumer of ``producer``'s log under the name ``accounts``; it opens accounts unless told otherwise."""
    return Consumer(runtime.engine, producer="accounts",
                    handlers=handlers or {"AccountsOpened": by_account(AccountsOpened, handle)}, ignored=(),
                    reader=LocalReader(producer), ids=runtime.ids, clock=runtime.clock)  # fmt: skip


def accounts_in(runtime: Runtime) -> list[str]:
    with transaction(runtime.engine) as cursor:
        return [row[0] for row in cursor.execute("SELECT account_no FROM accounts ORDER BY 1").fetchall()]


def as_owner(runtime: Runtime, *statements: str) -> None:
    """Statements that the app role may not run."""
    with transaction(runtime.engine) as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        for statement in statements:
            cursor.execute(statement)


def parked_in(runtime: Runtime) -> list[tuple[int, int, str, str]]:
    with transaction(runtime.engine) as cursor:
        return cursor.execute(
            "SELECT pos, item, stream, reason FROM parked WHERE resolved_at IS NULL ORDER BY pos, item"
        ).fetchall()


def emptied(runtime: Runtime) -> Runtime:
    """The payments database as after its migration: far sooner than a new one."""
    with transaction(runtime.engine) as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # triggers that keep history are passed by
        tables = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            if table not in ("log_head", "alembic_version", "ledger_accounts"):
                cursor.execute(f"DELETE FROM {table}".encode())
        cursor.execute("UPDATE log_head SET epoch = 1, pos = 0, hash = decode(repeat('00', 32), 'hex'), published = 0")
    return runtime

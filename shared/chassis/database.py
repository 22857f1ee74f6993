"""Connections to the service's own PostgreSQL, as a role that owns nothing, with durability asserted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from shared.chassis.arrays import FlatListDumper
from shared.kernel.errors import Refusal

Cursor = psycopg.Cursor[tuple[Any, ...]]

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SUPPORTED = range(15, 19)


class UnsafeDatabase(Refusal):
    code = "unsafe_database"
    status = 503
    remedy = "Mend the setting that is named (docs/operators/database.md); the service does not start without it."


def app_role(service: str) -> str:
    """The role that a service works as: it may insert and read, and owns nothing."""
    return f"nuan_{service}_app"


def open_engine(url: str, *, service: str, pool_size: int = 10, statement_seconds: int = 10) -> Engine:
    """A pooled engine whose every connection works as the service's app role and gives up in bounded time."""
    options = {
        "role": app_role(service),
        "timezone": "UTC",
        "lock_timeout": "3s",
        "statement_timeout": f"{statement_seconds}s",
        "plan_cache_mode": "force_generic_plan",  # a few keys by index: planning each time costs more than it finds
        "idle_in_transaction_session_timeout": f"{max(30, statement_seconds)}s",
    }
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_use_lifo=True,
        pool_reset_on_return=None,  # `transaction` has ended what it began, and looks at what it is given
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "application_name": f"nuan-{service}",
            "connect_timeout": 5,
        },
    )
    event.listen(engine, "connect", lambda opened, _: opened.adapters.register_dumper(list, FlatListDumper))
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Cursor]:
    """One transaction on one pooled connection: committed when the block ends, rolled back when it raises."""
    with _lent(engine) as connection, _committed(connection) as cursor:
        yield cursor


@contextmanager
def snapshot(engine: Engine) -> Iterator[Cursor]:
    """A transaction that sees one moment in all its statements, so that sums of several tables agree."""
    with _lent(engine) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with _committed(connection) as cursor:
                yield cursor
        finally:
            if not connection.closed:
                connection.isolation_level = None


@contextmanager
def _lent(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """A pooled connection that is in no transaction; one that broke, or was left inside of one, does not go back."""
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    if connection is None or not _is_idle(connection):
        pooled.invalidate()
        raise RuntimeError("a pooled connection came back inside a transaction")
    try:
        yield connection
    finally:
        if _is_idle(connection):
            pooled.close()
        else:
            pooled.invalidate()


def _is_idle(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.transaction_status == TransactionStatus.IDLE


@contextmanager
def _committed(connection: psycopg.Connection[Any]) -> Iterator[Cursor]:
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: psycopg.Connection[Any]) -> None:
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()


def assert_safe(engine: Engine, *, schema_head: str, trial: bool = True) -> None:
    """Refuse to work on a database that can lose a commit, is read-only, too old, or of another schema.

    Where real money is kept (``trial`` false) also refuse a login that could undo the append-only tables, and a
    cluster that would not notice a damaged page.
    """
    with transaction(engine) as cursor:
        for name, wanted in DURABLE.items():
            found = _setting(cursor, name)
            if found != wanted:
                raise UnsafeDatabase(f"{name} must be {wanted}", setting=name, value=found)
        version = int(_setting(cursor, "server_version_num")) // 10000
        if version not in SUPPORTED:
            raise UnsafeDatabase("PostgreSQL 15 to 18 are supported", setting="server_version", value=version)
        if _setting(cursor, "default_transaction_isolation") != "read committed":
            raise UnsafeDatabase("the isolation level must be read committed", setting="default_transaction_isolation")
        if _setting(cursor, "transaction_read_only") == "on":
            raise UnsafeDatabase("this server is a read-only standby", setting="transaction_read_only")
        owned = cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        ).fetchone()
        if owned is None or owned[0]:
            raise UnsafeDatabase("the service works as the owner of its tables", setting="role")
        if not trial:
            _assert_fit_for_money(cursor)
        if cursor.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
            raise UnsafeDatabase("the schema was never made; run `nuan db migrate`", setting="alembic_version")
        revision = cursor.execute("SELECT version_num FROM alembic_version").fetchall()
        if revision != [(schema_head,)]:
            raise UnsafeDatabase(
                "the schema is of another version; run `nuan db migrate`",
                setting="alembic_version",
                value=str(revision),
                expected=schema_head,
            )


def _assert_fit_for_money(cursor: Cursor) -> None:
    owner = cursor.execute(
        "SELECT session_user, (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)"
        " OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(session_user, datdba, 'MEMBER'))"
        " OR EXISTS (SELECT FROM pg_tables t JOIN pg_roles r ON r.rolname = t.tableowner"
        "            WHERE t.schemaname = 'public' AND pg_has_role(session_user, r.oid, 'MEMBER'))"
    ).fetchone()
    if owner is None or owner[1]:
        login = "" if owner is None else str(owner[0])
        raise UnsafeDatabase("the service signs in as somebody who can act as the owner of its tables; give it a login"
                             " of its own (`nuan db create`)", setting="login", value=login)  # fmt: skip
    if _setting(cursor, "data_checksums") != "on":
        raise UnsafeDatabase("data_checksums must be on (pg_checksums --enable on the stopped server)",
                             setting="data_checksums", value="off")  # fmt: skip


def _setting(cursor: Cursor, name: str) -> str:
    row = cursor.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return "" if row is None else str(row[0])

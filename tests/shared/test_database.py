"""A service works on no database that can lose a commit, that it could falsify, or whose schema is another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from deploy.local.databases import beside, conninfo
from shared.chassis import database
from shared.chassis.database import UnsafeDatabase, app_role, assert_safe, open_engine, transaction
from shared.chassis.migrate import schema_head

SERVICE = "payments"


@pytest.fixture
def url(fresh_database: Callable[[str], str]) -> str:
    return fresh_database(SERVICE)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = open_engine(url, service=SERVICE)
    yield made
    made.dispose()


def set_for_database(url: str, setting: str, value: str) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(setting), sql.Literal(value)
            )
        )


def refused(engine: Engine, *, trial: bool = True) -> UnsafeDatabase:
    with pytest.raises(UnsafeDatabase) as refusal:
        assert_safe(engine, schema_head=schema_head(SERVICE), trial=trial)
    return refusal.value


def test_a_migrated_database_on_a_durable_server_is_safe(engine: Engine) -> None:
    assert_safe(engine, schema_head=schema_head(SERVICE))


@pytest.mark.parametrize(("setting", "value"), [
    ("synchronous_commit", "off"),
    ("synchronous_commit", "local"),
    ("default_transaction_isolation", "serializable"),
])  # fmt: skip
def test_a_setting_that_weakens_commits_is_refused_by_its_name(
    url: str, engine: Engine, setting: str, value: str
) -> None:
    set_for_database(url, setting, value)
    refusal = refused(engine)
    assert refusal.facts["setting"] == setting
    assert "must be" in refusal.detail
    assert refusal.remedy


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_wide_setting_that_loses_commits_is_refused(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """The server is not ours to weaken, so its answer is turned round: all others stay as the server says them."""
    ask = database._setting
    monkeypatch.setattr(database, "_setting", lambda cursor, name: "off" if name == setting else ask(cursor, name))
    assert refused(engine).facts["setting"] == setting


def test_a_read_only_server_is_refused(url: str, engine: Engine) -> None:
    set_for_database(url, "default_transaction_read_only", "on")
    assert refused(engine).facts["setting"] == "transaction_read_only"


def test_another_schema_version_is_refused(url: str, engine: Engine) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    refusal = refused(engine)
    assert refusal.facts["setting"] == "alembic_version"
    assert "nuan db migrate" in refusal.detail


def test_a_database_without_schema_is_refused_and_says_what_to_run(admin_url: str, url: str) -> None:
    empty = open_engine(beside(admin_url, "template1"), service=SERVICE)
    try:
        refusal = refused(empty)
    finally:
        empty.dispose()
    assert refusal.facts["setting"] == "alembic_version"
    assert "nuan db migrate" in refusal.detail


def test_the_tables_owner_is_refused(url: str, engine: Engine) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE mine (x int); ALTER TABLE mine OWNER TO {app_role(SERVICE)}")
    assert refused(engine).facts["setting"] == "role"


def test_where_real_money_is_kept_a_login_that_may_act_as_the_owner_is_refused(engine: Engine) -> None:
    refusal = refused(engine, trial=False)
    assert refusal.facts["setting"] == "login"
    assert refusal.facts["value"] == "postgres"


def test_every_connection_gives_up_in_bounded_time(engine: Engine) -> None:
    with transaction(engine) as cursor:
        found = {
            name: cursor.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone", "role")
        }
    assert found == {
        "lock_timeout": ("3s",), "statement_timeout": ("10s",), "idle_in_transaction_session_timeout": ("30s",),
        "TimeZone": ("UTC",), "role": (app_role(SERVICE),),
    }  # fmt: skip


def test_a_connection_that_comes_back_inside_a_transaction_is_thrown_away(engine: Engine) -> None:
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    pooled.close()
    connection.execute("SELECT 1")  # a stray statement: every later commit would be of a savepoint
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction(engine):
        pass
    with transaction(engine) as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)

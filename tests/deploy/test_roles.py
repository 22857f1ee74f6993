"""Databases made as a deployment makes them: the login that a service has can do its work, and undo none of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy.engine import make_url

from deploy.servers.databases import plain
from services.payments.domain.reversal import Reversal
from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import Reverse, reverse
from shared.chassis.auth import make_keys
from shared.chassis.database import UnsafeDatabase, app_role, transaction
from shared.chassis.event_log import first_broken, read_head, sequence
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Caller
from tests.deploy.made_server import Server
from tests.support.bills import issue, open_home

HOME = "0110000001"
CASHIER = Caller("staff:zhang")
APPEND_ONLY = {
    "accounts": ("commands", "event_log", "account_moves", "policies"),
    "payments": ("commands", "event_log", "postings", "payments", "settlements"),
    "bank_gateway": ("commands", "event_log", "files", "batch_moves", "results"),
}
SEALED = [(service, table) for service, tables in APPEND_ONLY.items() for table in tables]


@pytest.fixture
def payments(server: Server, tmp_path: Path) -> Iterator[Runtime]:
    runtime = start(settings_of(server, tmp_path))
    yield runtime
    runtime.engine.dispose()


def settings_of(server: Server, folder: Path, *, environment: str = "story-roles", owner: bool = False) -> Settings:
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text("2025-10-20")
    return Settings(
        service="payments", database_url=server.url("payments", owner=owner), bus_url="memory://",
        keys_folder=folder / "keys", urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment=environment,
        story_clock=folder / "clock",
    )  # fmt: skip


# --- what a service may do -------------------------------------------------------------------------------------------


def test_the_main_job_can_be_done(payments: Runtime) -> None:
    open_home(payments, HOME)
    issue(payments, HOME, 200_000)
    command = Pay((NewPayment(HOME, 200_000, "cash", outlet="01"),))
    answer = payments.commands.run(pay, command, caller=CASHIER, key="till-1", request=[HOME], status=201)
    assert payments.commands.run(pay, command, caller=CASHIER, key="till-1", request=[HOME], status=201).repeated
    payment_id = first_payment(answer.body)
    payments.commands.run(reverse, Reverse((Reversal(payment_id, "wrong home", in_hall=False),)), caller=CASHIER)
    with payments.commands.reading() as work:
        assert trial_balance(work)
    with transaction(payments.engine) as cursor:
        assert sequence(cursor, at=payments.clock.now()) > 0
        assert read_head(cursor).pos > 0
        assert first_broken(cursor) is None


def first_payment(body: bytes) -> int:
    paid: list[dict[str, Any]] = json.loads(body)["payments"]
    return int(paid[0]["payment_id"])


# --- what it may not do ----------------------------------------------------------------------------------------------

STATEMENTS = {
    "UPDATE": "UPDATE {table} SET {column} = {column}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
    "DISABLE TRIGGER": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE": "DROP TABLE {table} CASCADE",
    "ADD COLUMN": "ALTER TABLE {table} ADD COLUMN more int",
    "CREATE TRIGGER": "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE": "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
}


@pytest.fixture(scope="module")
def signed_in(server: Server) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    made: dict[tuple[str, bool], psycopg.Connection[Any]] = {}

    def connect(service: str, *, owner: bool = False) -> psycopg.Connection[Any]:
        if (service, owner) not in made:
            made[service, owner] = psycopg.connect(server.url(service, owner=owner), autocommit=True)
            if not owner:
                made[service, owner].execute(f"SET ROLE {app_role(service)}")
        return made[service, owner]

    yield connect
    for connection in made.values():
        connection.close()


@pytest.mark.parametrize("statement", STATEMENTS, ids=str)
@pytest.mark.parametrize(("service", "table"), SEALED, ids=str)
def test_what_was_written_is_not_changed(
    signed_in: Callable[..., psycopg.Connection[Any]], service: str, table: str, statement: str
) -> None:
    connection = signed_in(service)
    column = next(iter(connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ())).name
    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute(STATEMENTS[statement].format(table=table, column=column))


@pytest.mark.parametrize("statement", [
    "SET session_replication_role = replica",
    "CREATE TABLE public.mine (x int)",
    "CREATE SCHEMA mine",
    "DROP FUNCTION refuse_change CASCADE",
    "ALTER FUNCTION refuse_change() RENAME TO allow_change",
    "CREATE ROLE mine",
    "ALTER SYSTEM SET fsync = off",
    "COPY commands TO PROGRAM 'true'",
    "INSERT INTO log_head (epoch, pos, hash, published) VALUES (2, 0, '', 0)",
    "UPDATE log_head SET epoch = epoch + 1",
    "UPDATE alembic_version SET version_num = 'mine'",
    "INSERT INTO commands (command_id, name, actor, request_id, business_on, at)"
    " VALUES (-1, 'pay', 'me', 'r', '2025-10-20', '2000-01-01')",
])  # fmt: skip
@pytest.mark.parametrize("service", SERVICES)
def test_nothing_around_it_is_changed_either(
    signed_in: Callable[..., psycopg.Connection[Any]], service: str, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        signed_in(service).execute(statement)


@pytest.mark.parametrize("service", SERVICES)
def test_no_table_that_is_append_only_may_be_changed_and_only_the_outbox_emptied(
    signed_in: Callable[..., psycopg.Connection[Any]], service: str
) -> None:
    connection, role = signed_in(service), app_role(service)
    rows = connection.execute(
        "SELECT c.relname, bool_or(t.tgname LIKE '%%append_only'), has_any_column_privilege(%(role)s, c.oid, 'UPDATE'),"
        " has_table_privilege(%(role)s, c.oid, 'DELETE'), has_table_privilege(%(role)s, c.oid, 'TRUNCATE,TRIGGER')"
        " FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid, c.relname",
        {"role": role},
    ).fetchall()
    sealed = {name for name, append_only, *_ in rows if append_only}
    assert set(APPEND_ONLY[service]) <= sealed
    assert {name for name, append_only, update, *_ in rows if append_only and update} == set()
    assert {name for name, *_, delete, _ in rows if delete} == {"outbox"}
    assert {name for name, *_, more in rows if more} == set()


def test_the_login_itself_has_no_rights_at_all(server: Server) -> None:
    with psycopg.connect(server.url("payments"), autocommit=True) as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM public.payments")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"{server.mark}_payments_owner")))
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {app_role('accounts')}")


def test_a_service_cannot_enter_the_database_of_another(server: Server) -> None:
    other = make_url(server.url("payments")).set(database=f"{server.mark}_accounts")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(other.render_as_string(hide_password=False))


def test_the_owner_meets_the_second_fence(payments: Runtime, server: Server) -> None:
    open_home(payments, "0110000009")
    with psycopg.connect(server.url("payments", owner=True), autocommit=True) as connection:
        with pytest.raises(errors.RestrictViolation, match="commands is append-only"):
            connection.execute("UPDATE commands SET actor = 'nobody'")
        with pytest.raises(errors.RestrictViolation, match="event_log is append-only"):
            connection.execute("DELETE FROM event_log")


def test_where_real_money_is_kept_a_service_does_not_start_as_the_owner(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(plain(server.admin_url), autocommit=True) as connection:
        owner = sql.Identifier(f"{server.mark}_payments_owner")
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(app_role("payments")), owner))
    with pytest.raises(UnsafeDatabase) as refusal:
        start(settings_of(server, tmp_path, environment="production", owner=True))
    assert refusal.value.facts["setting"] == "login"


def test_where_real_money_is_kept_damaged_pages_would_be_noticed(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(plain(server.admin_url)) as connection:
        checksums = connection.execute("SELECT current_setting('data_checksums')").fetchone()
    production = settings_of(server, tmp_path, environment="production")
    if checksums == ("on",):
        start(production).engine.dispose()
        return
    with pytest.raises(UnsafeDatabase) as refusal:
        start(production)
    assert refusal.value.facts["setting"] == "data_checksums"

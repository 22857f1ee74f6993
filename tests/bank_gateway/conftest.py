"""A bank desk on a database that is as new for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from deploy.local.databases import ScratchDatabases, conninfo
from shared.chassis.auth import make_keys
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.messages.payments import DebitsPosted, PostedDebit
from tests.bank_gateway.desk import Desk
from tests.bank_gateway.fake_payments import FakePayments
from tests.bank_gateway.logs import hear_log

SEEDED = {
    "log_head": "UPDATE log_head SET epoch = 1, pos = 0, hash = decode(repeat('00', 32), 'hex'), published = 0",
    "banks": "DELETE FROM banks WHERE bank <> 'unassigned'",
    "alembic_version": "",
}


@pytest.fixture(scope="session")
def gateway_database(admin_url: str) -> Iterator[str]:
    """The owner's URL of one migrated database of the gateway; making one takes far longer than emptying it."""
    with ScratchDatabases(admin_url, services=("bank_gateway",)) as urls:
        yield urls["bank_gateway"]


def emptied(url: str) -> str:
    """As after its migration. Only here, and only as a superuser: triggers that keep history are passed by."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            statement = SEEDED.get(table, f"DELETE FROM {table}")
            if statement:
                connection.execute(statement.encode())
        connection.execute("ALTER SEQUENCE batch_numbers RESTART")
    return url


@pytest.fixture
def make_desk(gateway_database: str, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """A desk on an empty database; the one that was made before is not to be used any more."""
    made: list[Runtime] = []

    def make(day: date = date(2025, 12, 5)) -> Desk:
        folder = tmp_path / str(len(made))
        make_keys(folder / "keys", issuers=SERVICES)
        (folder / "clock").write_text(day.isoformat())
        settings = Settings(
            service="bank_gateway", database_url=emptied(gateway_database), bus_url="memory://",
            keys_folder=folder / "keys", urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test",
            story_clock=folder / "clock", work_folder=folder / "work",
        )  # fmt: skip
        made.append(start(settings))
        return Desk(made[-1], FakePayments())

    yield make
    for runtime in made:
        runtime.engine.dispose()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """The day is 5 December 2025."""
    return make_desk()


@pytest.fixture
def posted_debits() -> Callable[..., None]:
    """``posted_debits(desk, [(batch_no, account_no, item_no, settled_fen, credit_fen), …])``: payments' log so far."""

    def hear(desk: Desk, debits: list[tuple[int, str, int, int, int]]) -> None:
        hear_log(desk, "payments", [
            DebitsPosted(batch_no, (PostedDebit(account_no, 1, item_no, 500 + item_no, settled_fen, credit_fen),))
            for batch_no, account_no, item_no, settled_fen, credit_fen in debits
        ])  # fmt: skip

    return hear

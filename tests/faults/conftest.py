"""Databases of accounts and payments that are emptied for every simulation: making them takes far longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest

from deploy.local.databases import ScratchDatabases, conninfo
from shared.chassis.auth import make_keys
from shared.chassis.runtime import start
from shared.chassis.settings import SERVICES, Settings
from tests.faults.simulation import SERVICES as SIMULATED
from tests.faults.simulation import Simulation

SEEDED = {
    "log_head": "UPDATE log_head SET epoch = 1, pos = 0, hash = decode(repeat('00', 32), 'hex'), published = 0",
    "alembic_version": "",
    "ledger_accounts": "",
}


@pytest.fixture(scope="session")
def simulated_databases(admin_url: str) -> Iterator[dict[str, str]]:
    with ScratchDatabases(admin_url, services=SIMULATED) as urls:
        yield urls


@pytest.fixture
def simulate(simulated_databases: dict[str, str], tmp_path: Path) -> Iterator[Callable[[int], Simulation]]:
    """``simulate(seed)``: accounts and payments on empty databases; the one before is not to be used any more."""
    with ExitStack() as stack:
        yield lambda seed: stack.enter_context(_simulation(simulated_databases, tmp_path / str(seed), seed))


@contextmanager
def _simulation(urls: dict[str, str], folder: Path, seed: int) -> Iterator[Simulation]:
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(date(2025, 10, 20).isoformat())
    runtimes = {}
    for service, url in urls.items():
        _empty(url)
        runtimes[service] = start(Settings(
            service=service, database_url=url, bus_url="memory://", keys_folder=folder / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test",
            story_clock=folder / "clock", work_folder=folder / "work",
        ))  # fmt: skip
    try:
        yield Simulation(runtimes, folder, seed)
    finally:
        for runtime in runtimes.values():
            runtime.engine.dispose()


def _empty(url: str) -> None:
    """As after the migration. Only here, and only as a superuser: triggers that keep history are passed by."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute("SET session_replication_role = replica")
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            if statement := SEEDED.get(table, f"DELETE FROM {table}"):
                connection.execute(statement.encode())

"""Fixtures for every test: a PostgreSQL server, fresh databases, a service's runtime."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.local.databases import ScratchDatabases
from deploy.local.in_process import InProcessSystem
from shared.chassis.auth import make_keys
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings

SHARED = Path(os.environ.get("NUAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on which databases may be made: the one that is named, or an embedded one of our own."""
    if named := os.environ.get("NUAN_TEST_POSTGRES_URL"):
        yield named.replace("postgresql://", "postgresql+psycopg://")
        return
    from deploy.local.postgres import LocalPostgres

    server = LocalPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server.url("postgres")
    server.stop(mode="immediate")


@pytest.fixture
def fresh_database(admin_url: str) -> Iterator[Callable[[str], str]]:
    """``fresh_database("payments")`` → the owner's URL of a migrated, empty database, dropped after the test."""
    made: list[ScratchDatabases] = []

    def make(service: str) -> str:
        made.append(ScratchDatabases(admin_url, services=(service,)))
        return made[-1].__enter__()[service]

    yield make
    for databases in made:
        databases.__exit__()


@pytest.fixture
def make_runtime(fresh_database: Callable[[str], str], tmp_path: Path) -> Iterator[Callable[..., Runtime]]:
    """``make_runtime("payments", day=…)``: a service's runtime on a fresh database, its clock in ``tmp_path/clock``."""
    made: list[Runtime] = []

    def make(service: str, *, day: date = date(2025, 10, 20)) -> Runtime:
        make_keys(tmp_path / "keys", issuers=SERVICES)
        (tmp_path / "clock").write_text(day.isoformat())
        settings = Settings(
            service=service,
            database_url=fresh_database(service),
            bus_url="memory://",
            keys_folder=tmp_path / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"),
            environment="story-test",
            story_clock=tmp_path / "clock",
            work_folder=tmp_path / "work",
        )
        made.append(start(settings))
        return made[-1]

    yield make
    for runtime in made:
        runtime.engine.dispose()


@pytest.fixture
def system(admin_url: str, tmp_path: Path) -> Iterator[InProcessSystem]:
    """The three services in this process on fresh databases; the day is 2025-07-01 until it is set."""
    with ScratchDatabases(admin_url) as urls, InProcessSystem(urls, folder=tmp_path, day=date(2025, 7, 1)) as running:
        yield running


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder with example data beside the checkout; tests that use it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("the shared example data is not beside this checkout")
    return SHARED

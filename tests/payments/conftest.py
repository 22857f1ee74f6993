"""Tills: on books that the tests of this folder share, and on books of one's own. All are complete after every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.databases import ScratchDatabases
from shared.chassis.auth import make_keys
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from tests.payments.till import NO_WINDOW, Till


@pytest.fixture(scope="session")
def shared_books(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Path]]:
    """One database for many tests; each takes homes of its own, so none sees another."""
    folder = tmp_path_factory.mktemp("till")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(NO_WINDOW.isoformat())
    with ScratchDatabases(admin_url, services=("payments",)) as urls:
        runtime = start(Settings(
            service="payments", database_url=urls["payments"], bus_url="memory://", keys_folder=folder / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test", story_clock=folder / "clock",
            work_folder=folder / "work",
        ))  # fmt: skip
        yield runtime, folder / "clock"
        runtime.engine.dispose()


@pytest.fixture
def till(shared_books: tuple[Runtime, Path]) -> Iterator[Till]:
    """The day is 20 October 2025: no discount, nothing late."""
    till = Till(*shared_books)
    yield till
    till.assert_complete()


@pytest.fixture
def own_till(make_runtime: Callable[..., Runtime], tmp_path: Path) -> Iterator[Till]:
    """A till on empty books, for what counts everything."""
    till = Till(make_runtime("payments"), tmp_path / "clock")
    yield till
    till.assert_complete()

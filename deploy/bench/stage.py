"""Where a benchmark plays: fresh databases on one server, services' settings with a clock of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy.engine import make_url

from deploy.local.databases import ScratchDatabases, conninfo, create_database, drop_database
from deploy.local.ports import free_port
from deploy.local.queue import install_queue, queue_url
from shared.chassis.auth import make_keys
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings


@dataclass(frozen=True)
class Stage:
    """``variables`` are what a service's process is told; ``settings(service)`` the same for this process."""

    folder: Path
    admin_url: str
    databases: dict[str, str]
    urls: dict[str, str]
    bus_url: str

    def settings(self, service: str, *, pool_size: int = 10) -> Settings:
        return Settings(
            service=service, database_url=self.databases[service], bus_url=self.bus_url,
            keys_folder=self.folder / "keys", urls=self.urls, environment="story-bench", pool_size=pool_size,
            story_clock=self.folder / "clock", work_folder=self.folder / "work" / service,
        )  # fmt: skip

    def runtime(self, service: str, *, pool_size: int = 10) -> Runtime:
        return start(self.settings(service, pool_size=pool_size), statement_seconds=600)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "NUAN_KEYS": str(self.folder / "keys"),
            "NUAN_WORK_FOLDER": str(self.folder / "work"),
            "NUAN_ENVIRONMENT": "story-bench",
            "NUAN_STORY_CLOCK": str(self.folder / "clock"),
            "NUAN_BUS_URL": self.bus_url,
            **{f"NUAN_{service.upper()}_DATABASE_URL": url for service, url in self.databases.items()},
            **{f"NUAN_{service.upper()}_URL": url for service, url in self.urls.items()},
        }

    def tidy(self) -> None:
        """What made the databases is over: rows counted, pages written, so that what is measured does not pay for it."""
        for url in self.databases.values():
            with psycopg.connect(conninfo(url), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")

    @contextmanager
    def copies(self) -> Iterator[dict[str, str]]:
        """A copy of each database as it is now, dropped at the end; nobody may be connected to the originals."""
        with ExitStack() as drops:
            copied = {}
            for service, url in self.databases.items():
                name = _scratch(f"floor_{service}")
                copied[service] = create_database(self.admin_url, name, template=str(make_url(url).database))
                drops.callback(drop_database, self.admin_url, name)
            yield copied


@contextmanager
def stage(admin_url: str, *, day: date, services: tuple[str, ...] = SERVICES, bus: bool = False) -> Iterator[Stage]:
    """Fresh databases and keys, dropped and removed at the end; ``bus``: with a queue that processes can share."""
    with ExitStack() as ends:
        databases = ends.enter_context(ScratchDatabases(admin_url, services=services))
        bus_url = ends.enter_context(_queue(admin_url)) if bus else "memory://"
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="nuan-bench-")))
        make_keys(folder / "keys", issuers=SERVICES)
        (folder / "clock").write_text(day.isoformat(), encoding="ascii")
        urls = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        yield Stage(folder, admin_url, databases, urls, bus_url)


@contextmanager
def _queue(admin_url: str) -> Iterator[str]:
    name = _scratch("bus")
    words = conninfo(create_database(admin_url, name))
    try:
        install_queue(words)
        yield queue_url(words)
    finally:
        drop_database(admin_url, name)


def _scratch(what: str) -> str:
    return f"nuan_scratch_{what}_{uuid.uuid4().hex[:12]}"

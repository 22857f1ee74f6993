"""Where a benchmark plays: fresh databases on one server, services' settings with a clock of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.databases import ScratchDatabases
from deploy.local.ports import free_port
from shared.chassis.auth import make_keys
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings


@dataclass(frozen=True)
class Stage:
    """``variables`` are what a service's process is told; ``settings(service)`` the same for this process."""

    folder: Path
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


@contextmanager
def stage(
    admin_url: str, *, day: date, services: tuple[str, ...] = SERVICES, bus_url: str = "memory://"
) -> Iterator[Stage]:
    """Fresh databases and keys, dropped and removed at the end."""
    with ScratchDatabases(admin_url, services=services) as databases, TemporaryDirectory(prefix="nuan-bench-") as name:
        folder = Path(name)
        make_keys(folder / "keys", issuers=SERVICES)
        (folder / "clock").write_text(day.isoformat(), encoding="ascii")
        urls = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        yield Stage(folder, databases, urls, bus_url)

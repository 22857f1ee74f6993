"""What is killed: PostgreSQL, the broker, the halves of two services and their clients, each started by us."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from deploy.local.processes import DidNotStart
from deploy.prove.broker import Broker, available
from deploy.prove.embedded_bus import EmbeddedBus
from shared.chassis.auth import Keys, make_keys, staff_token
from shared.chassis.migrate import migrate
from shared.chassis.settings import SERVICES

ON_STAGE = ("accounts", "payments")
WRITER = Path(__file__).with_name("writer.py")
CLIENTS = {"till": "payments", "clerk": "accounts"}
"""Kinds of clients, and whom each asks."""
DAY = "2025-10-20"
"""Business stands still on it, so that the bills of the current season can be corrected in any year."""
ROLES = ("cashier", "supervisor", "clerk", "finance", "system_admin")


def new_folder() -> Path:
    """A folder for a run, with a name short enough for sockets, that the database's user can walk through."""
    folder = Path(tempfile.mkdtemp(prefix="nuan-prove-"))
    folder.chmod(0o711)
    return folder


@contextmanager
def stage_folder() -> Iterator[Path]:
    """A folder for a run that is gone afterwards."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Stage:
    """``folder`` holds everything; `start` brings it up, `kill` ends one thing, `revive` starts what is dead."""

    folder: Path
    seed: int
    tills: int = 3
    accounts: int = 200
    command: tuple[str, ...] = ("-m",)
    """How Python is told to run a service's module; tests put a launcher of theirs in front."""
    server: LocalPostgres = field(init=False)
    broker: Broker | EmbeddedBus = field(init=False)
    urls: dict[str, str] = field(init=False)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = LocalPostgres(self.folder / "data")
        self.broker = Broker(self.folder / "broker") if available() else EmbeddedBus(self.server)
        self.urls = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}

    def start(self) -> None:
        self.server.start()
        (self.folder / "clock").write_text(DAY)
        make_keys(self.folder / "keys", issuers=SERVICES)
        for service in ON_STAGE:
            self.server.ensure_database(f"nuan_{service}", owner="postgres")
            migrate(service, self.server.url(f"nuan_{service}"))
        self.broker.start()
        self.broker.wait()
        self.renew_token()
        for service in ON_STAGE:
            for half in ("web", "worker"):
                self._spawn(f"{service}-{half}")
        self._wait_ready()

    @property
    def books(self) -> Path:
        return self.folder / "books"

    def start_clients(self) -> None:
        self.books.mkdir(exist_ok=True)
        for number in range(self.tills):
            self._spawn(f"till-{number}")
        self._spawn("clerk-0")

    def kill(self, name: str) -> None:
        """End one process and its children as if its power were cut."""
        process = self._processes.get(name)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_postgres(self) -> float:
        """End the postmaster and every child of it at once, then start it again; the seconds until it answers."""
        pid = self.server.pid()
        if pid is not None:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in [pid, *map(int, children)]:
                try:
                    os.kill(each, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        begun = time.monotonic()
        self.server.start()
        return time.monotonic() - begun

    def revive(self) -> None:
        """Start again what is dead, as a supervisor would."""
        for name in list(self._processes):
            if self._processes[name].poll() is not None:
                self._spawn(name)

    def stop_clients(self) -> None:
        for name in [name for name in self._processes if name.split("-")[0] in CLIENTS]:
            self.kill(name)
            del self._processes[name]

    def end(self) -> None:
        for name in list(self._processes):
            self.kill(name)
        self.broker.end()
        self.server.stop(mode="immediate")

    def renew_token(self) -> None:
        """A token for the clients; they read the file at every request."""
        token = staff_token(Keys(self.folder / "keys"), login="prove", person="prove", roles=ROLES,
                            signed_in_at=int(time.time()))  # fmt: skip
        coming = self.folder / "token.coming"
        coming.write_text(token)
        coming.replace(self.folder / "token")

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.folder / 'token').read_text()}"}

    def database_urls(self) -> dict[str, str]:
        return {service: self.server.url(f"nuan_{service}") for service in ON_STAGE}

    def variables(self) -> dict[str, str]:
        urls = self.database_urls()
        return {
            **os.environ, "NUAN_KEYS": str(self.folder / "keys"), "NUAN_BUS_URL": self.broker.url,
            "NUAN_ENVIRONMENT": "story-prove", "NUAN_WORK_FOLDER": str(self.folder / "work"),
            "NUAN_STORY_CLOCK": str(self.folder / "clock"),
            **{f"NUAN_{service.upper()}_DATABASE_URL": urls[service] for service in ON_STAGE},
            **{f"NUAN_{service.upper()}_URL": url for service, url in self.urls.items()},
        }  # fmt: skip

    def _spawn(self, name: str) -> None:
        kind, _, half = name.partition("-")
        variables = self.variables()
        if kind in CLIENTS:
            command = [str(WRITER), kind, str(self.books), name, self.urls[CLIENTS[kind]], str(self.folder / "token"),
                       str(self.seed), str(self.accounts)]  # fmt: skip
        else:
            command = [*self.command, f"services.{kind}", half]
            variables["NUAN_WEB_WORKERS"] = "2" if kind == "payments" else "1"
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen([sys.executable, *command], env=variables, stdout=log, stderr=log,
                                                     stdin=subprocess.DEVNULL, start_new_session=True)  # fmt: skip

    def _wait_ready(self, *, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        for service in ON_STAGE:
            while not self._is_ready(service):
                if time.monotonic() > ends:
                    raise DidNotStart(f"{service} did not become ready", log=str(self.folder / f"{service}-web.log"))
                time.sleep(0.1)

    def _is_ready(self, service: str) -> bool:
        try:
            return requests.get(f"{self.urls[service]}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

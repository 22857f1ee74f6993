"""What is killed: PostgreSQL, the broker, the halves of two services and the writers, each started by us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from deploy.prove.broker import Broker, available
from shared.chassis.auth import Keys, make_keys, staff_token
from shared.chassis.migrate import migrate
from shared.chassis.settings import SERVICES

ON_STAGE = ("accounts", "payments")
WRITER = Path(__file__).with_name("writer.py")


@dataclass
class Stage:
    """``folder`` holds everything; `start` brings it up, `kill` ends one thing, `revive` starts what is dead."""

    folder: Path
    seed: int
    writers: int = 3
    accounts: int = 200
    server: LocalPostgres = field(init=False)
    broker: Broker | None = field(init=False)
    urls: dict[str, str] = field(init=False)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = LocalPostgres(self.folder / "data")
        self.broker = Broker(self.folder / "broker") if available() else None
        self.urls = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}

    def start(self) -> None:
        self.server.start()
        make_keys(self.folder / "keys", issuers=SERVICES)
        for service in ON_STAGE:
            self.server.ensure_database(f"nuan_{service}", owner="postgres")
            migrate(service, self.server.url(f"nuan_{service}"))
        if self.broker is not None:
            self.broker.start()
            self.broker.wait()
        self.renew_token()
        for name in self.names():
            if not name.startswith("writer"):
                self._spawn(name)
        self._wait_ready()

    def start_writers(self) -> None:
        for number in range(self.writers):
            self._spawn(f"writer-{number}")

    def names(self) -> list[str]:
        halves = [f"{service}-{half}" for service in ON_STAGE for half in ("web", "worker")]
        return [*halves, *(f"writer-{number}" for number in range(self.writers))]

    def kill(self, name: str) -> None:
        """End one process as if its power were cut."""
        process = self._processes.get(name)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_postgres(self) -> None:
        """End the postmaster and every child of it at once, then start it again: it recovers from its log."""
        pid = self.server.pid()
        if pid is not None:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in [pid, *map(int, children)]:
                try:
                    os.kill(each, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        self.server.start()

    def revive(self) -> None:
        """Start again what is dead, as a supervisor would."""
        for name in list(self._processes):
            if self._processes[name].poll() is not None:
                self._spawn(name)

    def stop_writers(self) -> None:
        for name in [name for name in self._processes if name.startswith("writer")]:
            self.kill(name)
            del self._processes[name]

    def end(self) -> None:
        for name in list(self._processes):
            self.kill(name)
        if self.broker is not None:
            self.broker.kill()
        self.server.stop(mode="immediate")

    def renew_token(self) -> None:
        """A token for the writers; they read the file at every request."""
        roles = ("cashier", "supervisor", "clerk", "finance", "system_admin")
        keys = Keys(self.folder / "keys")
        token = staff_token(keys, login="prove", person="prove", roles=roles, signed_in_at=int(time.time()))
        coming = self.folder / "token.coming"
        coming.write_text(token)
        coming.replace(self.folder / "token")

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.folder / 'token').read_text()}"}

    def database_url(self, service: str) -> str:
        return self.server.url(f"nuan_{service}")

    def variables(self) -> dict[str, str]:
        bus = self.broker.url if self.broker is not None else "memory://"
        return {
            **os.environ, "NUAN_KEYS": str(self.folder / "keys"), "NUAN_BUS_URL": bus, "NUAN_ENVIRONMENT": "story-prove",
            "NUAN_WORK_FOLDER": str(self.folder / "work"),
            **{f"NUAN_{service.upper()}_DATABASE_URL": self.database_url(service) for service in ON_STAGE},
            **{f"NUAN_{service.upper()}_URL": url for service, url in self.urls.items()},
        }  # fmt: skip

    def _spawn(self, name: str) -> None:
        service, _, half = name.partition("-")
        command = [sys.executable, "-m", f"services.{service}", half]
        if service == "writer":
            command = [sys.executable, str(WRITER), str(self.folder / "books"), name, self.urls["payments"],
                       str(self.folder / "token"), str(self.seed), str(self.accounts)]  # fmt: skip
            (self.folder / "books").mkdir(exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, env=self.variables(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def _wait_ready(self, *, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        for service in ON_STAGE:
            while True:
                try:
                    if requests.get(f"{self.urls[service]}/readyz", timeout=2).status_code == 200:
                        break
                except requests.RequestException:
                    pass
                if time.monotonic() > ends:
                    raise RuntimeError(f"{service} did not become ready; see {self.folder}")
                time.sleep(0.1)

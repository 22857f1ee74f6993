"""The services' own processes on a benchmark's stage: started, watched until they come to rest, their memory told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import requests

from deploy.bench.floor import FloorFailed
from deploy.bench.stage import Stage
from deploy.local.databases import conninfo
from shared.chassis.bus import SUBSCRIPTIONS

READY_SECONDS = 120
STANDSTILL_SECONDS = 300
END_SECONDS = 30
LOOK_SECONDS = 0.1


class Company:
    """``with Company(stage, "accounts", "payments") as company``: web and worker of each service, ready.

    ``peaks_mb`` is known after the block: the largest that each process ever was, in MiB of resident memory.
    """

    def __init__(self, where: Stage, *services: str) -> None:
        self.where, self.services = where, services
        self.peaks_mb: dict[str, float] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Company:
        try:
            for service in self.services:
                self.start(service, "web")
                self.start(service, "worker")
            for service in self.services:
                self._wait_ready(service)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for name, process in self._processes.items():
            self.peaks_mb[name] = _ended(process)

    def start(self, service: str, *words: str) -> None:
        """One more process of a service: ``web``, ``worker``, ``bill RUN_ID``."""
        name = f"{service} {words[0]}"
        if before := sum(other.startswith(name) for other in self._processes):
            name += f" {before + 1}"
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.where.variables}, start_new_session=True,
            )  # fmt: skip

    def come_to_rest(self, *, also: Callable[[], bool] = lambda: True) -> None:
        """Wait until every event is sequenced and applied everywhere, and ``also`` says so."""
        with Watch(self.where.databases, self.services) as watch:
            seen, since = watch.positions(), time.monotonic()
            while not (watch.at_rest() and also()):
                time.sleep(LOOK_SECONDS)
                if (now := watch.positions()) != seen:
                    seen, since = now, time.monotonic()
                elif time.monotonic() - since > STANDSTILL_SECONDS:
                    raise FloorFailed("the services stand still", positions=str(now), logs=self._last_words())

    def _wait_ready(self, service: str) -> None:
        ends = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends:
            try:
                if requests.get(f"{self.where.urls[service]}/readyz", timeout=2).status_code == requests.codes.ok:
                    return
            except requests.RequestException:
                time.sleep(LOOK_SECONDS)
        raise FloorFailed(f"{service} did not start", logs=self._last_words())

    def _log(self, name: str) -> Path:
        return self.where.folder / f"{name}.log"

    def _last_words(self) -> str:
        return " | ".join(f"{name}: {self._log(name).read_text(errors='replace')[-300:]}" for name in self._processes)


def _ended(process: subprocess.Popen[bytes]) -> float:
    """End a process and tell its peak, or that of the largest process it had started."""
    killing = time.monotonic() + END_SECONDS
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if not pid:
        os.kill(process.pid, signal.SIGTERM)
    while not pid:
        if time.monotonic() > killing:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(LOOK_SECONDS / 2)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    return round(usage.ru_maxrss / 1024, 1)


class Watch:
    """How far logs and streams are, asked of the databases themselves."""

    def __init__(self, databases: dict[str, str], services: Iterable[str]) -> None:
        self._connections = {
            service: psycopg.connect(conninfo(databases[service]), autocommit=True) for service in services
        }

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            connection.close()

    def positions(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            service: [
                *connection.execute("SELECT 'log', pos FROM log_head").fetchall(),
                *connection.execute("SELECT producer, pos FROM positions ORDER BY producer").fetchall(),
                *connection.execute("SELECT 'parked', count(*) FROM parked").fetchall(),
            ]
            for service, connection in self._connections.items()
        }

    def at_rest(self) -> bool:
        for connection in self._connections.values():
            if connection.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                return False
        known: dict[str, dict[str, int]] = {service: dict(rows) for service, rows in self.positions().items()}
        if any(rows["parked"] for rows in known.values()):
            raise FloorFailed("a service parked an event")
        return all(
            known[consumer].get(producer, 0) == known[producer]["log"]
            for consumer in known for producer in SUBSCRIPTIONS[consumer] if producer in known
        )  # fmt: skip

"""All three services in one process, over real HTTP and the memory bus: for scenarios and tests.

The code is the one that production runs; only the processes are threads here.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from kombu.transport.memory import Channel, Transport
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from deploy.local.ports import free_port
from shared.chassis.auth import STAFF_ISSUER, Keys, make_keys, staff_token
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.database import transaction
from shared.chassis.event_log import read_head
from shared.chassis.runtime import Runtime, Worker, start
from shared.chassis.settings import SERVICES, Settings

POLL_SECONDS = 0.05


class NotSettled(RuntimeError):
    """The services did not come to rest in time."""


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        return


class InProcessSystem:
    """``with InProcessSystem(urls, folder=…) as system``: services at ``system.urls``, the clock at ``set_day``."""

    def __init__(self, database_urls: dict[str, str], *, folder: Path, day: date, bus_url: str = "memory://",
                 services: tuple[str, ...] = SERVICES, environment: str = "") -> None:  # fmt: skip
        self.services = services
        self.folder = folder
        self.clock_file = folder / "clock"
        self.set_day(day)
        make_keys(folder / "keys", issuers=SERVICES)
        self.keys = Keys(folder / "keys")
        self.environment = environment or f"story-{folder.name}"
        self.urls = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        self.settings = {
            service: Settings(
                service=service, database_url=database_urls[service], bus_url=bus_url, keys_folder=folder / "keys",
                urls=self.urls, environment=self.environment, poll_seconds=POLL_SECONDS,
                story_clock=self.clock_file, work_folder=folder / "work" / service,
            )
            for service in services
        }  # fmt: skip
        self.runtimes: dict[str, Runtime] = {}
        self._servers: list[BaseWSGIServer] = []
        self._workers: dict[str, Worker] = {}

    def __enter__(self) -> InProcessSystem:
        Channel.queues.clear()
        Transport.global_state.clear()
        for service in self.services:
            module = importlib.import_module(f"services.{service}.bootstrap")
            runtime = self.runtimes[service] = start(self.settings[service])
            port = int(self.urls[service].rsplit(":", 1)[1])
            server = make_server("127.0.0.1", port, module.web(runtime), threaded=True, request_handler=_Quiet)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            self._servers.append(server)
        for service in self.services:
            module = importlib.import_module(f"services.{service}.bootstrap")
            worker = self._workers[service] = module.worker(self.runtimes[service])
            worker.relay.poll_seconds = 0.005
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.stop.set()
        for worker in self._workers.values():
            worker.join()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for runtime in self.runtimes.values():
            runtime.engine.dispose()

    def set_day(self, day: date) -> None:
        self.clock_file.parent.mkdir(parents=True, exist_ok=True)
        coming = self.clock_file.with_suffix(".coming")
        coming.write_text(day.isoformat(), encoding="ascii")
        coming.replace(self.clock_file)  # whoever reads meanwhile sees the one day or the other

    def token(self, *roles: str, login: str = "story") -> str:
        """A staff token with these roles, as a sign-in would give it."""
        if STAFF_ISSUER not in SERVICES:
            raise RuntimeError("nobody signs staff tokens")
        return staff_token(self.keys, login=login, person=login, roles=roles, signed_in_at=int(time.time()))

    def settle(self, *, seconds: float = 20.0, also: Callable[[], bool] = lambda: True) -> None:
        """Wait until every event is sequenced and applied everywhere; raises `NotSettled` when it takes longer."""
        ends = time.monotonic() + seconds
        while not (self._at_rest() and also()):
            if time.monotonic() > ends:
                raise NotSettled(f"still working after {seconds} s")
            time.sleep(0.003)

    def _at_rest(self) -> bool:
        heads, positions = {}, {}
        for service, runtime in self.runtimes.items():
            with transaction(runtime.engine) as cursor:
                if cursor.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                    return False
                heads[service] = read_head(cursor).pos
                positions[service] = dict(cursor.execute("SELECT producer, pos FROM positions").fetchall())
        return all(
            positions[consumer].get(producer, 0) == heads[producer]
            for consumer, producers in SUBSCRIPTIONS.items() if consumer in heads
            for producer in producers if producer in heads
        )  # fmt: skip

"""What a service runs with: made once from its settings, handed to its app and its workers."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from sqlalchemy import Engine

from shared.chassis.audit import is_audited
from shared.chassis.auth import Keys
from shared.chassis.bus import SUBSCRIPTIONS, Publisher
from shared.chassis.consumer import Consumer, Handler
from shared.chassis.database import assert_safe, open_engine
from shared.chassis.ids import Ids
from shared.chassis.listener import Listener
from shared.chassis.migrate import schema_head
from shared.chassis.relay import Relay
from shared.chassis.service_client import HttpLogReader, ServiceClient
from shared.chassis.settings import Settings
from shared.chassis.unit_of_work import Commands
from shared.chassis.worker_health import WorkerHealth
from shared.kernel.clock import Clock

logger = structlog.get_logger()


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    engine: Engine
    ids: Ids
    keys: Keys
    clock: Clock
    commands: Commands

    def client(self, audience: str) -> ServiceClient:
        """A client that asks another service in the name of this one."""
        return ServiceClient(keys=self.keys, service=self.settings.service, audience=audience,
                             url=self.settings.urls[audience])  # fmt: skip


def start(settings: Settings, *, statement_seconds: int = 10) -> Runtime:
    """Open the database and refuse to go on when it is not safe."""
    engine = open_engine(settings.database_url, service=settings.service, pool_size=settings.pool_size,
                         statement_seconds=statement_seconds)  # fmt: skip
    assert_safe(engine, schema_head=schema_head(settings.service), trial=settings.is_trial)
    clock, ids = settings.clock(), Ids(engine)
    commands = Commands(engine, ids=ids, clock=clock, audited=is_audited(engine))
    return Runtime(settings, engine, ids, Keys(settings.keys_folder), clock, commands)


class Worker:
    """The background half of a service: the relay, a listener for every producer it subscribes to, its own loops.

    ``extra`` makes the service's own threads; each is told by the event it is given when to end.
    """

    def __init__(self, runtime: Runtime, *, handlers: Mapping[str, Mapping[str, Handler]],
                 ignored: Mapping[str, Iterable[str]],
                 extra: Iterable[Callable[[threading.Event], threading.Thread]] = ()) -> None:  # fmt: skip
        self.stop = threading.Event()
        settings = runtime.settings
        publisher = Publisher(settings.bus_url, producer=settings.service, environment=settings.environment)
        self.relay = Relay(runtime.engine, publisher, clock=runtime.clock, stop=self.stop)
        self.consumers = [
            Consumer(runtime.engine, producer=producer, handlers=handlers.get(producer, {}),
                     ignored=ignored.get(producer, ()), reader=HttpLogReader(runtime.client(producer)),
                     ids=runtime.ids, clock=runtime.clock, audited=runtime.commands.audited)
            for producer in SUBSCRIPTIONS[settings.service]
        ]  # fmt: skip
        self.listeners = [
            Listener(consumer, bus_url=settings.bus_url, service=settings.service,
                     environment=settings.environment, stop=self.stop, poll_seconds=settings.poll_seconds)
            for consumer in self.consumers
        ]  # fmt: skip
        self.threads: list[threading.Thread] = [self.relay, *self.listeners, *(make(self.stop) for make in extra)]
        if settings.worker_bind is not None:
            self.threads.append(WorkerHealth(settings.worker_bind, engine=runtime.engine, threads=self.threads,
                                             stop=self.stop))  # fmt: skip

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=10)

    def run_until_signalled(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        self.start()
        logger.info("worker_started")
        while not self.stop.wait(1.0):
            dead = [thread.name for thread in self.threads if not thread.is_alive()]
            if dead:
                logger.error("worker_thread_died", threads=",".join(dead))
                raise SystemExit(70)
        self.join()


class WebServer(BaseApplication):
    """gunicorn with threads, told in code; ``make_app`` is called in each worker process."""

    def __init__(self, make_app: Any, options: dict[str, Any]) -> None:
        self._make_app, self._options = make_app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make_app()


def serve(make_app: Any, *, bind: str, workers: int = 1, threads: int = 8) -> None:
    """Serve until signalled."""
    WebServer(make_app, {
        "bind": bind, "workers": workers, "threads": threads, "worker_class": "gthread", "backlog": 64,
        "timeout": 60, "graceful_timeout": 20, "keepalive": 30, "loglevel": "warning", "accesslog": None,
        "limit_request_line": 4094, "limit_request_fields": 100, "limit_request_field_size": 16_000,
        "control_socket_disable": True,
    }).run()  # fmt: skip

"""The embedded queue as the broker of a run, where this machine has no RabbitMQ: it too can be killed and wiped."""

from __future__ import annotations

import threading
import time

import psycopg

from deploy.local.postgres import LocalPostgres
from deploy.local.queue import install_queue, queue_url
from shared.kernel.errors import Refusal

DATABASE = "nuan_bus"
AWAY_SECONDS = 5.0


class EmbeddedBus:
    """A database of its own on the run's PostgreSQL. Killed, nobody is let in; wiped, it is dropped and made anew."""

    words = "embedded queue"

    def __init__(self, server: LocalPostgres) -> None:
        self.server = server
        self.url = queue_url(server.conninfo(DATABASE))
        self._ended = threading.Event()
        self._coming: threading.Thread | None = None

    def start(self) -> None:
        """Comes back after some seconds, as a broker does; the first time at once."""
        if self._coming is None:
            self._open()
        self._coming = threading.Thread(target=self._come_back, daemon=True)
        self._coming.start()

    def wait(self, *, seconds: float = 60) -> bool:
        ends = time.monotonic() + seconds
        while not self.answers() and time.monotonic() < ends:
            time.sleep(0.1)
        return self.answers()

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.server.conninfo(DATABASE)) as connection:
                return connection.execute("SELECT to_regclass('pgmq.meta')").fetchone() != (None,)
        except psycopg.Error:
            return False

    def kill(self, *, wipe: bool = False) -> None:
        with psycopg.connect(self.server.conninfo("postgres"), autocommit=True) as connection:
            if wipe:
                connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
                return
            connection.execute(
                "UPDATE pg_database SET datallowconn = false WHERE datname = %s", (DATABASE,)
            )  # so that nobody comes back in between
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (DATABASE,))

    def end(self) -> None:
        self._ended.set()
        if self._coming is not None:
            self._coming.join(timeout=10)

    def _come_back(self) -> None:
        while not self._ended.wait(AWAY_SECONDS) and not self.answers():
            try:
                self._open()
            except (psycopg.Error, Refusal):
                continue  # the database itself was killed: it is tried again

    def _open(self) -> None:
        self.server.ensure_database(DATABASE, owner="postgres")
        with psycopg.connect(self.server.conninfo("postgres"), autocommit=True) as connection:
            connection.execute("UPDATE pg_database SET datallowconn = true WHERE datname = %s", (DATABASE,))
        install_queue(self.server.conninfo(DATABASE))

"""The embedded default as somebody runs it: commands typed, processes killed by their numbers, tables looked at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import requests

from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from shared.chassis.auth import Keys, staff_token
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.settings import SERVICES

TYPED_SECONDS = 300
_SLEEPERS = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


class House:
    """``house.nuan("bill", "2025-2026")`` types a command; `kill` ends a process as if its power were cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = folder / "clock"
        self.server = LocalPostgres(folder / "home")
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUAN_")},
            "NUAN_HOME": str(folder / "home"), "NUAN_STORY_CLOCK": str(self.clock), "NUAN_ENVIRONMENT": "story-killed",
            **{f"NUAN_{service.upper()}_URL": f"http://127.0.0.1:{free_port()}" for service in SERVICES},
        }  # fmt: skip

    def set_day(self, day: date) -> None:
        coming = self.clock.with_suffix(".coming")
        coming.write_text(day.isoformat(), encoding="ascii")
        coming.replace(self.clock)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """A command that is under way."""
        return subprocess.Popen([sys.executable, "-m", "deploy.cli", *map(str, words), "--json"], env=self.variables,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip

    def nuan(self, *words: str | Path) -> tuple[int, Any]:
        """Exit code and document."""
        process = self.start(*words)
        out, _ = process.communicate(timeout=TYPED_SECONDS)
        return process.returncode, json.loads(out)

    def up(self) -> None:
        code, document = self.nuan("up")
        assert code == 0, document
        assert all(document["processes"].values()), document

    def down(self) -> None:
        self.nuan("down")
        self.server.stop(mode="immediate")

    def kill(self, *names: str) -> None:
        """End these of the six processes, ``accounts-worker`` for one, and their children."""
        for name in names:
            pid = int((self.folder / "home" / "run" / f"{name}.pid").read_text())
            os.killpg(pid, signal.SIGKILL)  # each has a session of its own
            _wait_until_gone(pid)

    def kill_all(self) -> None:
        """Everything at once, the database too."""
        pid = self.server.pid()
        assert pid is not None
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        self.kill(*(f"{service}-{half}" for service in SERVICES for half in ("web", "worker")))
        for number in (pid, *children):
            _kill(number)

    def rows(self, service: str, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.conninfo(f"nuan_{service}")) as connection:
            return connection.execute(sql.encode()).fetchall()

    @contextmanager
    def stopped_at(self, service: str, table: str, *, statement: str) -> Iterator[Callable[[], bool]]:
        """Inside, nobody gets at a table; what is handed out tells whether a statement like this one waits for it."""
        with (
            psycopg.connect(self.server.conninfo(f"nuan_{service}")) as holding,
            psycopg.connect(self.server.conninfo(f"nuan_{service}"), autocommit=True) as looking,
        ):
            holding.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ %s"
            yield lambda: looking.execute(waiting, (statement,)).fetchone() is not None

    @contextmanager
    def paused(self, service: str, table: str, *, once: str) -> Iterator[Callable[[], bool]]:
        """Inside, whoever writes to a table sleeps once the query answers true; handed out: whether somebody does.

        At the end the sleeper's session is ended, as the server does when it finds out that its client is dead.
        """
        with psycopg.connect(self.server.conninfo(f"nuan_{service}"), autocommit=True) as connection:
            connection.execute(
                "CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF ({once}) THEN PERFORM pg_sleep(100); END IF; RETURN NULL; END $$".encode()
            )
            connection.execute(
                f"CREATE TRIGGER pause BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION pause()".encode()
            )
            yield lambda: connection.execute(f"SELECT 1 {_SLEEPERS}".encode()).fetchone() is not None
            connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {_SLEEPERS}".encode())
            connection.execute("DROP FUNCTION pause CASCADE")

    def token(self, *roles: str) -> str:
        keys = Keys(self.folder / "home" / "keys")
        return staff_token(keys, login="story", person="story", roles=roles, signed_in_at=int(time.time()))

    def wait_until(self, reached: Callable[[], bool], *, seconds: float = 180) -> None:
        ends = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < ends, "not reached in time"
            time.sleep(0.05)

    def settle(self) -> None:
        """Until everybody has heard of everything."""
        self.wait_until(self._is_settled)

    def _is_settled(self) -> bool:
        states = {service: self._state(service) for service in SERVICES}
        return all(states.values()) and all(
            states[consumer]["log"]["outbox"] == 0
            and states[consumer]["streams"].get(producer, {"pos": 0})["pos"] == states[producer]["log"]["pos"]
            for consumer, producers in SUBSCRIPTIONS.items()
            for producer in producers
        )

    def _state(self, service: str) -> dict[str, Any]:
        answer = requests.get(f"{self.variables[f'NUAN_{service.upper()}_URL']}/readyz", timeout=10)
        return dict(answer.json()) if answer.status_code == 200 else {}


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _wait_until_gone(pid: int) -> None:
    """Dead and taken note of, or a zombie of somebody who ended before."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except (OSError, IndexError):
            return
        time.sleep(0.01)

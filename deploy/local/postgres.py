"""The embedded PostgreSQL: made once, started by whoever comes first, found again after any kind of end.

Reached through a socket in a folder that only its owner can enter; it listens on no network. What this life cycle
takes care of, and why the wheel's own is not used: docs/decisions/0014.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from deploy.local.binaries import enterable, run, server_account
from deploy.local.binaries import programs as reachable_programs
from shared.kernel.errors import Refusal

PORT = 5432
SOCKET_PATH_MAX = 100
START_SECONDS = 60.0

CONFIGURATION = """\
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = on
autovacuum_naptime = 15s
autovacuum_vacuum_insert_scale_factor = 0.05
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_line_prefix = '%m [%p] %a '
log_lock_waits = on
"""


class PostgresDidNotStart(Refusal):
    code = "postgres_did_not_start"
    status = 503
    remedy = "Read the lines of its log; `nuan db status` names the folder."


class PostgresIsRunning(Refusal):
    code = "postgres_is_running"
    status = 409
    remedy = "Stop it first: nuan down, nuan db stop."


@dataclass(frozen=True)
class Status:
    running: bool
    pid: int | None
    version: str
    folder: str
    socket: str
    databases: list[str] = field(default_factory=list)
    size_bytes: int = 0


class LocalPostgres:
    """The cluster of one data folder. Safe to use from many processes at once."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.account = server_account()
        self.base = self.home
        if not enterable(self.home.parent, self.account):
            self.base = Path("/var/tmp") / f"nuan-{_digest(self.home)}"  # noqa: S108 - the server's user cannot enter the home
        self.folder = self.base / "postgres"
        in_folder = self.folder / "socket"
        short = Path("/tmp") / f"nuan-{_digest(self.home)}"  # noqa: S108 - made 0700, its owner is checked
        self.socket = in_folder if len(str(in_folder)) <= SOCKET_PATH_MAX - 15 else short

    def start(self) -> None:
        """Make the cluster when there is none, start it when it does not run, return when it answers."""
        with self._locked():
            if not (self.folder / "PG_VERSION").is_file():
                self._make()
            if not self._answers():
                self._start()

    def stop(self, *, mode: str = "fast") -> None:
        """End the server (``fast``: sessions are cut, nothing committed is lost; ``immediate``: as a crash)."""
        with self._locked():
            if self.pid() is None:
                return
            done = run([str(self.programs() / "pg_ctl"), "stop", "-D", str(self.folder), "-m", mode, "-w", "-t", "60"],
                       self.account)  # fmt: skip
            if done.returncode and self.pid() is not None:
                raise PostgresDidNotStart("it did not end in time", output=done.stderr[-300:])

    def status(self) -> Status:
        running = self._answers()
        databases: list[str] = []
        if running:
            with psycopg.connect(self.conninfo("postgres")) as connection:
                rows = connection.execute(
                    "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
                ).fetchall()
                databases = [row[0] for row in rows]
        size = (
            sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) if self.folder.is_dir() else 0
        )
        version_file = self.folder / "PG_VERSION"
        version = version_file.read_text().strip() if version_file.is_file() else ""
        return Status(running, self.pid(), version, str(self.folder), str(self.socket), databases, size)

    def url(self, database: str, *, user: str = "postgres", driver: str = "postgresql+psycopg") -> str:
        """A SQLAlchemy URL over the socket."""
        query = {"host": str(self.socket), "port": str(PORT)}
        return URL.create(driver, username=user, database=database, query=query).render_as_string(hide_password=False)

    def conninfo(self, database: str, *, user: str = "postgres") -> str:
        return psycopg.conninfo.make_conninfo(
            "", host=str(self.socket), port=str(PORT), user=user, dbname=database, connect_timeout="5"
        )

    def ensure_database(self, database: str, *, owner: str) -> None:
        with self._administering() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner))
                )

    def ensure_role(self, role: str, *, login: bool = True) -> None:
        with self._administering() as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                attribute = sql.SQL("LOGIN" if login else "NOLOGIN")
                connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), attribute))

    def pid(self) -> int | None:
        """The postmaster's number, if it lives and serves this folder."""
        pid = self._noted_pid()
        return pid if pid is not None and self._serves_us(pid) else None

    @contextmanager
    def _administering(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(20251104)")
            yield connection

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time makes, starts or stops this cluster."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.home / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def programs(self) -> Path:
        """The folder of the programs that fit this cluster."""
        return reachable_programs(self.account, self.base)

    def _make(self) -> None:
        """initdb into a folder of another name, renamed when it is whole."""
        self.base.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.account.uid is not None:
            _let_pass(self.base, self.account.uid)
        making = self.base / f"postgres.{os.getpid()}.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        self.account.own(making)
        done = run([str(self.programs() / "initdb"), "-D", str(making), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                    "--locale=C", "--data-checksums", "--no-instructions"], self.account)  # fmt: skip
        if done.returncode:
            raise PostgresDidNotStart("the cluster could not be made", output=done.stderr[-500:])
        with (making / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude 'nuan.conf'\n")
        making.rename(self.folder)

    def _start(self) -> None:
        self._make_socket_folder()
        configuration = self.folder / "nuan.conf"
        configuration.write_text(CONFIGURATION.format(socket=self.socket), encoding="utf-8")
        self.account.own(configuration)
        log = self.folder / "start.log"
        ends = time.monotonic() + START_SECONDS
        while True:
            done = run([str(self.programs() / "pg_ctl"), "start", "-D", str(self.folder), "-w", "-t", "60", "-l", str(log)],
                       self.account, environment=self._past_a_stale_pid())  # fmt: skip
            if self._answers():
                return
            # Children of a postmaster that was killed hold its memory for a moment; a recovery may take longer.
            if time.monotonic() > ends:
                raise PostgresDidNotStart("it does not answer", output=done.stderr[-300:], log=_tail(log))
            time.sleep(0.2)

    def _make_socket_folder(self) -> None:
        if not self.socket.exists():
            self.socket.mkdir(mode=0o700)
            self.account.own(self.socket)
        facts = self.socket.lstat()
        owner = os.geteuid() if self.account.uid is None else self.account.uid
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner or facts.st_mode & 0o077:
            raise PostgresDidNotStart("the socket's folder is not ours alone", folder=str(self.socket))

    def _past_a_stale_pid(self) -> dict[str, str]:
        """After a crash the noted number may be another process by now; PostgreSQL is told to look past it."""
        pid = self._noted_pid()
        return {} if pid is None or self._serves_us(pid) else {"PG_GRANDPARENT_PID": str(pid)}

    def _noted_pid(self) -> int | None:
        try:
            return int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _serves_us(self, pid: int) -> bool:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return b"postgres" in words[0] and str(self.folder).encode() in words

    def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        try:
            with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:16]


def _let_pass(folder: Path, uid: int) -> None:
    """Root's data folder is closed; the server's user may walk through it to his own folder, and see nothing."""
    if folder.stat().st_uid != uid:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def _tail(path: Path, lines: int = 8) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""

"""The embedded PostgreSQL: started by whoever comes first, whole again after any kind of end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from deploy.local.backup import BadBackup, backup, restore
from deploy.local.postgres import LocalPostgres, PostgresIsRunning

START = "import sys; from pathlib import Path; from deploy.local.postgres import LocalPostgres; LocalPostgres(Path(sys.argv[1])).start()"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalPostgres]:
    made = LocalPostgres(tmp_path / "home")
    yield made
    made.stop(mode="immediate")


def write_row(server: LocalPostgres, text: str) -> None:
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (text,))


def rows(server: LocalPostgres) -> list[str]:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY 1").fetchall()]


def kill_all(server: LocalPostgres) -> None:
    pid = server.pid()
    assert pid is not None
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in [pid, *map(int, children)]:
        with suppress(ProcessLookupError):  # a child may have ended by itself
            os.kill(each, signal.SIGKILL)


def test_starting_and_stopping_twice_is_the_same_as_once(server: LocalPostgres) -> None:
    server.start()
    first = server.pid()
    server.start()
    assert server.pid() == first
    server.stop()
    server.stop()
    assert server.pid() is None
    assert not server.status().running


def test_six_processes_that_start_at_once_find_one_server(server: LocalPostgres) -> None:
    def start(_: int) -> int:
        return subprocess.run(
            [sys.executable, "-c", START, str(server.home)], check=False, cwd=Path(__file__).parents[2]
        ).returncode

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [0] * 6
    assert server.status().running
    assert not list(server.base.glob("*.making"))


def test_committed_rows_survive_the_death_of_every_process(server: LocalPostgres) -> None:
    server.start()
    write_row(server, "committed")
    kill_all(server)
    server.start()
    assert rows(server) == ["committed"]


def test_the_death_of_the_first_process_alone_is_survived_at_once(server: LocalPostgres) -> None:
    """Its children hold the shared memory for a moment longer: the next start waits for them."""
    server.start()
    write_row(server, "committed")
    with psycopg.connect(server.conninfo("postgres")) as session:
        session.execute("SELECT 1")
        first = server.pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        server.start()
        assert server.pid() not in (None, first)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    assert rows(server) == ["committed"]


def test_a_stale_number_that_is_another_living_process_does_not_hinder(server: LocalPostgres) -> None:
    server.start()
    write_row(server, "kept")
    kill_all(server)
    file = server.folder / "postmaster.pid"
    lines = file.read_text().split("\n")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        file.write_text("\n".join([str(bystander.pid), *lines[1:]]))
        server.start()
        assert rows(server) == ["kept"]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    server = LocalPostgres(tmp_path / ("long" * 20))
    try:
        server.start()
        assert len(str(server.socket)) < 80
        assert server.socket.stat().st_mode & 0o077 == 0
    finally:
        server.stop(mode="immediate")


@pytest.mark.parametrize(("setting", "value"), [
    ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("data_checksums", "on"),
    ("listen_addresses", ""), ("TimeZone", "UTC"), ("server_encoding", "UTF8"),
])  # fmt: skip
def test_it_is_durable_and_listens_on_no_network(running: LocalPostgres, setting: str, value: str) -> None:
    with psycopg.connect(running.conninfo("postgres")) as connection:
        row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    assert row == (value,)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    made = LocalPostgres(tmp_path_factory.mktemp("running"))
    made.start()
    yield made
    made.stop(mode="immediate")


def test_a_role_that_owns_nothing_can_sign_in(running: LocalPostgres) -> None:
    running.ensure_role("nuan_plain")
    running.ensure_role("nuan_plain")
    running.ensure_database("nuan_db", owner="postgres")
    running.ensure_database("nuan_db", owner="postgres")
    with psycopg.connect(running.conninfo("nuan_db", user="nuan_plain")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("nuan_plain",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (x int)")


def test_a_backup_is_restored_and_holds_the_same_rows(server: LocalPostgres, tmp_path: Path) -> None:
    server.start()
    write_row(server, "before the backup")
    report = backup(server, tmp_path / "saved")
    assert report.size_bytes > 1_000_000
    write_row(server, "after the backup")
    with pytest.raises(PostgresIsRunning):
        restore(server, tmp_path / "saved")
    server.stop()
    aside = restore(server, tmp_path / "saved")
    server.start()
    assert rows(server) == ["before the backup"]
    assert aside is not None and (Path(aside) / "PG_VERSION").is_file()


def test_a_damaged_backup_is_refused_and_the_cluster_stays(server: LocalPostgres, tmp_path: Path) -> None:
    server.start()
    write_row(server, "kept")
    backup(server, tmp_path / "saved")
    server.stop()
    damaged = tmp_path / "saved" / "global" / "pg_control"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(BadBackup):
        restore(server, tmp_path / "saved")
    with pytest.raises(BadBackup):
        restore(server, tmp_path / "nothing")
    server.start()
    assert rows(server) == ["kept"]


def python_of_everybody() -> str | None:
    """An interpreter of our version that another user may run: ours, or the system's."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (os.path.realpath(sys.executable), system):
        done = subprocess.run(["/usr/bin/env", "-i", "/bin/sh", "-c", f"test -x {candidate}"], user=65534, group=65534,
                              extra_groups=[], check=False)  # fmt: skip
        if done.returncode == 0:
            return candidate
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_normal_user_has_a_server_of_his_own() -> None:
    python = python_of_everybody()
    if python is None:
        pytest.skip("no interpreter here that another user may run")
    home = Path("/var/tmp") / f"nuan-test-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)
    script = START + "; s = LocalPostgres(Path(sys.argv[1])); print(s.status().running); s.stop()"
    try:
        done = subprocess.run(
            [python, "-c", script, str(home / "data")], user=65534, group=65534, extra_groups=[], capture_output=True,
            text=True, cwd="/", check=False,
            env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        assert done.stdout.strip() == "True", done.stderr
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=False)

"""``nuan db …`` as it is typed: what it answers, with which exit code, and that nothing is ever deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.postgres import LocalPostgres
from tests.deploy.manifests import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    LocalPostgres(tmp_path / "home").stop(mode="immediate")


def db(home: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run([sys.executable, "-m", "deploy.cli", "db", *words, "--json"], cwd=ROOT, capture_output=True,
                          text=True, check=False, timeout=120, env={**os.environ, "NUAN_HOME": str(home)})  # fmt: skip
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def query(home: Path, statement: str) -> Any:
    with psycopg.connect(LocalPostgres(home).conninfo("postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_start_backup_and_restore_as_they_are_typed(home: Path, tmp_path: Path) -> None:
    code, answer = db(home, "status")
    assert (code, answer["running"], answer["pid"]) == (1, False, None)

    code, answer = db(home, "start")
    assert (code, answer["running"], answer["databases"]) == (0, True, ["postgres"])
    query(home, "CREATE TABLE kept AS SELECT 'before' AS said")

    code, answer = db(home, "backup", str(tmp_path / "saved"))
    assert (code, answer["folder"]) == (0, str(tmp_path / "saved"))
    query(home, "UPDATE kept SET said = 'after'")
    code, answer = db(home, "backup", str(tmp_path / "saved"))
    assert (code, answer["refusal"]["code"]) == (1, "bad_backup")
    code, answer = db(home, "restore", str(tmp_path / "saved"))
    assert (code, answer["refusal"]["code"]) == (1, "postgres_is_running")

    assert db(home, "stop")[0] == 0
    code, answer = db(home, "stop")
    assert (code, answer["running"]) == (0, False)
    code, answer = db(home, "restore", str(tmp_path / "saved"))
    assert code == 0
    assert (Path(answer["old_cluster"]) / "PG_VERSION").exists()

    assert db(home, "start")[0] == 0
    assert query(home, "SELECT said FROM kept") == ("before",)
    assert db(home, "status")[0] == 0


def test_a_restore_of_what_is_not_there_is_misuse(home: Path) -> None:
    code, answer = db(home, "restore", "/nowhere/saved")
    assert code == 2
    assert "/nowhere/saved" in answer["misuse"]["detail"]

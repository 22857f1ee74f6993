"""``nuan down`` ends everything of this machine, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import nuan

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUAN_HOME", str(tmp_path))
    return tmp_path


def started(home: Path, service: str, *words: str) -> subprocess.Popen[bytes]:
    """A process with these words in its command line, noted as the web half of ``service``."""
    process = subprocess.Popen([*SLEEPS, *words])
    (home / "run").mkdir(parents=True, exist_ok=True)
    (home / "run" / f"{service}-web.pid").write_text(str(process.pid), encoding="ascii")
    return process


def test_a_demonstration_that_stays_up_is_ended_by_down(home_folder: Path) -> None:
    process = started(home_folder / "demo", "accounts", "services.accounts", "web")
    told = json.loads(CliRunner().invoke(nuan, ["down", "--json"]).stdout)
    assert told == {"stopped": ["accounts-web"]}
    assert process.wait(timeout=10) != 0


def test_a_number_that_was_given_to_another_program_is_left_alone(home_folder: Path) -> None:
    process = started(home_folder, "accounts", "somebody", "else")
    told = json.loads(CliRunner().invoke(nuan, ["down", "--json"]).stdout)
    assert told == {"stopped": []}
    assert process.poll() is None
    process.kill()
    process.wait(timeout=10)

"""The databases of a deployment, made by its own commands; and names for some that are not made yet."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from tests.deploy.made_server import Server
from tests.deploy.manifests import ROOT, compose_processes


@pytest.fixture
def unmade(admin_url: str) -> Iterator[Server]:
    made = Server(admin_url, f"nuan_t{uuid.uuid4().hex[:8]}")
    yield made
    made.drop()


@pytest.fixture(scope="session")
def server(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Made by the very commands of docker-compose.yml, each told what it is told there, in files."""
    made = Server(admin_url, f"nuan_t{uuid.uuid4().hex[:8]}")
    folder = tmp_path_factory.mktemp("secrets")
    for name, value in made.variables().items():
        (folder / name).write_text(value + "\n")
    plain_environment = {name: value for name, value in os.environ.items() if not name.startswith("NUAN_")}
    try:
        for place in ("compose databases", "compose migrate"):
            process = next(each for each in compose_processes() if each.place == place)
            told = {name: str(folder / name.removesuffix("_FILE")) for name in process.variables}
            done = subprocess.run(
                [sys.executable, "-m", "deploy.cli", *process.command[1:]], cwd=ROOT, check=False, capture_output=True,
                text=True, env={**plain_environment, **told, "NUAN_HOME": str(folder / "home")},
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert "p:w/d" not in done.stdout + done.stderr
        yield made
    finally:
        made.drop()

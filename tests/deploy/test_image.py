"""The image holds what its processes need, built from locked packages, and runs them as nobody in particular."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import ROOT, compose

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def copied() -> list[tuple[str, str]]:
    """What the build takes out of the checkout, and where it puts it."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
    return [(source, words.split()[-1]) for words in lines for source in words.split()[:-1]]


def test_it_is_run_as_the_user_that_the_deployments_name() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, flags=re.MULTILINE) == ["10001:10001"]
    assert "--uid 10001" in DOCKERFILE
    assert "--gid 10001" in DOCKERFILE


def test_its_packages_are_those_of_the_lock_with_their_hashes() -> None:
    installs = [line for line in DOCKERFILE.replace("\\\n", "").splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert "--require-hashes --no-deps -r requirements.lock" in installs[0]
    assert "--no-index" in installs[1] and "--no-deps" in installs[1]


def test_it_names_no_host() -> None:
    assert "://" not in DOCKERFILE
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    images += [service["image"] for service in compose()["services"].values() if "build" not in service]
    assert [image for image in images if "/" in image] == []


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        assert Path(source).parts[0] in let_in, source


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/nuan of the image, without its environment."""
    root = tmp_path_factory.mktemp("opt")
    for source, target in copied():
        if target.startswith("/"):
            continue
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, root / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, root / target)
    return root


def run(inside: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-P", *words], cwd=inside, env={"PYTHONPATH": str(inside), "PATH": "/nowhere"},
                          capture_output=True, text=True, check=False, timeout=60)  # fmt: skip


def test_a_service_finds_in_it_all_that_it_needs(inside: Path) -> None:
    done = run(inside, "-m", "services.accounts", "web")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("accounts: NUAN_ACCOUNTS_DATABASE_URL: is not set")


def test_the_schemas_of_all_services_are_in_it(inside: Path) -> None:
    ask = "from shared.chassis.migrate import ROOT, schema_head; from shared.chassis.settings import SERVICES"
    done = run(inside, "-c", f"{ask}; print(ROOT, *map(schema_head, SERVICES))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{inside} 0")


def test_the_definitions_of_the_broker_are_in_it(inside: Path, tmp_path: Path) -> None:
    (tmp_path / "bus_url").write_text("amqp://nuan:secret@rabbitmq:5672/nuan\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", "bus", "definitions", "--out", str(tmp_path / "definitions.json")],
        cwd=inside, env={"PYTHONPATH": str(inside), "NUAN_BUS_URL_FILE": str(tmp_path / "bus_url"), "PATH": "/nowhere"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "definitions.json").read_text()
    assert '"name": "nuan"' in written
    assert "secret" not in written


@pytest.mark.parametrize(("url", "code"), [("http://127.0.0.1:9/livez", 1), ("nonsense", 1)])
def test_the_health_check_says_no_when_nobody_answers(url: str, code: int) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "deploy" / "health.py"), url], capture_output=True, check=False)
    assert done.returncode == code

"""Every process of the deployment files is one that starts, with exactly the settings that it is given there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from deploy.local.environment import owner_variable
from deploy.servers.keys import make_all
from deploy.servers.secrets import make_secrets
from shared.chassis import settings
from shared.chassis.auth import make_keys
from shared.chassis.settings import SERVICES, read_settings
from tests.deploy.manifests import (
    ROOT,
    Process,
    compose,
    compose_processes,
    kubernetes,
    kubernetes_processes,
    secret_keys,
)

OBJECTS = kubernetes(also=("secrets.example.yaml",))
PROCESSES = [*compose_processes(), *kubernetes_processes()]
SERVING = [process for process in PROCESSES if process.is_service]
SECRET_NAMES = frozenset(compose()["secrets"])


def example() -> dict[str, str]:
    lines = (ROOT / "deploy" / "settings.example.env").read_text(encoding="utf-8").splitlines()
    return dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?NUAN_[A-Z_]+=", line))


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The example, set as it stands, except for the places that exist only on a real machine."""
    make_keys(tmp_path / "keys", issuers=SERVICES)
    values = example() | {"NUAN_KEYS": str(tmp_path / "keys"), "NUAN_STORY_CLOCK": ""}
    for name in [name for name in os.environ if name.startswith("NUAN_")]:
        monkeypatch.delenv(name)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


def test_the_example_is_taken_as_it_stands(documented: dict[str, str]) -> None:
    for service in SERVICES:
        assert read_settings(service).bind == "0.0.0.0:8101"


def test_every_setting_that_is_read_is_documented_and_no_other(
    documented: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = {owner_variable(service) for service in SERVICES}
    ask = settings.written

    def written(name: str) -> str | None:
        read.add(name)
        return ask(name)

    monkeypatch.setattr(settings, "written", written)
    for service in SERVICES:
        read_settings(service)
    for folder in ("services", "shared", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            read.update(re.findall(r"[\"'](NUAN_[A-Z_]*[A-Z])[\"']", path.read_text(encoding="utf-8")))
    assert {name.removesuffix("_FILE") for name in read} == set(example())


@pytest.mark.parametrize("process", PROCESSES, ids=str)
def test_every_variable_of_a_process_is_one_that_is_read(process: Process) -> None:
    assert {name.removesuffix("_FILE") for name in process.variables} <= set(example())


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is mounted into containers: secrets as both kinds of deployment name them, keys, folders."""
    folder = tmp_path_factory.mktemp("machine")
    make_secrets(folder / "run" / "secrets", postgres="127.0.0.1:9", rabbitmq="127.0.0.1:9")
    make_all(folder / "var" / "lib" / "nuan" / "keys")
    return folder


def on_this_machine(process: Process, machine: Path) -> dict[str, str]:
    """The process's variables with its paths below ``machine``; only what is mounted into it is there."""
    inside = Path(tempfile.mkdtemp(dir=machine))
    lib, given = inside / "var" / "lib" / "nuan", machine / "run" / "secrets"
    shutil.copytree(machine / "var" / "lib" / "nuan" / "keys" / process.service, lib / "keys" / process.service)
    for path, secret in process.files.items():
        target = inside / path.lstrip("/")
        if secret.startswith("nuan-keys"):
            continue
        if target.name in SECRET_NAMES:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(given / target.name, target)
        else:  # a Kubernetes secret is a folder; its keys are listed in secrets.example.yaml
            target.mkdir(parents=True, exist_ok=True)
            for key in secret_keys(OBJECTS)[secret]:
                name = f"{process.service}_{key}" if key == "database_url" else key
                shutil.copy(given / name, target / key)
    return {
        name: str(inside) + value if value.startswith(("/run/", "/var/")) else value
        for name, value in process.variables.items()
    }


@pytest.mark.parametrize("process", SERVING, ids=str)
def test_a_process_is_given_every_setting_that_it_needs(
    process: Process, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("NUAN_")]:
        monkeypatch.delenv(name)
    for name, value in on_this_machine(process, machine).items():
        monkeypatch.setenv(name, value)
    taken = read_settings(process.service)
    assert not taken.is_trial
    assert taken.database_url.startswith(f"postgresql://nuan_{process.service}:")


@pytest.mark.parametrize("process", [each for each in SERVING if each.place.endswith("-web")][:3], ids=str)
def test_a_service_starts_with_what_it_is_given_and_asks_for_its_database(process: Process, machine: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NUAN_")}
    done = subprocess.run(
        [sys.executable, *process.command[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env={**plain, **on_this_machine(process, machine)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{process.service}: the database does not answer: ")


@pytest.mark.parametrize("process", SERVING, ids=str)
def test_a_process_is_one_that_exists(process: Process) -> None:
    assert importlib.util.find_spec(f"services.{process.service}.__main__") is not None
    assert process.service in SERVICES and process.half in ("web", "worker") and len(process.command) == 4


@pytest.mark.parametrize("deployment", ["compose", "kubernetes"])
def test_both_halves_of_every_service_are_deployed(deployment: str) -> None:
    deployed = sorted((each.service, each.half) for each in SERVING if each.place.startswith(deployment))
    assert deployed == sorted((service, half) for service in SERVICES for half in ("web", "worker"))


@pytest.mark.parametrize("process", SERVING, ids=str)
def test_a_half_is_asked_for_its_health_where_it_listens(process: Process) -> None:
    bind = process.variables["NUAN_BIND" if process.half == "web" else "NUAN_WORKER_BIND"]
    port = int(bind.rsplit(":", 1)[1])
    if process.place.startswith("compose"):
        check = process.raw["healthcheck"]["test"]
        assert check[:2] == ["CMD", "nuan-health"]
        path = "/readyz" if process.half == "web" else "/livez"
        assert check[2] == f"http://127.0.0.1:{port}{path}"
        return
    container = process.raw["container"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    for probe, path in (("livenessProbe", "/livez"), ("startupProbe", "/livez"), ("readinessProbe", "/readyz")):
        asked = container[probe]["httpGet"]
        assert (asked["path"], ports[asked["port"]]) == (path, port)


@pytest.mark.parametrize("process", SERVING, ids=str)
def test_the_others_find_a_service_where_it_listens(process: Process) -> None:
    if process.half == "worker":
        return
    url = process.variables[f"NUAN_{process.service.upper()}_URL"]
    port = process.variables["NUAN_BIND"].rsplit(":", 1)[1]
    if process.place.startswith("compose"):
        assert url == f"http://{process.place.removeprefix('compose ')}:{port}"
        return
    name = f"nuan-{process.service.replace('_', '-')}"
    assert url == f"http://{name}:{port}"
    service = next(each for each in OBJECTS if each["kind"] == "Service" and each["metadata"]["name"] == name)
    assert service["spec"]["ports"][0]["port"] == int(port)
    labels = process.raw["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_the_secrets_that_compose_reads_are_those_that_are_made(machine: Path) -> None:
    assert {path.name for path in (machine / "run" / "secrets").iterdir()} == set(SECRET_NAMES)
    assert {each["file"] for each in compose()["secrets"].values()} == {
        f"./deploy/secrets/{name}" for name in SECRET_NAMES
    }

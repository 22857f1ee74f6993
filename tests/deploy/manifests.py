"""What the deployment files say, read for tests: processes with their commands and variables, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "deploy" / "kubernetes" / "base"


@dataclass(frozen=True)
class Process:
    """``files``: what is mounted at which path → the name of the secret that fills it."""

    place: str
    command: tuple[str, ...]
    variables: dict[str, str]
    files: dict[str, str]
    raw: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.place}: {' '.join(self.command)}"

    @property
    def is_service(self) -> bool:
        return self.command[:2] == ("python", "-m")

    @property
    def service(self) -> str:
        return self.command[2].removeprefix("services.")

    @property
    def half(self) -> str:
        return self.command[3]


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


def kubernetes(*, also: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every object of the base, in the order of its kustomization."""
    names = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return [
        document
        for name in (*names, *also)
        for document in yaml.safe_load_all((BASE / name).read_text(encoding="utf-8"))
    ]


def secret_keys(objects: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Kubernetes' secrets and the keys that each holds."""
    return {each["metadata"]["name"]: list(each["stringData"]) for each in objects if each["kind"] == "Secret"}


def compose_processes() -> list[Process]:
    return [
        Process(f"compose {name}", tuple(service["command"]), _filled(service.get("environment", {})),
                {f"/run/secrets/{secret}": secret for secret in service.get("secrets", [])}, service)
        for name, service in compose()["services"].items() if "build" in service
    ]  # fmt: skip


def kubernetes_processes() -> list[Process]:
    objects = kubernetes()
    settings = next(each["data"] for each in objects if each["kind"] == "ConfigMap")
    made = []
    for each in objects:
        if each["kind"] not in ("Deployment", "Job"):
            continue
        pod = each["spec"]["template"]["spec"]
        secrets = {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
        for container in pod["containers"]:
            variables = {one["name"]: one["value"] for one in container.get("env", [])}
            if "envFrom" in container:
                variables = {**settings, **variables}
            files = {mount["mountPath"]: secrets[mount["name"]] for mount in container["volumeMounts"]
                     if mount["name"] in secrets}  # fmt: skip
            made.append(Process(f"kubernetes {each['metadata']['name']}", tuple(container["command"]), variables, files,
                                {**each, "container": container, "pod": pod}))  # fmt: skip
    return made


def _filled(variables: dict[str, Any]) -> dict[str, str]:
    """``${NAME:-default}`` is its default, as for whoever sets nothing."""
    return {name: str(value).partition(":-")[2].rstrip("}") if str(value).startswith("${") else str(value)
            for name, value in variables.items()}  # fmt: skip

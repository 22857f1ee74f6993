"""The deployment files are valid, name nothing that is not there, and give no process more than it needs."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.manifests import (
    BASE,
    ROOT,
    Process,
    compose,
    compose_processes,
    kubernetes,
    kubernetes_processes,
    secret_keys,
)

SCHEMAS = Path(__file__).with_name("schemas")
KUBERNETES = json.loads((SCHEMAS / "kubernetes-1.34.json").read_text(encoding="utf-8"))
OBJECTS = kubernetes(also=("secrets.example.yaml",))
PROCESSES = [*compose_processes(), *kubernetes_processes()]
SERVING = [process for process in PROCESSES if process.is_service]


def named(value: Any) -> str:
    return f"{value['kind']}-{value['metadata']['name']}" if isinstance(value, dict) else str(value)


def check_compose(document: dict[str, Any]) -> None:
    schema = json.loads((SCHEMAS / "compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(document)


def check_object(document: dict[str, Any]) -> None:
    schema = {
        "$schema": KUBERNETES["$schema"],
        "$ref": KUBERNETES["kinds"][document["kind"]],
        "$defs": KUBERNETES["$defs"],
    }
    jsonschema.Draft202012Validator(schema).validate(document)


def test_the_compose_file_is_valid() -> None:
    check_compose(compose())


def test_a_misspelt_word_in_the_compose_file_would_be_found() -> None:
    document = compose()
    document["services"]["accounts-web"]["depend_on"] = {}
    with pytest.raises(jsonschema.ValidationError, match="depend_on"):
        check_compose(document)


@pytest.mark.parametrize("document", OBJECTS, ids=named)
def test_every_kubernetes_object_is_valid(document: dict[str, Any]) -> None:
    check_object(document)


def test_a_misspelt_word_in_a_kubernetes_object_would_be_found() -> None:
    document = copy.deepcopy(next(each for each in OBJECTS if each["kind"] == "Deployment"))
    document["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(jsonschema.ValidationError, match="readynessProbe"):
        check_object(document)


def test_every_file_of_the_base_is_in_its_kustomization() -> None:
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    others = {"kustomization.yaml", "secrets.example.yaml"}
    assert sorted(listed) == sorted(path.name for path in BASE.iterdir() if path.name not in others)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
def test_the_base_can_be_built() -> None:
    done = subprocess.run(["kubectl", "kustomize", str(BASE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert {named(each) for each in built} == {named(each) for each in kubernetes()}


@pytest.mark.parametrize("process", SERVING, ids=str)
def test_a_service_sees_no_secret_but_its_own(process: Process) -> None:
    own = process.service.replace("_", "-")
    allowed = {"bus_url", f"{process.service}_database_url", f"nuan-{own}", f"nuan-keys-{own}"}
    assert set(process.files.values()) <= allowed


@pytest.mark.parametrize("process", PROCESSES, ids=str)
def test_a_process_has_no_more_rights_than_it_needs(process: Process) -> None:
    if process.place.startswith("compose"):
        raw = process.raw
        assert raw["read_only"] and raw["cap_drop"] == ["ALL"] and raw["user"] == "10001:10001"
        assert "no-new-privileges:true" in raw["security_opt"]
        return
    pod, container = process.raw["pod"], process.raw["container"]["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    assert container["readOnlyRootFilesystem"] and not container["allowPrivilegeEscalation"]
    assert container["capabilities"] == {"drop": ["ALL"]}


def test_every_volume_and_secret_that_is_named_is_declared() -> None:
    document = compose()
    for service in document["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in document["volumes"] or (ROOT / source).exists(), source
        assert set(service.get("secrets", [])) <= set(document["secrets"])
        if isinstance(after := service.get("depends_on", {}), dict):
            assert set(after) <= set(document["services"])
    claims = {each["metadata"]["name"] for each in OBJECTS if each["kind"] == "PersistentVolumeClaim"}
    for process in kubernetes_processes():
        for volume in process.raw["pod"]["volumes"]:
            if "secret" in volume:
                assert volume["secret"]["secretName"] in secret_keys(OBJECTS)
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims

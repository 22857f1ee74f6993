"""The HTTP interfaces against those that are stored: they are added to, nothing is taken away."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.chassis.settings import SERVICES
from tests.contracts.http_shapes import OPENAPI, openapi_of, taken_away
from tests.support.apps import app_without_database


@pytest.fixture(scope="module")
def interfaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("apps")
    return {service: openapi_of(app_without_database(service, folder)[0]) for service in SERVICES}


def stored(service: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((OPENAPI / f"{service}.json").read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_a_client_knows_was_taken_away(interfaces: dict[str, Any], service: str) -> None:
    assert list(taken_away(stored(service), interfaces[service])) == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_stored_interface_is_the_one_there_is(interfaces: dict[str, Any], service: str) -> None:
    """An addition is stored with the change that makes it: ``python -m tests.contracts.renew``."""
    assert interfaces[service] == stored(service)


def drop_route(interface: dict[str, Any]) -> None:
    del interface["paths"]["/payments"]


def drop_answer(interface: dict[str, Any]) -> None:
    del interface["schemas"]["Taken"]["properties"]["receipt"]


def require_more(interface: dict[str, Any]) -> None:
    interface["schemas"]["NewPayment"]["required"].append("payer")


def drop_asked(interface: dict[str, Any]) -> None:
    del interface["schemas"]["NewPayment"]["properties"]["serial"]


def drop_choice(interface: dict[str, Any]) -> None:
    interface["schemas"]["NewPayment"]["properties"]["channel"]["enum"].remove("cash")


def change_type(interface: dict[str, Any]) -> None:
    interface["schemas"]["Taken"]["properties"]["amount"]["type"] = "number"


def drop_parameter(interface: dict[str, Any]) -> None:
    parameters = interface["paths"]["/accounts/{account_no}/owed"]["get"]["parameters"]
    parameters[:] = [parameter for parameter in parameters if parameter.get("name") != "day"]


@pytest.mark.parametrize("change", [drop_route, drop_answer, require_more, drop_asked, drop_choice, change_type,
                                    drop_parameter])  # fmt: skip
def test_the_comparison_sees_what_would_break_a_client(change: Callable[[dict[str, Any]], None]) -> None:
    changed = copy.deepcopy(stored("payments"))
    change(changed)
    assert list(taken_away(stored("payments"), changed))


def test_an_addition_breaks_nobody() -> None:
    added = copy.deepcopy(stored("payments"))
    added["paths"]["/new"] = {"get": {"responses": {"200": {}}}}
    added["schemas"]["NewPayment"]["properties"]["note"] = {"type": "string"}
    added["schemas"]["Taken"]["properties"]["note"] = {"type": "string"}
    assert list(taken_away(stored("payments"), added)) == []

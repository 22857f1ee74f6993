"""What the OpenAPI documents say is what the services do: generated requests, the same ones in every run."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.chassis.auth import Keys, service_token, staff_token
from shared.chassis.settings import SERVICES
from tests.bad_input.three_services import CLERK, Services
from tests.support.apps import app_without_database, routes_of

EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 12}
"""A route and a kind of request: bounded, so that all three services take seconds."""


def no_defect(_: Any, response: Any, case: Any) -> bool | None:
    """The other services are not there: 503 is the right answer of who needs them. Nothing else above 499 is."""
    assert response.status_code < 500 or response.status_code == 503, (case.path, response.text[:300])
    return None


CHECKS = [no_defect, content_type_conformance, response_schema_conformance, status_code_conformance]


def signed(app: Any, *, service: str, keys: Keys) -> Callable[..., Iterable[bytes]]:
    """The app, asked by the bank gateway where only that may ask, and else by somebody who may do everything."""
    of_gateway = {route.path for route in routes_of(app) if route.allowed == ("service:bank_gateway",)}

    def asked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] in of_gateway:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            token = service_token(keys, service="bank_gateway", audience=service, body=body)
        else:
            token = staff_token(keys, login="li", person="li", roles=CLERK, signed_in_at=int(time.time()))
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        environ.setdefault("HTTP_IDEMPOTENCY_KEY", f"k{time.monotonic_ns()}")
        answer: Iterable[bytes] = app(environ, start_response)
        return answer

    return asked


def operations(service: str) -> list[str]:
    """The routes of a service, as its document names them."""
    with tempfile.TemporaryDirectory() as folder:
        app, _ = app_without_database(service, Path(folder))
        document = app.test_client().get("/openapi.json").json
    return sorted(f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods
                  if method in ("get", "post", "put", "delete", "patch"))  # fmt: skip


@pytest.fixture(scope="module")
def documents(services: Services) -> dict[str, Any]:
    return {
        service: schemathesis.openapi.from_wsgi(
            "/openapi.json", signed(services.clients[service].application, service=service, keys=runtime.keys)
        )
        for service, runtime in services.runtimes.items()
    }


@pytest.mark.parametrize(("service", "name"), [(service, name) for service in SERVICES for name in operations(service)])
def test_a_route_does_what_its_document_says(documents: dict[str, Any], service: str, name: str) -> None:
    method, path = name.split(" ", 1)
    operation = documents[service][path][method]
    for mode, examples in EXAMPLES.items():

        @settings(max_examples=examples, derandomize=True, deadline=None, database=None,
                  suppress_health_check=list(HealthCheck), phases=[Phase.generate])  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def conforms(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        with nothing_to_do_wrong(mode):
            conforms()


@contextmanager
def nothing_to_do_wrong(mode: GenerationMode) -> Iterator[None]:
    """A route that takes nothing cannot be asked wrongly."""
    try:
        yield
    except Unsatisfiable:
        if mode != GenerationMode.NEGATIVE:
            raise

"""What each service answers over HTTP: its OpenAPI document, and a table of routes with who may call them."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from deploy.docs.markdown import first_sentence, page, table
from deploy.local.environment import PORTS
from shared.chassis.auth import Keys
from shared.chassis.database import open_engine
from shared.chassis.http import OPEN_ENDPOINTS
from shared.chassis.ids import Ids
from shared.chassis.runtime import Runtime
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Commands

INTRODUCTION = """\
Every service serves these pages itself: `/docs` to click through, `/openapi.json` for programs. A route is open to the roles that
stand beside it and to nobody else; *open* needs no token. What a route refuses is problem+json with a stable code
([refusals](../refusals.md)). Routes whose summary ends in 🔑 need an `Idempotency-Key`: the same key with the same request answers what
was answered the first time."""

HEADINGS = ("route", "who", "what")
OF_EVERY_SERVICE = ("operations.", "api-docs.")
KEYED = "Needs an Idempotency-Key"


def routes() -> str:
    return page(
        "Routes", INTRODUCTION,
        *(
            f"## {service}\n\nOn this machine at port {PORTS[service]}. [OpenAPI document](openapi-{service}.json).\n\n"
            + table(HEADINGS, (row for shared, *row in _rows(service) if not shared))
            for service in SERVICES
        ),
        "## Of every service\n\n" + table(HEADINGS, (row for shared, *row in _rows(SERVICES[0]) if shared)),
    )  # fmt: skip


def openapi(service: str) -> str:
    return json.dumps(_document(service), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _rows(service: str) -> Iterator[tuple[bool, str, str, str]]:
    """Whether every service has the route; the route, who may call it, what it does."""
    app, described = _app(service), _document(service)["paths"]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = _openapi_path(rule.rule)
            operation = described.get(path, {}).get(method.lower(), {})
            shared = rule.endpoint.startswith(OF_EVERY_SERVICE)
            yield shared, f"`{method} {path}`", _who(app, rule.endpoint), _what(operation)


def _who(app: Flask, endpoint: str) -> str:
    if endpoint in OPEN_ENDPOINTS:
        return "*open*"
    return ", ".join(getattr(app.view_functions[endpoint], "allowed", ())) or "nobody"


def _what(operation: dict[str, Any]) -> str:
    told = f"{operation.get('summary', '')} {operation.get('description', '')}".strip()
    if not told:
        return "The API page, or its document."
    return first_sentence(told) + (" 🔑" if KEYED in told else "")


def _openapi_path(rule: str) -> str:
    return "/".join(f"{{{part[1:-1].split(':')[-1]}}}" if part.startswith("<") else part for part in rule.split("/"))


@cache
def _document(service: str) -> dict[str, Any]:
    document: dict[str, Any] = _app(service).test_client().get("/openapi.json").get_json()
    return document


@cache
def _app(service: str) -> Flask:
    """The service's app as it runs, without database and folders: nothing is reached for before it is asked something."""
    with tempfile.TemporaryDirectory(prefix="nuan-docs-") as name:
        folder = Path(name)
        settings = Settings(
            service=service, database_url="postgresql:///none", bus_url="memory://", keys_folder=folder,
            urls={name: f"http://127.0.0.1:{port}" for name, port in PORTS.items()}, work_folder=folder,
        )  # fmt: skip
        engine, clock = open_engine(settings.database_url, service=service), settings.clock()
        ids = Ids(engine)
        commands = Commands(engine, ids=ids, clock=clock)
        runtime = Runtime(settings, engine, ids, Keys(folder), clock, commands)
        app: Flask = importlib.import_module(f"services.{service}.bootstrap").web(runtime)
        return app

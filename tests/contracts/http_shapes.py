"""The HTTP interfaces as OpenAPI, and whether one is an addition to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask

OPENAPI = Path(__file__).with_name("openapi")
ERRORS = {"default", "422"}


def openapi_of(app: Flask) -> dict[str, Any]:
    """What ``GET /openapi.json`` answers, without what says nothing about shape."""
    answer = app.test_client().get("/openapi.json")
    content: dict[str, Any] = json.loads(answer.data)
    return {"paths": content["paths"], "schemas": content["components"]["schemas"]}


def taken_away(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What a client that was written for ``before`` would miss in ``now``; nothing when it is only added to."""
    for path, methods in before["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            if not isinstance(operation, dict):
                continue
            other = now["paths"].get(path, {}).get(method)
            if other is None:
                yield f"{where} is gone"
                continue
            yield from _parameters(operation, other, where)
            yield from _asked(_body(before, operation), _body(now, other), where)
            for status, response in operation.get("responses", {}).items():
                if status in ERRORS:
                    continue
                if status not in other.get("responses", {}):
                    yield f"{where} answers no {status} any more"
                    continue
                yield from _answered(_content(before, response), _content(now, other["responses"][status]),
                                     f"{where} {status}")  # fmt: skip


def _parameters(before: dict[str, Any], now: dict[str, Any], where: str) -> Iterator[str]:
    known = {(p["in"], p["name"]): p for p in before.get("parameters", []) if "name" in p}
    present = {(p["in"], p["name"]): p for p in now.get("parameters", []) if "name" in p}
    for key in known.keys() - present.keys():
        yield f"{where}: parameter {key[1]} is gone"
    for key, parameter in present.items():
        if parameter.get("required") and not known.get(key, {}).get("required"):
            yield f"{where}: parameter {key[1]} is required now"


def _body(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    return _content(document, operation.get("requestBody", {}))


def _content(document: dict[str, Any], holder: dict[str, Any]) -> dict[str, Any]:
    for kind, content in sorted(holder.get("content", {}).items()):
        if kind == "application/json":
            return _resolved(document, content.get("schema", {}))
    return {}


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its references followed (they form no circles here)."""
    if "$ref" in schema:
        return _resolved(document, document["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    resolved = dict(schema)
    if "properties" in schema:
        resolved["properties"] = {name: _resolved(document, inner) for name, inner in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        resolved["items"] = _resolved(document, schema["items"])
    return resolved


def _asked(before: dict[str, Any], now: dict[str, Any], where: str) -> Iterator[str]:
    """A request that was taken is taken still."""
    for name, schema in before.get("properties", {}).items():
        if name not in now.get("properties", {}):
            yield f"{where}: {name} may not be sent any more"
        else:
            yield from _asked(schema, now["properties"][name], f"{where}: {name}")
    for name in set(now.get("required", [])) - set(before.get("required", [])):
        yield f"{where}: {name} is required now"
    if "items" in before:
        yield from _asked(before["items"], now.get("items", {}), f"{where}[]")
    if gone := set(before.get("enum", [])) - set(now.get("enum", before.get("enum", []))):
        yield f"{where}: {', '.join(map(str, sorted(gone)))} may not be sent any more"
    if before.get("type") != now.get("type"):
        yield f"{where}: {before.get('type')} became {now.get('type')}"


def _answered(before: dict[str, Any], now: dict[str, Any], where: str) -> Iterator[str]:
    """What was in an answer is in it still, as the same type."""
    for name, schema in before.get("properties", {}).items():
        if name not in now.get("properties", {}):
            yield f"{where}: {name} is not answered any more"
        else:
            yield from _answered(schema, now["properties"][name], f"{where}: {name}")
    if "items" in before:
        yield from _answered(before["items"], now.get("items", {}), f"{where}[]")
    if before.get("type") != now.get("type"):
        yield f"{where}: {before.get('type')} became {now.get('type')}"

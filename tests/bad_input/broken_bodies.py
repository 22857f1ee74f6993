"""Everything that can be wrong with a JSON body, one thing at a time, worked out from its schema and a good example."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

TOO_LONG = "王" * 10_000
LIST_LONGEST, BODY_ITEMS_MOST = 1000, 20_000
"""A longer list ends with the body."""


class Broken(NamedTuple):
    """``raw`` is what is sent; ``what`` names the place and what is wrong there."""

    what: str
    raw: bytes


class Schemas:
    """The schemas of an OpenAPI document, with their references followed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._named = document["components"]["schemas"]

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rsplit("/", 1)[1]]
        return schema


def broken(schemas: Schemas, schema: dict[str, Any], good: Any) -> Iterator[Broken]:
    """``good`` in every way that the schema does not allow."""
    for whole in ("null", "[]", "1", '"text"', "", "{", '{"a":1,"a":2}', "[" * 100_000, "{}{}", '{"a":"\\ud800"}'):
        yield Broken(f"the body is {whole[:12]}", whole.encode())
    yield Broken("the body is GBK", json.dumps(good, ensure_ascii=False).encode("gbk", "replace") + b"\xff")
    for what, body in _changed(schemas, schema, good, ""):
        yield Broken(what, json.dumps(body).encode())


def _changed(schemas: Schemas, schema: dict[str, Any], good: Any, place: str) -> Iterator[tuple[str, Any]]:
    schema = schemas.whole(schema)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not types:
        return
    if place:
        for wrong in _of_other_types(types):
            yield f"{place} is {json.dumps(wrong)[:20]}", wrong
    if isinstance(good, str) and "object" not in types and "enum" not in schema:
        yield f"{place} is too long", TOO_LONG
        yield f"{place} has a NUL", "a\x00b"
    if isinstance(good, dict) and "properties" in schema:
        yield from _members(schemas, schema, good, place)
    if isinstance(good, list) and good:
        if schema.get("minItems"):
            yield f"{place} is empty", []
        too_many = schema.get("maxItems", LIST_LONGEST) + 1
        if too_many <= BODY_ITEMS_MOST:
            yield f"{place} has {too_many}", [copy.deepcopy(good[0]) for _ in range(too_many)]
        for what, changed in _changed(schemas, schema["items"], good[0], f"{place}/0"):
            yield what, [changed, *good[1:]]


def _members(schemas: Schemas, schema: dict[str, Any], good: dict[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    for name in ("is_admin", "paid", "approved_by", "__proto__", "constructor"):
        yield f"{place}/{name} is unknown", {**good, name: True}
    for name in schema.get("required", []):
        yield f"{place}/{name} is missing", {other: value for other, value in good.items() if other != name}
    for name, value in good.items():
        for what, changed in _changed(schemas, schema["properties"][name], value, f"{place}/{name}"):
            yield what, {**good, name: changed}


def _of_other_types(types: list[str]) -> Iterator[Any]:
    if "null" not in types:
        yield None
    if "boolean" not in types:
        yield True
    if "integer" not in types and "number" not in types:
        yield 1
    if "number" not in types:
        yield 1.5
    yield math.nan
    yield math.inf
    if "string" not in types:
        yield "1"
    if "array" not in types:
        yield []
        yield ["x"]
    if "object" not in types:
        yield {}
    if "integer" in types:
        yield from (2**63, -(2**63) - 1, "１")

"""Dataclasses ↔ canonical JSON: sorted keys, no blanks, UTF-8, amounts as whole numbers, days and decimals as text.

The bytes of an event are made once, hashed and never made again (docs/decisions/0006). Reading ignores fields
that are unknown and refuses fields that are missing or of another type.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from shared.kernel.errors import InvalidInput

T = TypeVar("T")
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The escape itself; a backslash before it makes it text that only looks like one."""

Convert = Callable[[Any], Any]


def canonical(value: Any) -> str:
    """Plain values → the one text that stands for them."""
    return _CANONICAL.encode(value)


def encode(message: Any) -> str:
    """A message dataclass → its canonical text."""
    kind: Any = type(message)
    return canonical(_writer(kind)(message))


def decode(message_type: type[T], text: str) -> T:
    """Canonical text → a message of that type; `InvalidInput` names the field that cannot be read."""
    kind: Any = message_type
    return typing.cast(T, _reader(kind)(strict_json(text)))


def strict_json(text: str) -> Any:
    """JSON as the standard has it: no NaN, no Infinity, no member twice, no lone surrogates, no NUL in text."""
    if "\\u" in text:
        _refuse_odd_escapes(text)
    try:
        return json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidInput("the JSON is nested too deeply", place="body") from None
    except ValueError as error:
        raise InvalidInput(f"this is not JSON: {error}", place="body") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput("a member stands twice", place=twice)
    return members


def _refuse_constant(name: str) -> Any:
    raise InvalidInput("this is not a number", place="body", value=name)


def _refuse_odd_escapes(text: str) -> None:
    if _NUL.search(text):
        raise InvalidInput("text holds a NUL character", place="body")
    if "\\ud" in text.lower():
        try:
            json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise InvalidInput("text holds half a character (a lone surrogate)", place="body") from None
        except (ValueError, RecursionError):
            return  # the reader proper says what is wrong


@cache
def _writer(kind: Any) -> Convert:
    if dataclasses.is_dataclass(kind):
        fields = [(f.name, _writer(hint)) for f, hint in _fields(typing.cast(type, kind))]
        return lambda value: {name: write(getattr(value, name)) for name, write in fields}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        item = _writer(arguments[0])
        return lambda values: [item(value) for value in values]
    if origin is tuple:
        items = [_writer(argument) for argument in arguments]
        return lambda values: [write(value) for write, value in zip(items, values, strict=True)]
    if origin is dict:
        item = _writer(arguments[1])
        return lambda values: {key: item(value) for key, value in values.items()}
    if origin is types.UnionType:
        item = _writer(next(argument for argument in arguments if argument is not type(None)))
        return lambda value: None if value is None else item(value)
    if kind is date:
        return date.isoformat
    if kind is Decimal:
        return str
    return _same


def _same(value: Any) -> Any:
    return value


@cache
def _reader(kind: Any) -> Convert:
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type, kind))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda values: tuple(map(item, _expect(list, values)))
    if origin is tuple:
        items = [_reader(argument) for argument in arguments]
        return lambda values: tuple(
            read(value) for read, value in zip(items, _expect(list, values, len(items)), strict=True)
        )
    if origin is dict:
        item = _reader(arguments[1])
        return lambda values: {key: item(value) for key, value in _expect(dict, values).items()}
    if origin is types.UnionType:
        item = _reader(next(argument for argument in arguments if argument is not type(None)))
        return lambda value: None if value is None else item(value)
    if kind is date:
        return _read_date
    if kind is Decimal:
        return _read_decimal
    return lambda value: _expect(kind, value)


def _dataclass_reader(kind: type) -> Convert:
    fields = [
        (f.name, _reader(hint), f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
        for f, hint in _fields(kind)
    ]

    def read(value: Any) -> Any:
        members = _expect(dict, value)
        values = {}
        for name, convert, required in fields:
            if name in members:
                try:
                    values[name] = convert(members[name])
                except InvalidInput as refusal:
                    refusal.facts["place"] = f"{name}.{refusal.facts.get('place', '')}".rstrip(".")
                    raise
            elif required:
                raise InvalidInput("a field is missing", place=name)
        return kind(**values)

    return read


def _fields(kind: type[Any]) -> list[tuple[dataclasses.Field[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return [(field, hints[field.name]) for field in dataclasses.fields(kind)]


def _expect(kind: type[Any], value: Any, length: int | None = None) -> Any:
    if type(value) is not kind or (length is not None and len(value) != length):
        raise InvalidInput(f"expected {kind.__name__}", value=repr(value)[:40])
    return value


def _read_date(value: Any) -> date:
    text = _expect(str, value)
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("expected a day as YYYY-MM-DD", value=text[:40]) from None


def _read_decimal(value: Any) -> Decimal:
    text = _expect(str, value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidInput("expected a decimal number as text", value=text[:40]) from None
    if not number.is_finite():
        raise InvalidInput("expected a finite number", value=text[:40])
    return number

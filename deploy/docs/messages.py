"""The events that services tell each other, from their dataclasses."""

from __future__ import annotations

import dataclasses
import importlib
import types
import typing
from collections.abc import Iterator
from typing import Any

from deploy.docs.markdown import code, page, said, table
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.settings import SERVICES

INTRODUCTION = """\
The published language: frozen dataclasses in `shared/messages/`, one module for each service that tells. On the wire an event is
canonical JSON (amounts in whole fen, days `YYYY-MM-DD`, decimals as text) with a list of 1 to 1,000 items. Fields are only added;
another meaning is another name ([why](../decisions/0006-messages.md))."""


def messages() -> str:
    return page("Messages", INTRODUCTION, *map(_service, SERVICES))


def _service(producer: str) -> str:
    module = importlib.import_module(f"shared.messages.{producer}")
    listeners = [consumer for consumer, producers in SUBSCRIPTIONS.items() if producer in producers]
    parts = [f"## {producer}", f"Heard by {' and '.join(map(code, listeners))}."]
    for event in module.EVENTS:
        takers = [consumer for consumer in listeners if event.NAME in _handled(consumer, producer)]
        parts.append(f"### {event.NAME} (schema {event.SCHEMA})")
        parts += [said(event)] if _is_told(event) else []
        parts.append(f"Applied by {', '.join(map(code, takers))}." if takers else "Applied by nobody yet.")
        parts += _tables(event)
    return "\n\n".join(parts)


def _handled(consumer: str, producer: str) -> dict[str, Any]:
    handlers: dict[str, Any] = importlib.import_module(f"services.{consumer}.consumer").HANDLERS.get(producer, {})
    return handlers


def _tables(event: type[Any]) -> Iterator[str]:
    seen: list[type[Any]] = []
    waiting = [event]
    while waiting:
        kind = waiting.pop(0)
        if kind in seen:
            continue
        seen.append(kind)
        hints = typing.get_type_hints(kind)
        heading = f"`{kind.__name__}`" + (f": {said(kind)}" if kind is not event and _is_told(kind) else "")
        fields = [
            (code(field.name), code(_form(hints[field.name])), _default(field)) for field in dataclasses.fields(kind)
        ]
        yield f"{heading}\n\n{table(('field', 'form', 'when left out'), fields)}"
        waiting += [inner for field in dataclasses.fields(kind) for inner in _dataclasses_in(hints[field.name])]


def _is_told(kind: type[Any]) -> bool:
    return not (kind.__doc__ or "").startswith(f"{kind.__name__}(")


def _form(hint: Any) -> str:
    arguments = [argument for argument in typing.get_args(hint) if argument is not Ellipsis]
    if not arguments:
        return str(getattr(hint, "__name__", hint))
    inner = ", ".join(map(_form, arguments))
    if isinstance(hint, types.UnionType):
        return inner.replace(", NoneType", " or null")
    return f"{typing.get_origin(hint).__name__}[{inner}]"


def _default(field: dataclasses.Field[Any]) -> str:
    return "" if field.default is dataclasses.MISSING else code(field.default if field.default != () else "none")


def _dataclasses_in(hint: Any) -> Iterator[type[Any]]:
    if dataclasses.is_dataclass(hint):
        yield typing.cast(type, hint)
    for argument in typing.get_args(hint):
        yield from _dataclasses_in(argument)

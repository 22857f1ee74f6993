"""Where the next page begins: the key of the last row, closed to whoever would make one up.

A cursor belongs to one list with one set of filters; it is no secret, and it is no promise about anything but order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.chassis.codec import canonical, strict_json
from shared.kernel.errors import InvalidInput

PATTERN = r"^([0-9]{10}|[A-Za-z0-9_-]{2,600}\.[0-9a-f]{16})$"
"""Ten digits are an account number, which lists of accounts began with before there were other keys."""

_NUMBERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def cursor_of(key: Sequence[Any], *, listing: str, filters: Mapping[str, Any]) -> str:
    text = canonical(list(key))
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{_seal(text, listing, filters)}"


def key_of(cursor: str, types: Sequence[str], *, listing: str, filters: Mapping[str, Any]) -> list[Any]:
    """The key that a cursor holds. Refused: one of another list or other filters, and anything that is none."""
    if "." not in cursor and list(types) == ["text"]:
        return [cursor]
    packed, _, seal = cursor.partition(".")
    try:
        text = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
        key = strict_json(text)
    except (binascii.Error, UnicodeDecodeError, InvalidInput):
        raise _refusal() from None
    if seal != _seal(text, listing, filters) or not isinstance(key, list) or len(key) != len(types):
        raise _refusal()
    if not all(_is(value, kind) for value, kind in zip(key, types, strict=True)):
        raise _refusal()
    return key


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, str) if kind == "text" else type(value) is int and abs(value) < _NUMBERS[kind]


def _seal(text: str, listing: str, filters: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical([listing, dict(filters), text]).encode()).hexdigest()[:16]


def _refusal() -> InvalidInput:
    return InvalidInput("this is not the `next` of a page of this list with these filters", place="after")

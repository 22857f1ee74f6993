"""Fields that every API shares. They take exactly the written form and nothing that merely can be converted."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared.kernel.errors import InvalidInput
from shared.kernel.money import format_yuan, parse_yuan
from shared.kernel.season import parse_season, season_label

YUAN_PATTERN = r"^-?(0|[1-9][0-9]{0,14})\.[0-9]{2}$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Yuan(fields.Field[int]):
    """Whole fen inside, text of yuan with two decimals outside."""

    def __init__(self, *, minimum_fen: int = 1, **arguments: Any) -> None:
        metadata = {"type": "string", "pattern": YUAN_PATTERN, "example": "2330.38", **arguments.pop("metadata", {})}
        super().__init__(metadata=metadata, **arguments)
        self.minimum_fen = minimum_fen

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format_yuan(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return int(_or_invalid(lambda: parse_yuan(value, minimum_fen=self.minimum_fen)))


class Day(fields.Field[date]):
    """``YYYY-MM-DD``, a day that exists, from 1950 to 2199."""

    def __init__(self, **arguments: Any) -> None:
        metadata = {"type": "string", "format": "date", "example": "2025-11-01", **arguments.pop("metadata", {})}
        super().__init__(metadata=metadata, **arguments)

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII) is None:
            raise ValidationError("A day is written YYYY-MM-DD.")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("This day does not exist.") from None
        if not 1950 <= day.year < 2200:
            raise ValidationError("This day lies outside of 1950 to 2199.")
        return day


class SeasonField(fields.Field[int]):
    """``2025-2026`` outside, the first year inside."""

    def __init__(self, **arguments: Any) -> None:
        metadata = {"type": "string", "pattern": "^([0-9]{4})-([0-9]{4})$", "example": "2025-2026",
                    **arguments.pop("metadata", {})}  # fmt: skip
        super().__init__(metadata=metadata, **arguments)

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else season_label(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise ValidationError("A season is text, as 2025-2026.")
        return int(_or_invalid(lambda: parse_season(value)))


def _or_invalid(read: Any) -> Any:
    try:
        return read()
    except InvalidInput as refusal:
        raise ValidationError(refusal.detail) from None


def _plain(text: str) -> None:
    if _CONTROL.search(text):
        raise ValidationError("Control, zero-width and direction characters are not allowed.")
    if text != text.strip(" \u3000"):
        raise ValidationError("Blanks around the text are not allowed.")


class Text(fields.String):
    """Text for people: no control, zero-width or direction characters, no blanks around it."""

    def __init__(self, *, longest: int, **arguments: Any) -> None:
        super().__init__(validate=[validate.Length(min=1, max=longest), _plain], **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("This is text.")
        return value


class AccountNo(fields.String):
    """户号: ten ASCII digits."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(validate=validate.Regexp(re.compile(r"\A[0-9]{10}\Z", re.ASCII), error="An account number is ten digits."),
                         metadata={"example": "0110000001", "pattern": "^[0-9]{10}$", **arguments.pop("metadata", {})},
                         **arguments)  # fmt: skip


class WholeNumber(fields.Integer):
    """A JSON integer (not text, not 1.0, not true) between two bounds, both included."""

    def __init__(self, *, least: int, most: int, **arguments: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("This is a whole number.")
        return value


class Flag(fields.Boolean):
    """JSON's ``true`` or ``false``; not 1, not "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("This is true or false.")
        return value


class QueryNumber(fields.Integer):
    """A whole number in a query string: ASCII digits only."""

    def __init__(self, *, least: int, most: int, **arguments: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 18:
            raise ValidationError("This is a whole number.")
        return int(value)


def each_once(values: list[Any]) -> None:
    """A list that names the same thing twice is a slip: refused."""
    if len(set(values)) < len(values):
        raise ValidationError("The same thing stands twice in the list.")


class Problem(Schema):
    """Every refusal: RFC 9457 problem details with a stable ``code``."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    remedy = fields.String()
    request_id = fields.String()
    facts = fields.Dict()
    errors = fields.List(fields.Dict())

"""Fields and checks that several resources of this service share."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from services.accounts.domain.month_end import parse_month
from shared.kernel.clock import CHINA
from shared.kernel.errors import InvalidInput, UnknownAccount

_LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", re.ASCII)
_ACCOUNT_NO = re.compile(r"[0-9]{10}", re.ASCII)


class Measure(fields.Field[Decimal]):
    """A size as text, more than 0 unless ``zero``: ``"89.63"``. No sign, exponent, separator, blank or leading zeros."""

    def __init__(self, *, digits: int, decimals: int, zero: bool = False, **arguments: Any) -> None:
        pattern = rf"^(0|[1-9][0-9]{{0,{digits - 1}}})(\.[0-9]{{1,{decimals}}})?$"
        super().__init__(metadata={"type": "string", "pattern": pattern, "example": "89.63"}, **arguments)
        self._pattern, self._decimals, self._zero = re.compile(pattern[:-1] + r"\Z", re.ASCII), decimals, zero

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or self._pattern.match(value) is None:
            raise ValidationError(f'A size is text with at most {self._decimals} decimals, as "89.63".')
        if not (size := Decimal(value)) and not self._zero:
            raise ValidationError("A size is more than 0.")
        return size


class Percent(fields.Field[Decimal]):
    """0 to 100 as text with at most two decimals: ``"87.35"``."""

    PATTERN = r"^(100(\.0{1,2})?|[1-9]?[0-9](\.[0-9]{1,2})?)$"

    def __init__(self, **arguments: Any) -> None:
        metadata = {"type": "string", "pattern": self.PATTERN, "example": "87.35", **arguments.pop("metadata", {})}
        super().__init__(metadata=metadata, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or re.fullmatch(self.PATTERN[1:-1], value, re.ASCII) is None:
            raise ValidationError('A percentage is text from 0 to 100 with at most two decimals, as "87.35".')
        return Decimal(value)


class Month(fields.Field[date]):
    """``2025-11`` outside, its first day inside."""

    def __init__(self, **arguments: Any) -> None:
        metadata = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "example": "2025-11"}
        super().__init__(metadata=metadata, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            return parse_month(value)
        except InvalidInput as refusal:
            raise ValidationError(refusal.detail) from None


class Area(Measure):
    """m², up to ten million."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(digits=7, decimals=2, **arguments)


class Height(Measure):
    """Metres, under a hundred."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(digits=2, decimals=3, **arguments)


class LocalTime(fields.Field[datetime]):
    """An instant as the company's clock shows it, to the minute: ``"2026-01-12T08:30"``."""

    def __init__(self, **arguments: Any) -> None:
        metadata = {"type": "string", "pattern": _LOCAL_TIME.pattern, "example": "2026-01-12T08:30"}
        super().__init__(metadata=metadata, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or _LOCAL_TIME.fullmatch(value) is None:
            raise ValidationError("A time is written YYYY-MM-DDTHH:MM, as the company's clock shows it.")
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError("This time does not exist.") from None
        if not 1950 <= instant.year < 2200:
            raise ValidationError("This time lies outside of 1950 to 2199.")
        return instant.replace(tzinfo=CHINA)


def each_once(values: list[str]) -> None:
    """Validates a list that is a set."""
    if len(set(values)) < len(values):
        raise ValidationError("One of these stands twice.")


def checked_account_no(text: str) -> str:
    """An account number in a path; anything else is an account that does not exist."""
    if _ACCOUNT_NO.fullmatch(text) is None:
        raise UnknownAccount("an account number is ten digits", account_no=text[:20])
    return text

"""Fields and checks that several resources of this service share."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from shared.kernel.errors import UnknownAccount

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


class Area(Measure):
    """m², up to ten million."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(digits=7, decimals=2, **arguments)


class Height(Measure):
    """Metres, under a hundred."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(digits=2, decimals=3, **arguments)


def checked_account_no(text: str) -> str:
    """An account number in a path; anything else is an account that does not exist."""
    if _ACCOUNT_NO.fullmatch(text) is None:
        raise UnknownAccount("an account number is ten digits", account_no=text[:20])
    return text

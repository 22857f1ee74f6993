"""What a person types, read in one way: a day, a number, a file. Anything that merely can be converted is misuse."""

from __future__ import annotations

import os
import re
import stat
from datetime import date
from pathlib import Path
from typing import Any

import click

from shared.kernel.errors import InvalidInput

SENT_BYTES_MAX = 300_000_000


class DayType(click.ParamType[date]):
    """``2026-01-31``: four digits, two, two."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail(f"{value!r} is no day; write it as 2026-01-31", param, ctx)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} does not exist", param, ctx)


class NumberType(click.ParamType[int]):
    """Digits: no sign, no blanks, no underscores, no digits of another script."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not re.fullmatch(r"[0-9]{1,18}", value):
            self.fail(f"{value!r} is no number", param, ctx)
        return int(value)


DAY, NUMBER = DayType(), NumberType()


def content_of(file: Path) -> bytes:
    """The bytes of a file that is to be sent. Refused: what is no regular file (it may never end) or is too large."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise InvalidInput("not a file that can be read", place="file", value=str(file), error=error.strerror) from None
    with os.fdopen(handle, "rb") as opened:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInput("not a file that can be read", place="file", value=str(file))
        if status.st_size > SENT_BYTES_MAX:
            raise InvalidInput(f"a file is at most {SENT_BYTES_MAX} bytes", place="file", value=str(file))
        return opened.read()

"""The file of a year's working days, as somebody types it from the notice::

    year 2026
    document 国办发明电〔2025〕7号
    放假 元旦 2026-01-01 2026-01-03
    上班 元旦 2026-01-04

``holiday`` and ``workday`` are the same words. A line has one day, or the first and the last of several; ``#`` begins a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeVar

from services.accounts.domain.working_days import (
    DAYS_MOST,
    DOCUMENT_LENGTH_MAX,
    KINDS,
    NAME_LENGTH_MAX,
    CalendarDay,
    CalendarInvalid,
    CalendarYear,
    calendar_year,
)

_WORDS = {**{kind: kind for kind in KINDS}, **{word: kind for kind, word in KINDS.items()}}
_DAY = timedelta(days=1)
_RANGE_DAYS_MAX = 15
T = TypeVar("T")


def read_calendar(text: str, file: str) -> CalendarYear:
    """Refuses `calendar_invalid` with ``file`` and ``line``."""
    year: int | None = None
    document = ""
    days: list[CalendarDay] = []
    lines: list[int] = []
    for line, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        words = raw.partition("#")[0].split()
        if not words:
            continue
        place = _Line(file, line)
        if words[0] == "year":
            year = place.once(year, _year(words, place))
        elif words[0] == "document":
            document = place.once(document or None, _document(words, place))
        else:
            found = list(_days(words, place))
            days += found
            lines += [line] * len(found)
    if year is None or not document:
        raise _Line(file, 1).refusal("the lines `year` and `document` are missing, or one of them")
    if len(days) > DAYS_MOST:
        raise _Line(file, lines[-1]).refusal(f"a year has at most {DAYS_MOST} such days")
    try:
        return calendar_year(year, document, days)
    except CalendarInvalid as refusal:
        number = str(refusal.facts["place"]).partition("/")[2]
        raise _Line(file, lines[int(number)] if number else 1).refusal(refusal.detail) from None


class _Line:
    def __init__(self, file: str, line: int) -> None:
        self._file, self._line = file, line

    def refusal(self, problem: str) -> CalendarInvalid:
        return CalendarInvalid(f"{self._file}, line {self._line}: {problem}", file=self._file, line=self._line)

    def once(self, before: T | None, value: T) -> T:
        if before is not None:
            raise self.refusal("this was said before")
        return value


def _year(words: list[str], line: _Line) -> int:
    if len(words) != 2 or not re.fullmatch(r"(19[5-9]|20|21)[0-9]{1,2}", words[1], re.ASCII) or len(words[1]) != 4:
        raise line.refusal("a year is four digits, as in `year 2026`")
    return int(words[1])


def _document(words: list[str], line: _Line) -> str:
    document = " ".join(words[1:])
    if not 1 <= len(document) <= DOCUMENT_LENGTH_MAX:
        raise line.refusal(f"the notice is named with 1 to {DOCUMENT_LENGTH_MAX} characters")
    return document


def _days(words: list[str], line: _Line) -> Iterator[CalendarDay]:
    if words[0] not in _WORDS:
        raise line.refusal(f"a line begins with one of year, document, {', '.join(_WORDS)}, not {words[0][:20]}")
    if not 3 <= len(words) <= 4 or len(words[1]) > NAME_LENGTH_MAX:
        raise line.refusal("then come the name of the holiday and one day, or the first and the last")
    first, last = _day(words[2], line), _day(words[-1], line)
    if not first <= last < first + _RANGE_DAYS_MAX * _DAY:
        raise line.refusal(f"the last day comes after the first, within {_RANGE_DAYS_MAX} days")
    while first <= last:
        yield CalendarDay(first, _WORDS[words[0]], words[1])
        first += _DAY


def _day(word: str, line: _Line) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word, re.ASCII):
            raise ValueError
        return date.fromisoformat(word)
    except ValueError:
        raise line.refusal(f"a day is written YYYY-MM-DD, and this is none: {word[:20]}") from None

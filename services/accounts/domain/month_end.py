"""A month's report, frozen: which months, over which rows, and the hash that ties each to the one before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from services.accounts.domain.season_report import Group
from shared.kernel.errors import InvalidInput, NotFound, Refusal

STANDING, RESTATED = "standing", "restated"
"""What was true on the last day; by how much the month end before it would differ had it been taken now."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_YEARS = range(1950, 2200)


class MonthNotOver(Refusal):
    code = "month_not_over"
    status = 409
    remedy = "Take a month's end after its last day."


class MonthTaken(Refusal):
    code = "month_taken"
    status = 409
    remedy = "A month end stays as it was taken; what was put right since stands in the next one, as restated."


class MonthBeforeLast(Refusal):
    code = "month_before_last"
    status = 409
    remedy = "Months are taken in their order; look at the report of that day instead."


class UnknownMonthEnd(NotFound):
    code = "unknown_month_end"
    remedy = "Write the month as 2025-11; GET /month-ends lists those that were taken."


class MonthEnd(NamedTuple):
    """``month`` is its first day, ``day`` its last one. Hashes are SHA-256; the first month end follows none."""

    month: date
    day: date
    season: int
    previous_hash: bytes | None
    content_hash: bytes


def parse_month(text: object) -> date:
    """``2025-11`` → its first day."""
    match = _MONTH.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match[1]) not in _YEARS:
        raise InvalidInput("a month is written as 2025-11", place="month", value=str(text)[:20])
    return date(int(match[1]), int(match[2]), 1)


def month_text(month: date) -> str:
    return month.isoformat()[:7]


def last_day(month: date) -> date:
    following = (month + timedelta(days=31)).replace(day=1)
    return following - timedelta(days=1)


def assert_may_be_taken(month: date, *, today: date, last: date | None) -> None:
    """``last`` is the month that was taken last. Refuses `month_not_over`, `month_taken`, `month_before_last`."""
    if last_day(month) >= today:
        raise MonthNotOver(f"{month_text(month)} ends on {last_day(month)}", month=month_text(month))
    if last is not None and month == last:
        raise MonthTaken(f"{month_text(month)} was taken", month=month_text(month))
    if last is not None and month < last:
        raise MonthBeforeLast(f"{month_text(last)} was taken before", month=month_text(month), last=month_text(last))


def content_hash(
    *, month: date, season: int, previous_hash: bytes | None, standing: Iterable[Group], restated: Iterable[Group]
) -> bytes:
    """SHA-256 over all that a month end says; rows in the order of their names. Any other figure is another hash."""
    digest = hashlib.sha256(_line([month.isoformat(), season, previous_hash.hex() if previous_hash else None]))
    for kind, groups in ((STANDING, standing), (RESTATED, restated)):
        for group in groups:
            digest.update(_line([kind, group.key, list(group.measures)]))
    return digest.digest()


def _line(values: list[object]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

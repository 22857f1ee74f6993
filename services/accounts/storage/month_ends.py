"""Month ends: written once, read as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.month_end import RESTATED, STANDING, MonthEnd
from services.accounts.domain.season_report import KEYS, Group, Measures
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_HEAD = "SELECT month, day, season, previous_hash, content_hash FROM month_ends "
_SUMS = ", ".join(f"sum({name})::bigint" for name in Measures._fields)


@row_of("month_ends")
class MonthEndRow(NamedTuple):
    month: date
    command_id: int
    day: date
    season: int
    reason: str
    groups: int
    previous_hash: bytes | None
    content_hash: bytes


@row_of("month_end_rows")
class GroupRow(NamedTuple):
    month: date
    kind: str
    row_no: int
    branch: str
    compound: str
    building: str
    unit: str
    heat_station: str
    price_class: str
    heated: int
    suspended: int
    cut: int
    disconnected: int
    never_connected: int
    heated_dm2: int
    suspended_dm2: int
    cut_dm2: int
    disconnected_dm2: int
    never_connected_dm2: int
    billed_homes: int
    billed_dm2: int
    billed_fen: int
    paid_fen: int
    discount_fen: int
    rounding_fen: int
    late_fee_fen: int
    arrears_fen: int


def last_month_end(work: Work, *, before: date | None = None) -> MonthEnd | None:
    """The one that was taken last, of those before ``before`` where it is given."""
    rows = work.rows(
        _HEAD + "WHERE %(before)s::date IS NULL OR month < %(before)s ORDER BY month DESC LIMIT 1", {"before": before}
    )
    return _read(rows[0]) if rows else None


def month_end_of(work: Work, month: date) -> MonthEnd | None:
    rows = work.rows(_HEAD + "WHERE month = %s", (month,))
    return _read(rows[0]) if rows else None


def frozen(work: Work, month: date, kind: str, *, keys: Sequence[str] = KEYS) -> list[Group]:
    """The rows of a month end, added up by ``keys`` (of `season_report.KEYS`), in the order of their names."""
    names = ", ".join(f'{key} COLLATE "C"' for key in keys)
    rows = work.rows(
        f"SELECT {', '.join(keys)}, {_SUMS} FROM month_end_rows WHERE month = %s AND kind = %s"
        f" GROUP BY {', '.join(keys)} ORDER BY {names}",
        (month, kind),
    )
    return [Group(row[: len(keys)], Measures(*row[len(keys) :])) for row in rows]


def add_month_end(
    work: Work, month_end: MonthEnd, *, reason: str, standing: Sequence[Group], restated: Sequence[Group]
) -> None:
    month, day, season, previous_hash, content_hash = month_end
    work.add([
        MonthEndRow(month, work.command_id, day, season, reason, len(standing), previous_hash, content_hash)
    ])  # fmt: skip
    work.add(_rows(month, STANDING, standing))
    work.add(_rows(month, RESTATED, restated))


def _rows(month: date, kind: str, groups: Sequence[Group]) -> Iterable[GroupRow]:
    return (
        GroupRow._make((month, kind, number, *group.key, *group.measures))
        for number, group in enumerate(groups, start=1)
    )


def _read(row: tuple[date, date, int, bytes | None, bytes]) -> MonthEnd:
    month, day, season, previous_hash, content_hash = row
    return MonthEnd(month, day, season, bytes(previous_hash) if previous_hash else None, bytes(content_hash))

"""What homes were measured at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from services.accounts.domain.measured_days import DayReading
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_READINGS = """
SELECT account_no, day, share_of, share_by, celsius, official
FROM temperature_readings JOIN commands k USING (command_id)
WHERE account_no = ANY(%s) AND season = %s ORDER BY account_no, day, k.at, reading_id
"""


@row_of("temperature_readings")
class ReadingRow(NamedTuple):
    reading_id: int
    command_id: int
    account_no: str
    season: int
    day: date
    celsius: Decimal | None
    official: bool
    share_of: int
    share_by: int
    requested_at: datetime | None
    measured_at: datetime | None
    late: bool
    reason: str


def readings_of(work: Work, account_nos: Sequence[str], *, season: int) -> Mapping[str, list[DayReading]]:
    """By account what was measured in the season so far."""
    found: defaultdict[str, list[DayReading]] = defaultdict(list)
    for account_no, day, share_of, share_by, celsius, official in work.rows(_READINGS, (list(account_nos), season)):
        found[account_no].append(DayReading(day, Fraction(share_of, share_by), celsius, official))
    return found


def add_readings(work: Work, rows: Sequence[ReadingRow]) -> None:
    ids = work.new_ids(len(rows)) if rows else range(0)
    work.add(row._replace(reading_id=reading_id) for reading_id, row in zip(ids, rows, strict=True))

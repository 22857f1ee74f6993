"""Writing what heat meters showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.metered_heat import SeasonHeat
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of


@row_of("heat_readings")
class HeatReadingRow(NamedTuple):
    reading_id: int
    command_id: int
    account_no: str
    season: int
    quantity: Decimal
    unit: str
    correction_factor: Decimal | None
    read_on: date
    reason: str


VARIES = Change(
    "UPDATE heat_accounts a SET varies_from = least(a.varies_from, v.varies_from)"
    " FROM {rows} AS v (account_no, varies_from) WHERE a.account_no = v.account_no",
    ("text", "smallint"),
)
"""From that season on the account's own facts say how it is charged."""


def add_readings(work: Work, readings: Sequence[tuple[str, SeasonHeat]], *, season: int, reason: str) -> None:
    work.add(
        HeatReadingRow(reading_id, work.command_id, account_no, season, *heat, work.today, reason)
        for reading_id, (account_no, heat) in zip(work.new_ids(len(readings)), readings, strict=True)
    )
    work.change(VARIES, [(account_no, season) for account_no, _ in readings])

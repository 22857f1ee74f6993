"""Rows of a plan on paper, read strictly: every cell that cannot be read is named, and nothing is taken then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from services.accounts.domain.collection_plan import SCOPES, PlannedMonth
from services.accounts.domain.month_end import parse_month
from shared.kernel.errors import InvalidInput
from shared.kernel.season import parse_season

HEADINGS = ("采暖季", "范围", "名称", "月份", "计划收费率")
ROWS_MAX = 20_000
FAULTS_TOLD = 100
NAME_LONGEST = 80

_PCT = re.compile(r"(100(\.0{1,2})?|[1-9]?[0-9](\.[0-9]{1,2})?)%?", re.ASCII)
_SCOPE_OF = {word: code for code, word in SCOPES.items()} | {code: code for code in SCOPES}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

REMEDIES: Mapping[str, str] = {
    "采暖季": "写成 2025-2026 · write it as 2025-2026",
    "范围": "填 分公司 或 小区 · branch or compound",
    "名称": "填分公司或小区的名称，最多80字 · the name, up to 80 characters",
    "月份": "写成 2025-11 · write it as 2025-11",
    "计划收费率": "写成 85 或 85.5，单元格不要用百分比格式 · as 85 or 85.5, not in a cell of percentages",
}


class PlanFileRefused(InvalidInput):
    code = "plan_file_refused"
    remedy = "Correct the cells that are named, and send the whole file again; nothing was taken."


class PlanRow(NamedTuple):
    """``cells`` stand in the order of `HEADINGS`; ``row`` counts from the headings, which are 1."""

    row: int
    cells: tuple[str, ...]


def read_plan_rows(rows: Iterable[PlanRow]) -> list[tuple[int, PlannedMonth]]:
    """Each plan with the number of its row. Refuses `plan_file_refused` with every fault (the first hundred)."""
    read: list[tuple[int, PlannedMonth]] = []
    faults: list[dict[str, Any]] = []
    for row in rows:
        values, wrong = _read(row)
        if wrong:
            faults += wrong
        elif len(read) < ROWS_MAX:
            read.append((row.row, PlannedMonth(**values)))
        else:
            faults.append(_fault(row.row, "", "", f"更多的行 · more than {ROWS_MAX} rows"))
            break
    if faults:
        raise PlanFileRefused(f"{len(faults)} cells cannot be read", faults=faults[:FAULTS_TOLD])
    if not read:
        raise PlanFileRefused("below the headings there is no row", faults=[])
    return read


def _read(row: PlanRow) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    readers = {"season": _season, "scope": _scope, "name": _name, "month": _month, "planned_pct": _pct}
    values: dict[str, Any] = {}
    wrong = []
    for (name, read), heading, cell in zip(readers.items(), HEADINGS, row.cells, strict=True):
        try:
            values[name] = read(cell)
        except InvalidInput:
            wrong.append(_fault(row.row, heading, cell, REMEDIES[heading]))
    return values, wrong


def _fault(row: int, column: str, value: str, remedy: str) -> dict[str, Any]:
    return {"row": row, "column": column, "value": value[:40], "remedy": remedy}


def _season(cell: str) -> int:
    return int(parse_season(cell))


def _scope(cell: str) -> str:
    if cell not in _SCOPE_OF:
        raise InvalidInput("no scope", place="scope", value=cell)
    return _SCOPE_OF[cell]


def _name(cell: str) -> str:
    if not 1 <= len(cell) <= NAME_LONGEST or _CONTROL.search(cell):
        raise InvalidInput("no name", place="name", value=cell)
    return cell


def _month(cell: str) -> Any:
    return parse_month(cell.removesuffix("-01") if len(cell) == len("2025-11-01") else cell)


def _pct(cell: str) -> Decimal:
    match = _PCT.fullmatch(cell)
    if match is None or 0 < Decimal(match[1]) <= 1:  # a cell of percentages holds 0.85 for 85 % and 1 for 100 %
        raise InvalidInput("no percentage", place="planned_pct", value=cell)
    return Decimal(match[1])

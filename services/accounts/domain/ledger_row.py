"""One row of the customer ledger: what it says, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.accounts.domain.ledger_cells import READERS, id_type_differs
from services.accounts.domain.ledger_columns import ACCOUNT_NO, HEADINGS, ID_NO, ID_TYPE, REMARK, Cells
from services.accounts.domain.ledger_normal import SUSPECT, normalised
from services.accounts.domain.ledger_report import Fault, Normalised
from services.accounts.domain.ledger_values import Wrong

TEXT_MAX = 200
"""Characters of any cell but the remark."""

_INVISIBLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
"""Controls, zero-width characters and marks that turn the direction of writing."""

_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_UNUSUAL = re.compile(f"[{SUSPECT}{_INVISIBLE}]")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row that may be imported. The fields stand in the order of ``HEADINGS``; None is an empty cell.

    Areas are m² with two decimals, the height metres, money whole fen (neither is negative), a season its
    first year. ``arrears_seasons`` are (season, fen) in the order of the file; the parts, of which one may be
    0, add up to ``arrears_fen``. Bank, account and holder are all there or all None. ``low_income`` None:
    nothing is said.
    """

    row: int
    line: int
    account_no: str
    name: str
    id_type: str
    id_no: str
    phone: str | None
    compound: str
    building: str
    unit: str
    room: str
    floor: int
    building_area: Decimal
    inner_area: Decimal | None
    usable_area: Decimal | None
    storey_height: Decimal | None
    price_class: str
    state: str
    heat_station: str | None
    connected_on: date | None
    warranty_until: date | None
    suspended_from: int | None
    bank: str | None
    bank_account: str | None
    account_holder: str | None
    low_income: bool | None
    employer: str | None
    arrears_fen: int
    arrears_seasons: tuple[tuple[int, int], ...]
    prepayment_fen: int
    remark: str | None
    normalised: tuple[Normalised, ...] = ()


def judge_row(cells: Cells, *, row: int, line: int) -> LedgerRow | list[Fault]:
    """The row as it may be imported, or its faults in the order of the columns.

    ``cells`` are as written, arranged as ``HEADINGS``. A fault that only follows from another one (a sum of
    parts that cannot be read) is left out.
    """
    changes: tuple[Normalised, ...] = ()
    right = tuple(cells)
    if _UNUSUAL.search("|".join(right)) or max(map(len, right)) > TEXT_MAX:
        if hidden := _unfit_texts(right):
            return _faults(cells, hidden, row=row, line=line)
        right, changes = normalised(right)
    try:
        fields: list[Any] = [row, line, *[read(right) for read in READERS], changes]
    except Wrong:
        return _faults(cells, _wrong_columns(right), row=row, line=line)
    return LedgerRow(*fields)


def _wrong_columns(right: Cells) -> list[tuple[int, str]]:
    found = []
    for column, read in enumerate(READERS):
        try:
            read(right)
        except Wrong as wrong:
            found.append((column, wrong.reason))
    if any(column == ID_NO for column, _ in found) and id_type_differs(right):
        found = [(ID_TYPE, "id_type_differs") if column == ID_NO else (column, why) for column, why in found]
    return found


def _unfit_texts(cells: Cells) -> list[tuple[int, str]]:
    found = []
    for column, cell in enumerate(cells):
        if column == REMARK:
            if "\x00" in cell:
                found.append((column, "invisible_character"))
        elif _HIDDEN.search(cell):
            found.append((column, "invisible_character"))
        elif len(cell) > TEXT_MAX:
            found.append((column, "text_too_long"))
    return found


def _faults(cells: Cells, found: list[tuple[int, str]], *, row: int, line: int) -> list[Fault]:
    return [
        Fault(row, line, HEADINGS[column], cells[column], reason, account_no=cells[ACCOUNT_NO])
        for column, reason in found
    ]

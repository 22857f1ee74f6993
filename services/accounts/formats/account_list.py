"""A list of account numbers as a file: CSV (UTF-8 or GB18030) or .xlsx, with the heading 户号 or without any.

Strict: one cell that is no account number, and nothing of the list is taken; the first hundred such cells are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from services.accounts.domain.ledger_file import LedgerFileRefused
from services.accounts.formats.ledger import content_of, is_workbook
from services.accounts.formats.ledger_csv import CsvText
from services.accounts.formats.ledger_xlsx import SheetText
from shared.kernel.errors import Refusal

HEADINGS = ("户号", "account_no")
ROWS_MAX = 100_000
FAULTS_MAX = 100
_ACCOUNT_NO = re.compile(r"[0-9]{10}", re.ASCII)


class AccountListRefused(Refusal):
    code = "account_list_refused"
    status = 422
    remedy = "Correct the cells that are named, as text of ten digits, and send the list again."


def read_account_list(path: Path) -> tuple[str, ...]:
    """The account numbers in the order of the file. Blank rows are passed over.

    Refuses what `formats.ledger` refuses of a file as a whole, and `account_list_refused` with row, column, value and
    remedy of each cell that is no account number.
    """
    with content_of(path) as content:
        text = SheetText(content, path.name) if is_workbook(content) else CsvText(content, path.name)
        with closing(text.rows()) as written:
            rows = ((number, [cell.strip() for cell in cells]) for number, cells in written)
            return _numbers((row for row in rows if any(row[1])), file=path.name)


def _numbers(rows: Iterator[tuple[int, list[str]]], *, file: str) -> tuple[str, ...]:
    column, found, faults = None, [], []
    for number, cells in rows:
        if column is None:
            column = next((place for place, cell in enumerate(cells) if cell in HEADINGS), None)
            if column is not None:
                continue
            if len([cell for cell in cells if cell]) > 1:
                raise LedgerFileRefused("heading_missing", file=file, row=number, missing=HEADINGS[0])
            column = next(place for place, cell in enumerate(cells) if cell)
        cell = cells[column] if column < len(cells) else ""
        if _ACCOUNT_NO.fullmatch(cell):
            found.append(cell)
        else:
            faults.append(_fault(number, column, cell))
        if len(found) > ROWS_MAX or len(faults) >= FAULTS_MAX:
            break
    if faults:
        raise AccountListRefused(f"{file}: {len(faults)} cells are no account numbers", file=file, faults=faults)
    if not found:
        raise LedgerFileRefused("no_rows", file=file)
    return tuple(found)


def _fault(row: int, column: int, cell: str) -> dict[str, Any]:
    short = cell.isascii() and cell.isdigit() and len(cell) < 10
    remedy = "The spreadsheet dropped leading zeros: format the column as text." if short else "Ten digits."
    return {"row": row, "column": column + 1, "value": cell[:40], "remedy": remedy}

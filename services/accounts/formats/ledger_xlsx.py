"""A ledger as a workbook: one sheet of an .xlsx file, 用户台账, read row by row."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import IO, BinaryIO

from services.accounts.domain.ledger_columns import LEDGER, Headings, Table
from services.accounts.domain.ledger_file import LedgerFileRefused, LedgerFormat, LedgerRecord, found_headings
from services.accounts.formats.workbook.package import Workbook, refusing
from services.accounts.formats.workbook.shared_strings import SharedStrings
from services.accounts.formats.workbook.sheet_rows import SheetRow, sheet_rows


class SheetText:
    """An open workbook and its sheet of that name, or its first one."""

    def __init__(self, content: BinaryIO, file: str, *, sheet: str | None = None) -> None:
        self._file = file
        self._book = Workbook(content, file=file, sheet=sheet)
        with refusing(file):
            self._strings = SharedStrings(self._opened(self._book.strings_part))
        self.bytes_total = self._book.sheet_bytes
        self._part: IO[bytes] | None = None

    def rows(self) -> Generator[tuple[int, Sequence[str]]]:
        """Every row that is written down, with its number."""
        for row in self._rows():
            yield row.number, row.cells

    def _rows(self) -> Iterator[SheetRow]:
        with refusing(self._file):
            self._part = self._opened(self._book.sheet_part)
            if self._part is None:
                return
            with self._part:
                yield from sheet_rows(self._part, book=self._book, strings=self._strings)

    def _opened(self, part: str | None) -> IO[bytes] | None:
        return self._book.archive.open(part) if part is not None else None


class XlsxLedger(SheetText):
    """An open workbook. A row has no physical lines: ``line`` of a record is its ``row``.

    The sheet is found by its name, shown or hidden; other sheets are not looked at. Empty cells at the end of
    a row cannot be told from cells that are not there, so a row is as wide as the headings unless something
    stands to the right of them.
    """

    def __init__(self, content: BinaryIO, file: str, table: Table = LEDGER) -> None:
        super().__init__(content, file, sheet=table.sheet)
        first = next(self._rows(), None)
        if first is None:
            raise LedgerFileRefused("empty_file", file=file, sheet=table.sheet)
        self.headings: Headings = found_headings(first.cells if first.number == 1 else [], file=file, table=table)
        self._text_places = {place for place, name in enumerate(self.headings.names) if name not in table.dates}

    @property
    def bytes_done(self) -> int:
        """Of the unpacked sheet."""
        return self._part.tell() if self._part is not None and not self._part.closed else self.bytes_total

    def records(self) -> Iterator[LedgerRecord]:
        """The rows below the headings that are written down; empty ones may be among them or not."""
        width = self.headings.width
        rows = self._rows()
        next(rows)
        for number, cells, formulas, dates in rows:
            cells.extend([""] * (width - len(cells)))
            misplaced = tuple(place for place in dates if place in self._text_places)
            yield LedgerRecord(number, number, tuple(cells), tuple(formulas), misplaced)


LEDGER_FORMAT = LedgerFormat(name="xlsx", recognises=lambda head: head.startswith(b"PK\x03\x04"), open=XlsxLedger)

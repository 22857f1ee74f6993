"""The rows of a sheet, one after another, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO, NamedTuple

from services.accounts.domain.ledger_file import LedgerFileRefused
from services.accounts.formats.workbook.cell_text import date_text, iso_date_text, number_text, unescaped
from services.accounts.formats.workbook.package import Workbook
from services.accounts.formats.workbook.shared_strings import SharedStrings, strict_parser

COLUMNS_MAX = 1_000
ROW_CHARACTERS_MAX = 1 << 18
_BLOCK_BYTES = 1 << 16


class SheetRow(NamedTuple):
    """One row that is written down. ``cells`` end with the last one that holds something.

    ``formulas`` are the places of formulas and errors (the text is the formula), ``dates`` those of date
    cells.
    """

    number: int
    cells: list[str]
    formulas: list[int]
    dates: list[int]


def sheet_rows(part: IO[bytes], *, book: Workbook, strings: SharedStrings) -> Iterator[SheetRow]:
    """The rows of a sheet in ascending order; hidden ones are rows like any other.

    Refused: merged cells (they stand behind the rows, so this is only known at the end).
    """
    reader = _RowReader(book, strings)
    while block := part.read(_BLOCK_BYTES):
        reader.parser.Parse(block, False)
        yield from reader.rows
        reader.rows.clear()
    reader.parser.Parse(b"", True)
    yield from reader.rows


class _RowReader:
    def __init__(self, book: Workbook, strings: SharedStrings) -> None:
        self.rows: list[SheetRow] = []
        self._book, self._strings = book, strings
        self._row = SheetRow(0, [], [], [])
        self._column = 0
        self._kind = "n"
        self._style: str | None = None
        self._texts: list[str] = []
        self._formula: list[str] | None = None
        self._target: list[str] | None = None
        self._pronunciations = self._characters = 0
        self._starts: dict[str, Callable[[dict[str, str]], None] | None] = {
            "c": self._cell_starts, "row": self._row_starts, "v": self._text_starts, "t": self._text_starts,
            "f": self._formula_starts, "rPh": self._pronunciation_starts, "mergeCell": self._refuse_merged,
        }  # fmt: skip
        self._ends: dict[str, Callable[[], None] | None] = {
            "c": self._cell_ends, "row": self._row_ends, "v": self._text_ends, "t": self._text_ends,
            "f": self._text_ends, "rPh": self._pronunciation_ends,
        }  # fmt: skip
        self.parser = strict_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        try:
            starts = self._starts[name]
        except KeyError:  # another element, or a prefix before the name
            starts = self._starts[name] = self._starts.get(name.rpartition(":")[2])
        if starts:
            starts(attributes)

    def _end(self, name: str) -> None:
        try:
            ends = self._ends[name]
        except KeyError:
            ends = self._ends[name] = self._ends.get(name.rpartition(":")[2])
        if ends:
            ends()

    def _text(self, data: str) -> None:
        if self._target is not None and not self._pronunciations:
            self._target.append(data)
            self._characters += len(data)
            if self._characters > ROW_CHARACTERS_MAX:
                raise LedgerFileRefused("line_too_long", file=self._book.file, row=self._row.number)

    def _row_starts(self, attributes: dict[str, str]) -> None:
        last = self._row.number
        number = int(attributes.get("r", last + 1))
        if number <= last:
            raise ValueError(f"row {number} stands behind row {last}")
        self._row = SheetRow(number, [], [], [])
        self._column, self._characters = -1, 0

    def _row_ends(self) -> None:
        self.rows.append(self._row)

    def _cell_starts(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = _column(reference.rstrip("0123456789")) if reference else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s")
        self._texts, self._formula = [], None

    def _text_starts(self, _attributes: dict[str, str]) -> None:
        self._target = self._texts

    def _formula_starts(self, _attributes: dict[str, str]) -> None:
        self._formula = self._target = ["="]

    def _text_ends(self) -> None:
        self._target = None

    def _pronunciation_starts(self, _attributes: dict[str, str]) -> None:
        self._pronunciations += 1

    def _pronunciation_ends(self) -> None:
        self._pronunciations -= 1

    def _refuse_merged(self, attributes: dict[str, str]) -> None:
        raise LedgerFileRefused("merged_cells", file=self._book.file, cells=attributes.get("ref", ""))

    def _cell_ends(self) -> None:
        text = self._cell_text()
        if not text:
            return
        cells, column = self._row.cells, self._column
        if column < len(cells):
            raise ValueError(f"a cell of row {self._row.number} stands behind a later one")
        if column >= COLUMNS_MAX:
            raise LedgerFileRefused("workbook_broken", file=self._book.file, row=self._row.number)
        cells.extend([""] * (column - len(cells)))
        cells.append(text)

    def _cell_text(self) -> str:
        raw, kind = "".join(self._texts), self._kind
        if self._formula is not None or kind == "e":
            self._row.formulas.append(self._column)
            return "".join(self._formula) if self._formula is not None else raw
        if not raw or kind in ("inlineStr", "str"):
            return unescaped(raw)
        if kind == "s":
            return self._strings[int(raw)]
        if kind == "n" and not self._book.is_date(self._style):
            return number_text(raw, self._book.decimals(self._style))
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        self._row.dates.append(self._column)
        return iso_date_text(raw) if kind == "d" else date_text(raw, self._book.epoch)


@lru_cache(maxsize=2_000)
def _column(letters: str) -> int:
    """``A`` → 0, ``AB`` → 27."""
    place = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(f"{letters!r} is no column")
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1

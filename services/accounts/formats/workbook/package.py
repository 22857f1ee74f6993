"""The parts of a workbook, and what speaks against opening it."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.xml.constants import SHARED_STRINGS

from services.accounts.domain.ledger_file import LedgerFileRefused

PARTS_MAX = 1_000
UNPACKED_BYTES_MAX = 8 << 30
RATIO_MAX = 200
"""Unpacked to packed; rows of a ledger come to 10 to 60, a bomb to about 1,000."""

_RATIO_FROM_BYTES = 10 << 20
_SMALL_PART_BYTES_MAX = 16 << 20
_STREAMED = re.compile(r"xl/(?:worksheets/|sharedStrings)", re.IGNORECASE)
_CHINESE_DATE_FORMATS = frozenset({*range(27, 32), 36, *range(50, 55), 57, 58})
"""Built-in formats of Chinese spreadsheets (ECMA-376 18.8.30), which openpyxl does not know to be dates."""

_FIXED_DECIMALS = re.compile(r"[#,0]*0\.(0+)(?![0#?%.Ee])")

_UNREADABLE = (
    BadZipFile, zlib.error, EOFError, ExpatError, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, NotImplementedError, OSError,
)  # fmt: skip


@contextmanager
def refusing(file: str) -> Iterator[None]:
    """What the readers of ZIP, XML and openpyxl raise at a damaged workbook, as a refusal."""
    try:
        yield
    except _UNREADABLE as error:
        raise LedgerFileRefused("workbook_broken", file=file, problem=str(error)[:200]) from error


class Workbook:
    """An open workbook with one sheet of interest: the one of that name, or the first. ``epoch`` is the day from which it counts days."""

    def __init__(self, content: BinaryIO, *, file: str, sheet: str | None) -> None:
        self.file = file
        with refusing(file), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.archive = ZipFile(content)
            self._refuse_dangerous(self.archive.infolist())
            reader = ExcelReader(content, read_only=True, keep_links=False)
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(self.archive, reader.wb)
            sheets = {found.name: relation.target for found, relation in reader.parser.find_sheets()}
            strings: Any = reader.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if sheet is None:
            sheet = next(iter(sheets), "")
        if sheet not in sheets:
            raise LedgerFileRefused("sheet_missing", file=file, sheets="、".join(map(str, sheets))[:200])
        self.sheet_part: str = sheets[sheet]
        self.strings_part: str | None = strings.PartName[1:] if strings is not None else None
        self.epoch: datetime = reader.wb.epoch
        self._read_styles(reader.wb)

    @property
    def sheet_bytes(self) -> int:
        with refusing(self.file):
            return self.archive.getinfo(self.sheet_part).file_size

    def is_date(self, style: str | None) -> bool:
        return style in self._date_styles

    def decimals(self, style: str | None) -> int:
        """The decimals that a cell of this style shows, 0 where its format does not fix them."""
        return self._decimals.get(style or "0", 0)

    def _read_styles(self, book: Any) -> None:
        formats = {str(style): cell_style.numFmtId for style, cell_style in enumerate(book._cell_styles)}  # noqa: SLF001
        dates = {str(style) for style in book._date_formats - book._timedelta_formats}  # noqa: SLF001
        self._date_styles = dates | {s for s, number in formats.items() if number in _CHINESE_DATE_FORMATS}
        self._decimals = {style: _fixed_decimals(_format_code(book, number)) for style, number in formats.items()}

    def _refuse_dangerous(self, parts: list[ZipInfo]) -> None:
        names = [part.filename for part in parts]
        if "[Content_Types].xml" not in names:
            raise LedgerFileRefused("not_a_ledger", file=self.file)
        if len(names) != len(set(names)):
            raise LedgerFileRefused("workbook_broken", file=self.file, problem="two parts of one name")
        if any(part.flag_bits & 1 for part in parts):
            raise LedgerFileRefused("workbook_encrypted", file=self.file)
        if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
            raise LedgerFileRefused("workbook_too_large", file=self.file)
        for part in parts:
            self._refuse_bomb(part)
        lowered = [name.lower() for name in names]
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lowered):
            raise LedgerFileRefused("workbook_with_macros", file=self.file)
        if any(name.startswith("xl/externallinks/") for name in lowered):
            raise LedgerFileRefused("workbook_with_links", file=self.file)

    def _refuse_bomb(self, part: ZipInfo) -> None:
        inflated = part.file_size > _RATIO_FROM_BYTES and part.file_size > RATIO_MAX * part.compress_size
        swollen = part.file_size > _SMALL_PART_BYTES_MAX and not _STREAMED.match(part.filename)
        if inflated or swollen:
            raise LedgerFileRefused("workbook_too_large", file=self.file, part=part.filename)


def _format_code(book: Any, number: int) -> str:
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, ""))
    return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])  # noqa: SLF001


def _fixed_decimals(format_code: str) -> int:
    match = _FIXED_DECIMALS.match(format_code)
    return len(match[1]) if match else 0

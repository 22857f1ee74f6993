"""A ledger as delimited text: commas, double quotes where needed, UTF-8 or GB18030."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Sequence
from typing import BinaryIO

from services.accounts.domain.ledger_columns import LEDGER, Headings, Table
from services.accounts.domain.ledger_file import LedgerFileRefused, LedgerFormat, LedgerRecord, found_headings

LINE_CHARACTERS_MAX = 1 << 16
RECORD_LINES_MAX = 200
"""Lines that one record may take up; with more of them a quotation mark was not closed."""

_BLOCK_BYTES = 1 << 18
_MARK = "\ufeff"
_OTHER_FORMATS = (b"PK", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class CsvText:
    """An open file of delimited text; its encoding is settled before anything is read from it.

    ``encoding`` is ``utf-8`` or ``gb18030``. A byte-order mark settles it; without one a file that is UTF-8
    from its first to its last byte is UTF-8, else it must be GB18030 from the first to the last.
    """

    def __init__(self, content: BinaryIO, file: str) -> None:
        self._content, self._file = content, file
        self.bytes_total = content.seek(0, io.SEEK_END)
        self.encoding = _settled_encoding(content, file=file)

    def rows(self) -> Generator[tuple[int, Sequence[str]]]:
        """Every record with its number, headings and all."""
        for record in self._read():
            yield record.row, record.cells

    def _read(self) -> Iterator[LedgerRecord]:
        self._content.seek(0)
        text = io.TextIOWrapper(self._content, encoding=self.encoding, newline="")
        try:
            lines = _Lines(text, file=self._file)
            reader = csv.reader(lines, strict=True)
            row = 0
            while True:
                line = lines.record_begins()
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise self._misquoted(error, row=row + 1, line=line) from None
                row += 1
                yield LedgerRecord(row, line, tuple(fields))
        finally:
            text.detach()

    def _misquoted(self, error: csv.Error, *, row: int, line: int) -> LedgerFileRefused:
        endless = "unexpected end" in str(error) or "field limit" in str(error)
        reason = "quote_unclosed" if endless else "quote_misplaced"
        return LedgerFileRefused(reason, file=self._file, row=row, line=line)


class CsvLedger(CsvText):
    """The same with the headings of a ledger in its first record."""

    def __init__(self, content: BinaryIO, file: str, table: Table = LEDGER) -> None:
        super().__init__(content, file)
        first = next(self._read(), None)
        if first is None:
            raise LedgerFileRefused("empty_file", file=file)
        self.headings: Headings = found_headings(first.cells, file=file, table=table)

    @property
    def bytes_done(self) -> int:
        return self._content.tell()

    def records(self) -> Iterator[LedgerRecord]:
        """The records below the headings. Refused: a line or record without end, quotation marks astray."""
        records = self._read()
        next(records)
        return records


class _Lines:
    """Physical lines for the reader of records, counted; none longer than a row of a ledger can be."""

    def __init__(self, text: io.TextIOWrapper, *, file: str) -> None:
        self._text, self._file = text, file
        self._line = self._first_of_record = 0

    def record_begins(self) -> int:
        """The number of the line with which the next record begins."""
        self._first_of_record = self._line + 1
        return self._first_of_record

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LINE_CHARACTERS_MAX + 1)
        if self._line == 0:
            line = line.removeprefix(_MARK)
        if not line:
            raise StopIteration
        self._line += 1
        if len(line) > LINE_CHARACTERS_MAX:
            raise LedgerFileRefused(
                "line_too_long", file=self._file, line=self._line, characters_max=LINE_CHARACTERS_MAX
            )
        if self._line - self._first_of_record >= RECORD_LINES_MAX:
            raise LedgerFileRefused("quote_unclosed", file=self._file, line=self._first_of_record)
        return line


def _settled_encoding(content: BinaryIO, *, file: str) -> str:
    content.seek(0)
    head = content.read(4)
    if head.startswith(_WIDE_MARKS):
        raise LedgerFileRefused("encoding", file=file, offset=0, found="UTF-16")
    marked = next((name for name in ("utf-8", "gb18030") if head.startswith(_MARK.encode(name))), None)
    wrong_at = {}
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        offset = _undecodable_at(content, encoding, file=file)
        if offset is None:
            return encoding
        wrong_at[f"{encoding.replace('-', '')}_fails_at"] = offset
    raise LedgerFileRefused("encoding", file=file, offset=max(wrong_at.values()), **wrong_at)


def _undecodable_at(content: BinaryIO, encoding: str, *, file: str) -> int | None:
    """The offset of the first byte that is not text in this encoding, None where all of it is."""
    content.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset = 0
    while True:
        block = content.read(_BLOCK_BYTES)
        if (nul := block.find(b"\x00")) >= 0:
            raise LedgerFileRefused("nul_bytes", file=file, offset=offset + nul)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return offset - pending + error.start
        if not block:
            return None
        offset += len(block)


def _recognises(head: bytes) -> bool:
    """Anything may be text; what begins as another well-known format or as a page of the web is none."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return not head.startswith(_OTHER_FORMATS) and not text.startswith((b"<", b"{"))


LEDGER_FORMAT = LedgerFormat(name="csv", recognises=_recognises, open=CsvLedger)

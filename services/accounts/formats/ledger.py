"""Reading a customer ledger, whatever its format: every row judged, in the order of the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from services.accounts import formats
from services.accounts.domain.ledger_columns import LEDGER, Table
from services.accounts.domain.ledger_conflicts import Conflict, ConflictIndex, Conflicts
from services.accounts.domain.ledger_file import (
    LedgerFileRefused,
    LedgerFormat,
    LedgerRecord,
    LedgerSource,
)
from services.accounts.domain.ledger_record import is_blank, judge_record
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from shared.kernel.registry import declarations

Progress = Callable[[int, float], None]
"""Told (rows judged so far, share of the whole work that is done, 0 to 1)."""

_PROGRESS_ROWS = 2_000
_HEAD_BYTES = 512
_COMPOUND_DOCUMENT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DIRECTORY_SEARCH_BYTES = 1 << 24


def read_ledger(path: Path, *, progress: Progress | None = None) -> Iterator[LedgerRow | Fault]:
    """Every row of the ledger as it may be imported, or as it is refused, in the order of the file.

    The file is read twice, once for the conflicts between its rows and once to judge them; nothing is
    answered before all of it was read once. Raises `LedgerFileRefused` where the file is not taken as a
    whole, at the end also if it was changed meanwhile: what was taken from it till then must be given up.
    """
    with Ledger(path) as ledger:
        yield from ledger.judged(progress=progress)


class Ledger:
    """An open ledger. ``format`` is the name of its format, by its content and not by its name."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._content = _opened(path)
        try:
            self._state = _state(self._content)
            declared = _recognised(self._content, file=self.name)
            self.format = declared.name
            self._source: LedgerSource = declared.open(self._content, self.name, LEDGER)
        except BaseException:
            self._content.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._content.close()

    @property
    def unknown_headings(self) -> tuple[str, ...]:
        """Columns of the file that are not imported; ``""`` is one without a heading."""
        return self._source.headings.unknown

    def judged(self, *, progress: Progress | None = None) -> Iterator[LedgerRow | Fault]:
        """See `read_ledger`."""
        conflicts = self._conflicts(progress)
        if not len(conflicts):
            raise LedgerFileRefused("no_rows", file=self.name)
        self._refuse_change()
        headings = self._source.headings
        position = -1
        for position, record in enumerate(self._records()):
            if position >= len(conflicts) or conflicts.row(position) != record.row:
                raise LedgerFileRefused("changed_while_read", file=self.name)
            outcome = judge_record(record, headings)
            if found := conflicts.of(position):
                outcome = _in_conflict(outcome, found, cells=headings.arranged(record.cells))
            yield outcome
            self._tell(progress, position + 1, passes_done=1)
        if position + 1 != len(conflicts):
            raise LedgerFileRefused("changed_while_read", file=self.name)
        self._refuse_change()
        if progress:
            progress(position + 1, 1.0)

    def _conflicts(self, progress: Progress | None) -> Conflicts:
        index, headings = ConflictIndex(), self._source.headings
        for position, record in enumerate(self._records()):
            if len(record.cells) == headings.width:
                index.add(headings.arranged(record.cells), row=record.row)
            else:
                index.add_unreadable(row=record.row)
            if position % _PROGRESS_ROWS == 0:
                self._tell(progress, 0, passes_done=0)
        return index.closed()

    def _records(self) -> Iterator[LedgerRecord]:
        return (record for record in self._source.records() if not is_blank(record))

    def _tell(self, progress: Progress | None, rows: int, *, passes_done: int) -> None:
        if progress and rows % _PROGRESS_ROWS == 0:
            progress(rows, (passes_done + self._source.bytes_done / (self._source.bytes_total or 1)) / 2)

    def _refuse_change(self) -> None:
        if _state(self._content) != self._state:
            raise LedgerFileRefused("changed_while_read", file=self.name)


@contextmanager
def opened_table(path: Path, table: Table) -> Iterator[LedgerSource]:
    """A file of another table than a ledger, in any of the formats of ledgers, with the same refusals."""
    content = _opened(path)
    try:
        yield _recognised(content, file=path.name).open(content, path.name, table)
    finally:
        content.close()


def _in_conflict(outcome: LedgerRow | Fault, found: tuple[Conflict, ...], *, cells: tuple[str, ...]) -> Fault:
    """The refusal of a row that takes part in conflicts; its own fault, if it has one, is told first."""
    faults = [conflict.fault(cells, row=outcome.row, line=outcome.line) for conflict in found]
    if isinstance(outcome, Fault):
        return replace(outcome, also=(*outcome.also, *faults))
    return replace(faults[0], also=tuple(faults[1:]))


@contextmanager
def content_of(path: Path) -> Iterator[BinaryIO]:
    """The file, open for one reading. Refused: what is no file, and one that holds nothing."""
    content = _opened(path)
    with content:
        if not content.read(1):
            raise LedgerFileRefused("empty_file", file=path.name)
        content.seek(0)
        yield content


def is_workbook(content: BinaryIO) -> bool:
    """By its first bytes; anything else that is recognised is text. Refused: what is neither."""
    name = _recognised(content, file="list").name
    content.seek(0)
    return name == "xlsx"


def _opened(path: Path) -> BinaryIO:
    """The file, open. A pipe is not waited for and a device not read from."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise LedgerFileRefused("not_readable", file=path.name, problem=problem) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise LedgerFileRefused("not_a_file", file=path.name)
    return os.fdopen(descriptor, "rb")


def _recognised(content: BinaryIO, *, file: str) -> LedgerFormat:
    head = content.read(_HEAD_BYTES)
    if not head:
        raise LedgerFileRefused("empty_file", file=file)
    if head.startswith(_COMPOUND_DOCUMENT):
        encrypted = _ENCRYPTED in head + content.read(_DIRECTORY_SEARCH_BYTES)
        raise LedgerFileRefused("workbook_encrypted" if encrypted else "not_a_ledger", file=file)
    for declared in _formats().values():
        if declared.recognises(head):
            return declared
    raise LedgerFileRefused("not_a_ledger", file=file)


@cache
def _formats() -> dict[str, LedgerFormat]:
    return declarations(formats, attribute="LEDGER_FORMAT")


def _state(content: BinaryIO) -> tuple[int, int]:
    """Size and last change: a transfer may still be writing to the file."""
    status = os.fstat(content.fileno())
    return status.st_size, status.st_mtime_ns

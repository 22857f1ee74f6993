"""A customer ledger as a file: records under headings, and the reasons why a file is not taken at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, NamedTuple, Protocol

from services.accounts.domain.ledger_columns import BLANKS, LEDGER, Cells, Headings, Table, headings, missing, repeated
from shared.kernel.errors import Refusal

FILE_REASONS: Mapping[str, tuple[str, str, str]] = {
    "not_a_file": (
        "this is no file but a directory, a pipe or a device",
        "请指定一个普通文件。",
        "Name an ordinary file.",
    ),
    "not_readable": (
        "the file cannot be opened",
        "请检查文件名和读取权限。",
        "Check the name of the file and who may read it.",
    ),
    "empty_file": ("the file holds nothing", "请重新导出。", "Export it again."),
    "no_rows": ("below the headings there is no row", "请重新导出。", "Export it again."),
    "not_a_ledger": (
        "this is neither delimited text nor an .xlsx workbook",
        "请导出为 CSV 或 .xlsx。",
        "Export as CSV or .xlsx.",
    ),
    "encoding": (
        "the text is neither UTF-8 nor GB18030",
        "请以 UTF-8 或 GB18030 重新导出；文件中不得混用两种编码。",
        "Export again in UTF-8 or GB18030, the whole file in one of them.",
    ),
    "nul_bytes": (
        "the file holds NUL bytes: it is UTF-16, damaged or no text",
        "请以 UTF-8 或 GB18030 重新导出。",
        "Export again in UTF-8 or GB18030.",
    ),
    "line_too_long": (
        "a line is longer than any row can be",
        "请检查该行，重新导出。",
        "Look at that line and export again.",
    ),
    "quote_unclosed": (
        "a quotation mark is opened and never closed",
        "请检查该行的双引号；字段内的双引号要写成两个。",
        "Look at the quotation marks of that line; one inside a field is written twice.",
    ),
    "quote_misplaced": (
        "something stands between a closing quotation mark and the comma",
        "请检查该行的双引号；字段内的双引号要写成两个。",
        "Look at the quotation marks of that line; one inside a field is written twice.",
    ),
    "heading_missing": (
        "a heading is missing in the first row",
        "第一行必须是表头，且各列齐全，名称一字不差。",
        "The first row holds all headings, written exactly as on the page of columns.",
    ),
    "heading_repeated": (
        "a heading stands there twice",
        "请删除或改名多余的一列。",
        "Remove or rename one of the two columns.",
    ),
    "workbook_encrypted": (
        "the workbook is protected by a password",
        "请取消工作簿密码后另存。",
        "Save it without a password.",
    ),
    "workbook_broken": (
        "the workbook cannot be read",
        "请用表格软件打开并另存为 .xlsx。",
        "Open it in a spreadsheet and save it as .xlsx again.",
    ),
    "workbook_too_large": (
        "the workbook unpacks to far more than a ledger can hold",
        "请重新导出；大台账请用 CSV。",
        "Export it again; large ledgers as CSV.",
    ),
    "workbook_with_macros": (
        "the workbook contains macros",
        "请另存为不含宏的 .xlsx。",
        "Save it as .xlsx without macros.",
    ),
    "workbook_with_links": (
        "the workbook refers to other workbooks",
        "请把公式粘贴为数值后另存。",
        "Paste its formulas as values and save it again.",
    ),
    "sheet_missing": (
        "the workbook has no sheet of the name that is asked for",
        "请把数据所在工作表命名为所要求的名称（台账为 用户台账，减免名单为 减免名单）。",
        "Name the sheet as asked for: 用户台账 for a ledger, 减免名单 for a list of relief.",
    ),
    "merged_cells": (
        "cells are merged, so some rows do not say what they hold",
        "请取消合并单元格，并在每行填写。",
        "Unmerge the cells and write the value into every row.",
    ),
    "changed_while_read": (
        "the file was changed while it was read",
        "请等文件传完再导入。",
        "Wait until the file has arrived, then import again.",
    ),
}
"""Why a whole file is not taken: what was found, and the remedy in Chinese and in English."""


class LedgerFileRefused(Refusal):
    """A ledger that is not taken as a whole; nothing of it is imported.

    ``code`` is the reason itself, one of ``FILE_REASONS``. ``facts`` hold the place as far as it is known:
    ``line`` and ``row`` count from 1 (see `LedgerRecord`), ``offset`` counts bytes from 0.
    """

    code = "ledger_file_refused"
    status: ClassVar[int] = 422

    def __init__(self, reason: str, *, file: str, **facts: Any) -> None:
        sentence, remedy_zh, remedy = FILE_REASONS[reason]
        self.__dict__.update(code=reason, remedy=remedy, remedy_zh=remedy_zh)
        place = "".join(f", {name} {value}" for name, value in facts.items())
        super().__init__(f"{file}: {sentence}{place}", file=file, reason=reason, **facts)


def found_headings(first: Cells, *, file: str, table: Table = LEDGER) -> Headings:
    """The headings in the first record. Refused: one that is missing, or one of ours that stands there twice.

    Columns that nobody here knows are no reason to refuse: every column of ours has been found by then.
    """
    names = [name.strip(BLANKS) for name in first]
    if lacking := missing(names, table.headings):
        raise LedgerFileRefused(
            "heading_missing", file=file, row=1, missing="、".join(lacking), found="、".join(names)[:400]
        )
    if twice := repeated(names, table.headings):
        raise LedgerFileRefused("heading_repeated", file=file, row=1, repeated="、".join(twice))
    return headings(names, table.headings)


class LedgerRecord(NamedTuple):
    """One record as it stands in the file. The headings are row 1.

    ``row`` counts records, ``line`` physical lines and names the first one of a record (in a workbook the two
    are the same). ``cells`` are in the order of the file, as written, and may be too few or too many.
    ``formulas`` are the places among them whose cell holds a formula or an error; there the formula is the
    text. ``dates`` are the places of date cells in columns that hold no dates (a spreadsheet made them of
    ``3-2``).
    """

    row: int
    line: int
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()
    dates: tuple[int, ...] = ()


class LedgerSource(Protocol):
    """An open ledger. Its records can be read again and again, always from the beginning."""

    @property
    def headings(self) -> Headings: ...

    @property
    def bytes_total(self) -> int: ...

    @property
    def bytes_done(self) -> int:
        """How far the reading that runs has come."""

    def records(self) -> Iterator[LedgerRecord]:
        """What stands below the headings; refuses the file where it cannot be read on."""


@dataclass(frozen=True, slots=True)
class LedgerFormat:
    """A way in which ledgers are written. ``recognises`` judges by the first bytes, never by the name."""

    name: str
    recognises: Callable[[bytes], bool]
    open: Callable[[BinaryIO, str, Table], LedgerSource]

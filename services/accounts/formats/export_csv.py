"""CSV that a spreadsheet opens as text: UTF-8 with a mark, quoted, and nothing in it that would be calculated.

A cell of text that begins as a formula does, or as one does after a spreadsheet has folded its full-width form, gets
an apostrophe before it (OWASP, *CSV Injection*). Numbers are written by us and stay numbers, minus signs included.
"""

from __future__ import annotations

import csv
import io
from typing import Any, BinaryIO

from services.accounts.domain.cell_kinds import TEXT
from services.accounts.formats.exported_cell import ExportFormat, Heading, written

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """``defused("=1+1")`` → ``"'=1+1"``; blanks before the sign do not hide it."""
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip(" \u00a0\u3000").startswith(DANGEROUS) else text


class CsvSheet:
    def __init__(self, file: BinaryIO, headings: tuple[Heading, ...], *, title: str) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._kinds = [heading.kind for heading in headings]
        self._writer.writerow([defused(heading.title) for heading in headings])

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        self._writer.writerows(map(self._cells, rows))

    def _cells(self, row: tuple[Any, ...]) -> list[str]:
        return [defused(value or "") if kind == TEXT else written(kind, value)
                for kind, value in zip(self._kinds, row, strict=True)]  # fmt: skip

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


EXPORT_FORMAT = ExportFormat("csv", "text/csv; charset=utf-8", CsvSheet)

"""A plan of collection as a file: CSV (UTF-8 or GB18030) or .xlsx, its columns found by their headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from services.accounts.domain.ledger_columns import BLANKS
from services.accounts.domain.ledger_file import LedgerFileRefused
from services.accounts.domain.plan_rows import HEADINGS, PlanFileRefused, PlanRow
from services.accounts.formats.ledger import content_of, is_workbook
from services.accounts.formats.ledger_csv import CsvText
from services.accounts.formats.ledger_xlsx import SheetText


def plan_rows(path: Path) -> Iterator[PlanRow]:
    """The rows below the headings, empty ones left out; of a workbook those of its first sheet.

    Refuses what `formats.ledger` refuses of a file as a whole, and `plan_file_refused`.
    """
    with content_of(path) as content:
        text = SheetText(content, path.name) if is_workbook(content) else CsvText(content, path.name)
        with closing(text.rows()) as written:
            yield from _below_headings(written, file=path.name)


def _below_headings(written: Iterable[tuple[int, Sequence[str]]], *, file: str) -> Iterator[PlanRow]:
    places: list[int] = []
    for number, row in written:
        cells = [cell.strip(BLANKS) for cell in row]
        if not places:
            places = _places(cells)
        elif any(cells):
            width = max(places) + 1
            if any(cells[width:]):
                raise PlanFileRefused("something stands to the right of the columns", faults=[], row=number)
            cells += [""] * (width - len(cells))
            yield PlanRow(number, tuple(cells[place] for place in places))
    if not places:
        raise LedgerFileRefused("empty_file", file=file)


def _places(headings: Sequence[str]) -> list[int]:
    missing = [heading for heading in HEADINGS if headings.count(heading) != 1]
    unknown = [heading for heading in headings if heading and heading not in HEADINGS]
    if missing or unknown:
        raise PlanFileRefused(
            f"the first row holds the headings {', '.join(HEADINGS)}, each once", faults=[], row=1,
            column="、".join([*missing, *unknown])[:200],
        )  # fmt: skip
    return [headings.index(heading) for heading in HEADINGS]

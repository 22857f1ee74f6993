"""What files of exports hold, cell by cell."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.cell_kinds import AMOUNT, DAY, FLAG, INSTANT, NUMBER, SEASON, TEXT, WHOLE
from services.accounts.formats.export_csv import DANGEROUS, CsvSheet, defused
from services.accounts.formats.export_xlsx import XlsxSheet
from services.accounts.formats.exported_cell import export_formats


class Head(NamedTuple):
    title: str
    kind: str


HEADS = (Head("文", TEXT), Head("元", AMOUNT), Head("数", NUMBER), Head("整", WHOLE), Head("日", DAY),
         Head("时", INSTANT), Head("季", SEASON), Head("是否", FLAG))  # fmt: skip
ROW = (
    "王秀英",
    -233038,
    Decimal("89.63"),
    7,
    date(2024, 2, 29),
    datetime(2025, 10, 20, 16, 30, 5, tzinfo=UTC),
    2025,
    True,
)
EMPTY = (None,) * 8


def as_csv(rows: list[tuple[Any, ...]], heads: tuple[Head, ...] = HEADS) -> list[list[str]]:
    file = io.BytesIO()
    sheet = CsvSheet(file, heads, title="表")
    sheet.add(rows)
    sheet.close()
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def as_workbook(rows: list[tuple[Any, ...]], heads: tuple[Head, ...] = HEADS, **how: Any) -> Any:
    file = io.BytesIO()
    sheet = XlsxSheet(file, heads, title="表", **how)
    sheet.add(rows)
    sheet.close()
    return openpyxl.load_workbook(file)


def test_csv_writes_every_kind_as_people_do() -> None:
    assert as_csv([ROW, EMPTY])[1:] == [
        ["王秀英", "-2330.38", "89.63", "7", "2024-02-29", "2025-10-21 00:30:05", "2025-2026", "是"], [""] * 8,
    ]  # fmt: skip


def test_a_workbook_writes_every_kind_as_what_it_is() -> None:
    _, full, empty = as_workbook([ROW, EMPTY]).active.iter_rows()
    assert [cell.value for cell in full] == [
        "王秀英", -2330.38, 89.63, 7, datetime(2024, 2, 29), datetime(2025, 10, 21, 0, 30, 5), "2025-2026", "是",  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.data_type for cell in full] == ["s", "n", "n", "n", "d", "d", "s", "s"]
    assert [cell.value for cell in empty] == [None] * 8


@given(seconds=st.integers(0, 86_399))
def test_every_second_of_a_day_is_kept(seconds: int) -> None:
    at = datetime.fromtimestamp(1_760_000_000 // 86_400 * 86_400 + seconds, UTC)
    cell = as_workbook([(at,)], (Head("时", INSTANT),)).active["A2"].value
    assert (cell.hour * 60 + cell.minute) * 60 + cell.second == (seconds + 8 * 3600) % 86_400


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(text=TEXTS)
def test_no_cell_of_csv_begins_as_a_formula(text: str) -> None:
    for cell in as_csv([(text,)], (Head(text, TEXT),)):
        assert not (cell and cell[0].startswith(DANGEROUS))
        assert not (cell and cell[0].lstrip(" \u00a0\u3000").startswith(DANGEROUS))


@given(text=TEXTS)
def test_text_goes_through_csv_to_the_letter_but_for_the_apostrophe(text: str) -> None:
    assert as_csv([(text, 1)], (HEADS[0], HEADS[3]))[1] == [defused(text), "1"]
    assert defused(text) in (text, f"'{text}")


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30))
def test_text_goes_through_a_workbook_to_the_letter_and_is_never_a_formula(text: str) -> None:
    cell = as_workbook([(text,)], (HEADS[0],)).active["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize(("text", "read"), [
    ("a\x00b\x1f\ufffe", "ab"), ("<a&b>]]>", "<a&b>]]>"), (" 两端 ", " 两端 "), ("王" * 40_000, "王" * 32_767),
])  # fmt: skip
def test_what_would_break_a_workbook_does_not(text: str, read: str) -> None:
    assert as_workbook([(text,)], (HEADS[0],)).active["A2"].value == read


def test_what_a_spreadsheet_would_take_for_an_escape_is_escaped() -> None:
    """ECMA-376, ST_Xstring: `_x0041_` in a file is the letter A."""
    file = io.BytesIO()
    sheet = XlsxSheet(file, (HEADS[0],), title="表")
    sheet.add([("_x0041_ _x41_",)])
    sheet.close()
    assert b">_x005F_x0041_ _x41_<" in zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_is_text() -> None:
    (_, row) = as_workbook([(10**15, 10**15 - 1)], (HEADS[3], HEADS[3])).active.iter_rows()
    assert [cell.value for cell in row] == ["1000000000000000", 999_999_999_999_999]


def test_a_day_before_a_spreadsheets_calendar_is_text() -> None:
    assert as_workbook([(date(1900, 2, 28),)], (HEADS[4],)).active["A2"].value == "1900-02-28"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next_under_the_same_headings() -> None:
    book = as_workbook([(n,) for n in range(7)], (HEADS[3],), rows_max=4)
    assert book.sheetnames == ["表", "表 2", "表 3"]
    assert [[row[0] for row in book[name].values] for name in book.sheetnames] == [
        ["整", 0, 1, 2],
        ["整", 3, 4, 5],
        ["整", 6],
    ]


def test_a_full_sheet_is_not_followed_by_an_empty_one() -> None:
    assert as_workbook([(n,) for n in range(3)], (HEADS[3],), rows_max=4).sheetnames == ["表"]
    assert as_workbook([], (HEADS[3],)).sheetnames == ["表"]


def test_a_title_that_no_sheet_may_have_is_made_one() -> None:
    file = io.BytesIO()
    XlsxSheet(file, (HEADS[0],), title="a/b:[c]*?'\"<" + "长" * 40).close()
    (name,) = openpyxl.load_workbook(file).sheetnames
    assert len(name) <= 31


@pytest.mark.parametrize("format_", list(export_formats()))
def test_a_hundred_thousand_rows_need_no_more_memory_than_a_thousand(format_: str, tmp_path: Path) -> None:
    def peak(pages: int) -> int:
        tracemalloc.start()
        with (tmp_path / f"{pages}").open("w+b") as file:
            sheet = export_formats()[format_].open(file, HEADS, title="表")
            for page in pages_of(pages):
                sheet.add(page)
            sheet.close()
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(100) < peak(1) + 1_000_000


def pages_of(count: int) -> Iterator[list[tuple[Any, ...]]]:
    for _ in range(count):
        yield [ROW] * 1000

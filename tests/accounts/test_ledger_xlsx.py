"""Ledgers as workbooks: what numbers, dates and formulas become, and workbooks that are not taken."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from services.accounts.domain.ledger_columns import HEADINGS
from services.accounts.domain.ledger_file import FILE_REASONS, LedgerFileRefused
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.domain.ledger_written import written
from services.accounts.formats.ledger import Ledger, read_ledger
from services.accounts.formats.workbook.cell_text import date_text, number_text
from tests.accounts.ledger_files import (
    CHINESE_DATE,
    CLEAN,
    GENERAL,
    ISO_DATE,
    TIMES,
    TWO_DECIMALS,
    a_row,
    formula,
    number,
    sheet_xml,
    write_csv,
    write_workbook,
)


def outcome(path: Path) -> LedgerRow | Fault:
    (only,) = read_ledger(path)
    return only


def accepted(folder: Path, **given: str) -> LedgerRow:
    row = outcome(write_workbook(folder, a_row(**given)))
    assert isinstance(row, LedgerRow), row
    return row


def fault(folder: Path, **given: str) -> tuple[str, str, str]:
    found = outcome(write_workbook(folder, a_row(**given)))
    assert isinstance(found, Fault), found
    return found.column, found.value, found.reason


def refused(path: Path) -> LedgerFileRefused:
    with pytest.raises(LedgerFileRefused) as caught:
        list(read_ledger(path))
    assert caught.value.code in FILE_REASONS
    return caught.value


def test_a_row_of_text_cells_reads_like_the_same_row_of_a_csv_file(tmp_path: Path) -> None:
    assert outcome(write_workbook(tmp_path, a_row())) == outcome(write_csv(tmp_path, a_row()))


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        (number("89.63", TWO_DECIMALS), "89.63"),
        (number("89.629999999999995", TWO_DECIMALS), "89.63"),
        (number("71.59999999999999", TWO_DECIMALS), "71.60"),
        (number("80.3000000000000041", GENERAL), "80.30"),
        (number("9.1E1", GENERAL), "91.00"),
        (number("90", TWO_DECIMALS), "90.00"),
        ("1,234.50㎡", "1234.50"),
    ],
)
def test_a_number_cell_is_the_number_that_it_shows(tmp_path: Path, cell: str, area: str) -> None:
    row = accepted(tmp_path, 建筑面积=cell, 套内面积="", 使用面积="")
    assert str(row.building_area) == area


@pytest.mark.parametrize(
    ("column", "cell", "value", "reason"),
    [
        ("建筑面积", number("89.635", TWO_DECIMALS), "89.635", "area_three_decimals"),
        ("建筑面积", number("-59.5", TWO_DECIMALS), "-59.50", "area_negative"),
        ("建筑面积", number("0", TWO_DECIMALS), "0.00", "area_zero"),
        ("建筑面积", number("0", GENERAL), "0", "area_zero"),
        ("建筑面积", "<c/>", "", "area_missing"),
        ("建筑面积", number("1e400"), "1e400", "area_not_a_number"),
        ("上季欠费", number("-120.5", TWO_DECIMALS), "-120.50", "arrears_negative"),
        ("上季欠费", number("2460.51", TWO_DECIMALS), "2460.51", "arrears_parts_differ"),
        ("户号", number("110000001"), "110000001", "account_no_form"),
        ("手机号", number("1.64432E+12"), "1644320000000", "phone_length"),
        ("银行账号", number("6.299E+18"), "6.299E+18", "bank_account_scientific"),
        ("银行账号", number("6299017658807626572"), "6.29902E+18", "bank_account_scientific"),
        ("证件号码", number("110101193106069972"), "1.10101E+17", "id_scientific"),
        ("入网日期", number("44562"), "44562", "date_excel_serial"),
        ("入网日期", number("39723.5625", ISO_DATE), "2008-10-02 13:30:00", "date_impossible"),
        ("入网日期", number("0.5", TIMES), "12:00:00", "date_impossible"),
        ("入网日期", number("1e9", ISO_DATE), "1000000000", "date_impossible"),
        ("入网日期", "2021-02-29", "2021-02-29", "date_impossible"),
        ("楼栋", number("45353", ISO_DATE), "2024-03-02", "date_cell"),
        ("建筑面积", number("89.63", ISO_DATE), "1900-03-29 15:07:12", "area_not_a_number"),
        ("建筑面积", formula("K3*2", "89.63"), "=K3*2", "formula_cell"),
        ("姓名", formula('A2&"x"', "王秀英"), '=A2&"x"', "formula_cell"),
        ("换热站", '<c t="e"><v>#REF!</v></c>', "#REF!", "formula_cell"),
        ("低保标志", '<c t="b"><v>1</v></c>', "TRUE", "low_income_unknown"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_what_it_should_be_is_told_as_the_sheet_shows_it(
    tmp_path: Path, column: str, cell: str, value: str, reason: str
) -> None:
    assert fault(tmp_path, **{column: cell}) == (column, value, reason)


def test_numbers_that_are_still_whole_codes_are_taken(tmp_path: Path) -> None:
    row = accepted(
        tmp_path, 户号=number("1100000012"), 手机号=number("1.6137505326E10"), 楼层=number("-1"), 楼栋=number("3")
    )
    assert (row.account_no, row.phone, row.floor, row.building) == ("1100000012", "16137505326", -1, "3")


@pytest.mark.parametrize("style", [ISO_DATE, CHINESE_DATE])
def test_a_date_cell_is_its_day_whatever_it_looks_like(tmp_path: Path, style: int) -> None:
    row = accepted(tmp_path, 入网日期=number("39723", style), 保修到期='<c t="d"><v>2012-03-31T00:00:00</v></c>')
    assert (str(row.connected_on), str(row.warranty_until)) == ("2008-10-02", "2012-03-31")


def test_days_are_counted_from_the_year_that_the_workbook_says(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, a_row(入网日期=number("38261", ISO_DATE)), properties='<workbookPr date1904="1"/>')
    row = outcome(path)
    assert isinstance(row, LedgerRow)
    assert str(row.connected_on) == "2008-10-02"


def test_a_formula_in_a_remark_is_its_text(tmp_path: Path) -> None:
    assert accepted(tmp_path, 备注=formula("1+1", "2")).remark == "=1+1"


def test_shared_strings_are_found_by_their_number_without_their_pronunciation(tmp_path: Path) -> None:
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>x</t></si><si>'
        "<r><t>王</t></r><r><t>秀英</t></r><rPh><t>wang</t></rPh></si><si><t>一_x000D_\n二</t></si></sst>"
    )
    row = a_row(姓名='<c t="s"><v>1</v></c>', 备注='<c t="s"><v>2</v></c>')
    found = outcome(write_workbook(tmp_path, row, parts={"xl/sharedStrings.xml": strings}))
    assert isinstance(found, LedgerRow)
    assert (found.name, found.remark) == ("王秀英", "一\r\n二")


def test_rows_keep_their_numbers_over_rows_that_are_not_written_down(tmp_path: Path) -> None:
    sheet = sheet_xml(HEADINGS, tuple(a_row(1).values()), tuple(a_row(2, 建筑面积="0").values()))
    parts = sheet.split("<row>")
    sheet = f'{parts[0]}<row r="1">{parts[1]}<row r="3" hidden="1">{parts[2]}<row r="4"/><row r="7">{parts[3]}'
    path = write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet})
    assert [(found.row, found.line, isinstance(found, Fault)) for found in read_ledger(path)] == [
        (3, 3, False), (7, 7, True),
    ]  # fmt: skip


def test_a_split_name_is_told_as_in_a_csv_file(tmp_path: Path) -> None:
    fields = list(a_row(备注="").values())
    fields[1:2] = ["孙梅", "已故"]
    for row in (fields, [*fields[:-1], "老住户"]):
        sheet = sheet_xml(HEADINGS, row)
        found = outcome(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet}))
        assert isinstance(found, Fault)
        assert (found.column, found.value, found.reason) == ("姓名", "孙梅,已故", "row_shifted")


def test_workbooks_of_other_writers_read_alike(tmp_path: Path) -> None:
    """openpyxl writes no dimension and inline strings here, xlsxwriter shared strings and a prefixless dimension."""
    rows = [HEADINGS, tuple(a_row(1).values()), tuple(a_row(2).values())]
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("用户台账")
    for row in rows:
        sheet.append(row)
    book.create_sheet("说明")
    book.save(first)
    with xlsxwriter.Workbook(second) as other:
        other.add_worksheet("说明")
        page = other.add_worksheet("用户台账")
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    expected = [
        written(row) for row in read_ledger(write_csv(tmp_path, a_row(1), a_row(2))) if isinstance(row, LedgerRow)
    ]
    for path in (first, second):
        assert [written(row) for row in read_ledger(path) if isinstance(row, LedgerRow)] == expected


def test_the_format_is_told_by_the_content_not_by_the_name(tmp_path: Path) -> None:
    book = write_workbook(tmp_path, a_row(), name="ledger.csv")
    with Ledger(book) as ledger:
        assert ledger.format == "xlsx"
        assert len(list(ledger.judged())) == 1
    text = write_csv(tmp_path, a_row()).rename(tmp_path / "ledger.xlsx")
    with Ledger(text) as ledger:
        assert ledger.format == "csv"


def test_progress_ends_with_all_of_it(tmp_path: Path) -> None:
    told: list[tuple[int, float]] = []
    list(read_ledger(write_workbook(tmp_path, a_row()), progress=lambda *state: told.append(state)))
    assert told == sorted(told)
    assert told[-1] == (1, 1.0)


def test_a_workbook_without_the_sheet_names_those_that_it_has(tmp_path: Path) -> None:
    found = refused(write_workbook(tmp_path, a_row(), sheet="Sheet1"))
    assert (found.code, found.facts["sheets"]) == ("sheet_missing", "Sheet1")


def test_headings_are_looked_for_in_the_first_row_only(tmp_path: Path) -> None:
    sheet = sheet_xml(("用户台账",), HEADINGS, tuple(a_row().values()))
    assert refused(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet})).code == "heading_missing"
    sheet = sheet_xml(HEADINGS, tuple(a_row().values())).replace("<row>", '<row r="2">', 1)
    assert refused(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet})).code == "heading_missing"


def test_a_sheet_without_rows_is_refused(tmp_path: Path) -> None:
    assert refused(write_workbook(tmp_path)).code == "no_rows"
    assert refused(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet_xml()})).code == "empty_file"


def test_merged_cells_are_refused_before_any_row_is_answered(tmp_path: Path) -> None:
    merged = '<mergeCells count="1"><mergeCell ref="F2:F3"/></mergeCells>'
    found = refused(write_workbook(tmp_path, a_row(1), a_row(2, 小区=""), below=merged))
    assert (found.code, found.facts["cells"]) == ("merged_cells", "F2:F3")


def test_macros_and_links_to_other_workbooks_are_refused(tmp_path: Path) -> None:
    assert refused(write_workbook(tmp_path, a_row(), parts={"xl/vbaProject.bin": "x"})).code == "workbook_with_macros"
    links = {"xl/externalLinks/externalLink1.xml": "<x/>"}
    assert refused(write_workbook(tmp_path, a_row(), parts=links)).code == "workbook_with_links"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = sheet_xml(HEADINGS) + " " * 40_000_000
    found = refused(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": bomb}))
    assert (found.code, found.facts["part"]) == ("workbook_too_large", "xl/worksheets/sheet1.xml")
    found = refused(write_workbook(tmp_path, a_row(), parts={"xl/theme/theme1.xml": "<x/>" + "ab" * 9_000_000}))
    assert found.code == "workbook_too_large"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", "<workbook"),
        ("xl/styles.xml", "not xml"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c>"),
        ("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
        ("xl/sharedStrings.xml", '<!DOCTYPE x [<!ENTITY a "b">]><sst><si><t>&a;</t></si></sst>'),
        ("xl/worksheets/sheet1.xml", sheet_xml(('<c t="s"><v>5</v></c>',))),
        ("xl/worksheets/sheet1.xml", sheet_xml(('<c r="?1" t="str"><v>5</v></c>',))),
        ("xl/worksheets/sheet1.xml", sheet_xml(('<c r="B1" t="str"><v>5</v></c>', '<c r="A1" t="str"><v>5</v></c>'))),
        ("xl/worksheets/sheet1.xml", sheet_xml(HEADINGS, HEADINGS).replace("<row>", '<row r="1">')),
        ("xl/worksheets/sheet1.xml", sheet_xml(('<c r="ZZZ1" t="str"><v>5</v></c>',))),
    ],
)  # fmt: skip
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str, content: str) -> None:
    assert refused(write_workbook(tmp_path, a_row(), parts={part: content})).code == "workbook_broken"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, *(a_row(number) for number in range(1, 300)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(path).code == "workbook_broken"
    with zipfile.ZipFile(write_workbook(tmp_path, a_row(), name="sound.xlsx")) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    flipped = bytearray((tmp_path / "sound.xlsx").read_bytes())
    flipped[place] ^= 0xFF
    path.write_bytes(flipped)
    assert refused(path).code == "workbook_broken"


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../ledger.csv", "户号")
    assert refused(path).code == "not_a_ledger"


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, a_row())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(HEADINGS))
    assert refused(path).code == "workbook_broken"


def test_encrypted_workbooks_are_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1000 + "EncryptedPackage".encode("utf-16-le"))
    assert refused(path).code == "workbook_encrypted"
    sound = bytearray(write_workbook(tmp_path, a_row()).read_bytes())
    place = sound.index(b"PK\x01\x02")
    sound[place + 8] |= 1
    path.write_bytes(sound)
    assert refused(path).code == "workbook_encrypted"


def test_a_row_without_end_is_refused(tmp_path: Path) -> None:
    long = "".join(chr(0x4E00 + place % 20_000) for place in range(300_000))
    assert refused(write_workbook(tmp_path, a_row(备注=long))).code == "line_too_long"


def test_a_heading_that_is_missing_is_named(tmp_path: Path) -> None:
    sheet = sheet_xml(HEADINGS[:-1], tuple(CLEAN.values()))
    found = refused(write_workbook(tmp_path, parts={"xl/worksheets/sheet1.xml": sheet}))
    assert (found.code, found.facts["missing"]) == ("heading_missing", "备注")


@pytest.mark.parametrize(
    ("raw", "decimals", "text"),
    [
        ("0", 0, "0"), ("-0", 0, "0"), ("0.30000000000000004", 0, "0.3"), ("1E-7", 0, "0.0000001"), ("5.", 2, "5.00"),
        ("999999999999999", 0, "999999999999999"), ("1000000000000000", 0, "1E+15"), ("89.63", 3, "89.63"),
        ("89.6", 3, "89.60"), ("１２", 0, "１２"), ("", 0, ""), ("NaN", 0, "NaN"), ("-12.5", 2, "-12.50"),
    ],
)  # fmt: skip
def test_numbers_become_the_text_that_a_spreadsheet_shows(raw: str, decimals: int, text: str) -> None:
    assert number_text(raw, decimals) == text


def test_every_area_of_two_decimals_survives_a_workbook() -> None:
    for hundredths in range(1, 2_000_000, 37):
        shown = f"{hundredths // 100}.{hundredths % 100:02d}"
        assert number_text(f"{float(shown):.17g}", 2) == shown


def test_a_day_count_that_is_no_number_stays_as_it_is() -> None:
    assert date_text("x", openpyxl.utils.datetime.WINDOWS_EPOCH) == "x"

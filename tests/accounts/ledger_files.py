"""Small ledgers for tests: rows as cells, delimited text, workbooks built part by part."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from services.accounts.domain.ledger_columns import HEADINGS

PERSON_NO = "110101193106069972"
OTHER_PERSON_NO = "11010119500101996X"
COMPANY_NO = "91110000YX00000012"
CARD_NO = "6299000000000000127"

CLEAN = {
    **dict.fromkeys(HEADINGS, ""),
    "户号": "0110000001", "姓名": "王秀英", "证件类型": "身份证", "证件号码": PERSON_NO, "手机号": "16137505326",
    "小区": "幸福小区", "楼栋": "3", "单元": "2", "房号": "101", "楼层": "1", "建筑面积": "89.63", "套内面积": "80.00",
    "使用面积": "75.50", "层高": "2.85", "用热性质": "居民", "用热状态": "正常", "换热站": "幸福1号换热站",
    "入网日期": "2010-11-01", "保修到期": "2012-03-31", "代扣银行": "建设银行", "银行账号": CARD_NO, "开户名": "王秀英",
    "低保标志": "否", "上季欠费": "2460.50", "欠费所属季": "2021-2022:640.00;2022-2023:1820.50", "预存余额": "0.00",
    "备注": "老人独居,上门收费",
}  # fmt: skip

NO_ARREARS = {"上季欠费": "0.00", "欠费所属季": ""}
NO_MANDATE = {"代扣银行": "", "银行账号": "", "开户名": ""}


def a_row(number: int = 1, **given: str) -> dict[str, str]:
    """A clean row with an account number and a flat of its own; ``given`` are other cells by their headings."""
    return {**CLEAN, "户号": f"01100{number:05d}", "房号": str(100 + number), **given}


def cells(**given: str) -> tuple[str, ...]:
    return tuple({**CLEAN, **given}.values())


def csv_text(*rows: dict[str, str] | Sequence[str], headings: Sequence[str] = HEADINGS, end: str = "\r\n") -> str:
    """Rows are cells by heading, or fields as they are."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([row[heading] for heading in headings] if isinstance(row, dict) else row)
    return text.getvalue()


def write_csv(folder: Path, *rows: dict[str, str] | Sequence[str], encoding: str = "gb18030", **form: object) -> Path:
    path = folder / "ledger.csv"
    path.write_bytes(csv_text(*rows, **form).encode(encoding))  # type: ignore[arg-type]
    return path


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

GENERAL, TWO_DECIMALS, ISO_DATE, CHINESE_DATE, TIMES = 0, 1, 2, 3, 4
"""Styles of the workbooks below."""

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><fonts><font/></fonts><fills><fill><patternFill/></fill></fills>'
    '<borders><border/></borders><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="2"/><xf numFmtId="164"/><xf numFmtId="31"/><xf numFmtId="21"/></cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def number(value: str, style: int = GENERAL) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def formula(text: str, value: str) -> str:
    return f"<c><f>{escape(text)}</f><v>{value}</v></c>"


def text_cell(value: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>' if value else "<c/>"


def sheet_xml(*rows: Sequence[str], below: str = "") -> str:
    """Rows of cells, each plain text or XML of its own."""
    written = "".join(
        "<row>" + "".join(cell if cell.startswith("<c") else text_cell(cell) for cell in row) + "</row>" for row in rows
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData>{below}</worksheet>'


def write_workbook(
    folder: Path,
    *rows: dict[str, str],
    sheet: str = "用户台账",
    below: str = "",
    properties: str = "",
    parts: dict[str, str] | None = None,
    name: str = "ledger.xlsx",
) -> Path:
    """A workbook with one sheet of these rows; ``parts`` add to its parts or replace them."""
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{properties}'
        f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    content = {
        **_PARTS,
        "xl/workbook.xml": book,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"/>',
        "xl/worksheets/sheet1.xml": sheet_xml(HEADINGS, *(tuple(row.values()) for row in rows), below=below),
        **(parts or {}),
    }
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, xml in content.items():
            archive.writestr(part, xml)
    return path

"""A workbook written straight through, a row at a time, so that a million rows need no more memory than one.

Text is an inline string and never a formula; numbers, days and instants are what they are. A sheet holds 1,048,576
rows (ECMA-376 part 1; Excel's limit): what is more goes on in the next one, under the same headings.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape

from services.accounts.domain.cell_kinds import AMOUNT, DAY, INSTANT, NUMBER, WHOLE
from services.accounts.formats.exported_cell import ExportFormat, Heading, written
from shared.kernel.clock import CHINA

ROWS_MAX = 1_048_576
TEXT_LONGEST = 32_767
DIGITS_MOST = 15
"""A spreadsheet keeps this many digits of a number; a longer one is text."""
_EPOCH, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")

_DAY, _AMOUNT, _INSTANT, _HEADING = 1, 2, 3, 4
_STYLES = """<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">\
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class XlsxSheet:
    """A workbook whose sheets bear the title, numbered from the second on."""

    def __init__(self, file: BinaryIO, headings: tuple[Heading, ...], *, title: str, rows_max: int = ROWS_MAX) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._titles = [heading.title for heading in headings]
        self._cells = [_cell_of(heading.kind) for heading in headings]
        self._title, self._rows_max = _NOT_IN_A_NAME.sub(" ", title)[:25], rows_max
        self._sheets = self._room = 0
        self._sheet: IO[bytes] | None = None
        self._begin_sheet()

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        while rows:
            if not self._room:
                self._begin_sheet()
            taken, rows = rows[: self._room], rows[self._room :]
            self._write("".join(map(self._row, taken)))
            self._room -= len(taken)

    def close(self) -> None:
        self._end_sheet()
        for name, content in self._parts().items():
            with self._zip.open(zipfile.ZipInfo(name, _ALWAYS), "w") as part:
                part.write(f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'.encode())
        self._zip.close()

    def _row(self, row: tuple[Any, ...]) -> str:
        cells = [cell(value) for cell, value in zip(self._cells, row, strict=True)]
        return f"<row>{''.join(cells)}</row>"

    def _begin_sheet(self) -> None:
        self._end_sheet()
        self._sheets += 1
        info = zipfile.ZipInfo(f"xl/worksheets/sheet{self._sheets}.xml", _ALWAYS)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._sheet = self._zip.open(info, "w", force_zip64=True)
        self._write(
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}"><sheetViews>'
            '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f'<cols><col min="1" max="{len(self._titles)}" width="14" customWidth="1"/></cols><sheetData>'
            f"<row>{''.join(_text(title, _HEADING) for title in self._titles)}</row>"
        )
        self._room = self._rows_max - 1

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._write("</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _write(self, text: str) -> None:
        if self._sheet is not None:
            self._sheet.write(text.encode())

    def _parts(self) -> dict[str, str]:
        numbers = range(1, self._sheets + 1)
        names = [self._title if number == 1 else f"{self._title} {number}" for number in numbers]
        relation = f'<Relationship Id="rId{{0}}" Type="{_OFFICE}/{{1}}" Target="{{2}}"/>'
        sheets = [relation.format(number, "worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
        styles = relation.format(self._sheets + 1, "styles", "styles.xml")
        named = "".join(f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
                        for number, name in zip(numbers, names, strict=True))  # fmt: skip
        of_sheets = "".join(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_KIND}.worksheet+xml"/>'
                            for number in numbers)  # fmt: skip
        return {
            "xl/styles.xml": _STYLES,
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(sheets)}{styles}</Relationships>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + relation.format(1, "officeDocument", "xl/workbook.xml") + "</Relationships>",
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{of_sheets}</Types>',
        }  # fmt: skip


def _cell_of(kind: str) -> Callable[[Any], str]:
    if kind in (AMOUNT, NUMBER, WHOLE):
        style = f' s="{_AMOUNT}"' if kind == AMOUNT else ""
        return lambda value: _number(written(kind, value), style)
    if kind == DAY:
        return _day
    return _instant if kind == INSTANT else lambda value: _text(written(kind, value), 0)


def _text(text: str, style: int) -> str:
    """A string between tags; what XML cannot hold is left out, what a spreadsheet would take for an escape is escaped."""
    if not text:
        return "<c/>"
    safe = escape(_LOOKS_ESCAPED.sub(r"_x005F_\1", _NOT_XML.sub("", text))[:TEXT_LONGEST])
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{safe}</t></is></c>'


def _number(text: str, style: str) -> str:
    if not text:
        return "<c/>"
    return f"<c{style}><v>{text}</v></c>" if len(text.strip("-").replace(".", "")) <= DIGITS_MOST else _text(text, 0)


def _day(value: date | None) -> str:
    if value is None:
        return "<c/>"
    if value < _FIRST_DAY:
        return _text(value.isoformat(), 0)  # a spreadsheet's calendar has a 29 February 1900
    return f'<c s="{_DAY}"><v>{(value - _EPOCH).days}</v></c>'


def _instant(value: datetime | None) -> str:
    if value is None:
        return "<c/>"
    local = value.astimezone(CHINA)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    nanodays = (seconds * 10**7 + 432) // 864
    return f'<c s="{_INSTANT}"><v>{(local.date() - _EPOCH).days}.{nanodays:09d}</v></c>'


EXPORT_FORMAT = ExportFormat("xlsx", f"{_KIND}.sheet", XlsxSheet)

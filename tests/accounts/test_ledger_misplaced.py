"""Records whose values stand in the wrong place, judged as they stand in the file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.accounts.domain.ledger_columns import HEADINGS, headings
from services.accounts.domain.ledger_file import LedgerRecord
from services.accounts.domain.ledger_record import is_blank, judge_record
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from tests.accounts.ledger_files import COMPANY_NO, NO_ARREARS, NO_MANDATE, PERSON_NO, a_row

OURS = headings(HEADINGS)


def judged(fields: Sequence[str], order: Sequence[str] = HEADINGS) -> LedgerRow | Fault:
    return judge_record(LedgerRecord(5, 6, tuple(fields)), headings(order))


def fault(fields: Sequence[str], order: Sequence[str] = HEADINGS) -> tuple[str, str, str]:
    found = judged(fields, order)
    assert isinstance(found, Fault)
    assert (found.row, found.line, found.account_no) == (5, 6, "0110000001")
    assert found.also == ()
    return found.column, found.value, found.reason


def split(column: str, cell: str, **given: str) -> list[str]:
    """The fields of a row in which the commas of one cell were not quoted."""
    row = a_row(**{**given, column: cell})
    return [field for heading, value in row.items() for field in (value.split(",") if heading == column else [value])]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("姓名", "孙梅,已故"),
        ("姓名", "易超鹏(父),李桂兰(母),易小鹏(子)"),
        ("小区", "铁西小区,南区"),
        ("换热站", "铁西1号,换热站"),
        ("开户名", "孙梅,代管"),
        ("单位代缴", "一厂,离退休办"),
        ("备注", "墙体渗水,已报修"),
    ],
)
def test_a_comma_that_nobody_quoted_is_found_in_its_cell(column: str, cell: str) -> None:
    assert fault(split(column, cell)) == (column, cell, "row_shifted")


def test_a_split_name_is_found_where_something_else_is_wrong_too() -> None:
    assert fault(split("姓名", "孙梅,已故", 建筑面积="")) == ("姓名", "孙梅,已故", "row_shifted")


def test_a_row_that_no_comma_explains_is_refused_at_the_name() -> None:
    assert fault([*a_row().values(), "", "x", "y", "z", "w"])[2] == "row_shifted"


def test_a_split_name_is_found_in_whatever_order_the_columns_stand() -> None:
    order = ("备注", "姓名", *(heading for heading in HEADINGS if heading not in ("备注", "姓名")))
    row = a_row(姓名="孙梅")
    fields = [row["备注"], "孙梅", "已故", *(row[heading] for heading in order[2:])]
    assert fault(fields, order) == ("姓名", "孙梅,已故", "row_shifted")


@pytest.mark.parametrize("name", ["孙梅,已故", "父,母,子"])
def test_a_workbook_that_does_not_count_the_empty_field_at_the_end_tells_the_same(name: str) -> None:
    fields = split("姓名", name, 备注="")
    while len(fields) > len(HEADINGS) and not fields[-1]:
        fields.pop()
    assert fault(fields) == ("姓名", name, "row_shifted")


@pytest.mark.parametrize("column", ["手机号", "备注"])
def test_a_missing_field_is_named_where_only_one_place_makes_the_row_sound(column: str) -> None:
    fields = [value for heading, value in a_row(手机号="").items() if heading != column]
    assert fault(fields) == (column, "", "row_short")


@pytest.mark.parametrize("column", ["单元", "建筑面积", "使用面积", "单位代缴", "用热状态", "预存余额"])
def test_a_missing_field_that_may_have_stood_elsewhere_is_told_at_the_end(column: str) -> None:
    fields = [value for heading, value in a_row().items() if heading != column]
    assert fault(fields) == ("备注", "", "row_short")


def test_a_row_that_stops_early_is_short_at_the_first_heading_without_a_field() -> None:
    assert fault(list(a_row().values())[:18]) == ("保修到期", "", "row_short")


def test_a_workbook_row_that_stops_early_is_short_too() -> None:
    fields = [*list(a_row().values())[:18], *[""] * 11]
    assert fault(fields) == ("保修到期", "", "row_short")


def test_a_workbook_row_that_lost_an_empty_field_is_short_too() -> None:
    row = a_row(手机号="", 备注="")
    fields = [value for heading, value in row.items() if heading != "手机号"] + [""]
    assert fault(fields) == ("手机号", "", "row_short")


@pytest.mark.parametrize(
    ("first", "second", "cells"),
    [
        ("用热性质", "用热状态", {"用热性质": "断供", "用热状态": "居民"}),
        ("手机号", "证件号码", {"手机号": PERSON_NO, "证件号码": "16137505326"}),
        ("手机号", "证件号码", {"手机号": COMPANY_NO, "证件号码": "16137505326", "证件类型": "统一社会信用代码"}),
        ("换热站", "入网日期", {"换热站": "2010-11-01", "入网日期": "幸福1号换热站"}),
        ("姓名", "手机号", {"姓名": "16137505326", "手机号": "王秀英"}),
        ("姓名", "证件号码", {"姓名": PERSON_NO, "证件号码": "王秀英"}),
        ("姓名", "户号", {"姓名": "0110000001", "户号": "王秀英"}),
        ("代扣银行", "银行账号", {"代扣银行": "6299000000000000127", "银行账号": "建设银行"}),
    ],
)
def test_two_columns_that_hold_each_others_values_are_one_fault(first: str, second: str, cells: dict[str, str]) -> None:
    found = judged(list(a_row(**cells).values()))
    assert isinstance(found, Fault)
    assert (found.column, found.value, found.reason, found.other_column, found.also) == (
        first, cells[first], "columns_swapped", second, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    "cells",
    [
        {"手机号": "1.39E+10", "备注": ""},
        {"入网日期": "2019-11-31"},
        {"用热状态": "停用"},
        {"证件号码": "110101193106069973"},
        {"入网日期": "不详", "备注": "2010-11-01"},
    ],
)
def test_a_wrong_value_is_not_taken_for_an_exchanged_one(cells: dict[str, str]) -> None:
    found = judged(list(a_row(**cells).values()))
    assert isinstance(found, Fault)
    assert found.reason != "columns_swapped"


def test_a_row_in_another_encoding_than_its_file_is_told_as_such() -> None:
    """Each cell has an even number of bytes in UTF-8, so GB18030 reads all of it, as other characters."""
    even = {"姓名": "王秀", "换热站": "幸福站点", "证件类型": "护照", "证件号码": "E12345678", "低保标志": ""}
    row = a_row(**even, 备注="", **NO_MANDATE, **NO_ARREARS)
    found = judged([value.encode().decode("gb18030") for value in row.values()])
    assert isinstance(found, Fault)
    assert found.reason == "encoding_mixed"


def test_of_several_faults_the_first_is_told_and_the_others_stand_beside_it() -> None:
    found = judged(list(a_row(姓名="", 建筑面积="0", 预存余额="-1.00").values()))
    assert isinstance(found, Fault)
    assert (found.reason, [other.reason for other in found.also]) == (
        "name_missing",
        ["area_zero", "prepayment_negative"],
    )
    assert [other["reason"] for other in found.told()["also"]] == ["area_zero", "prepayment_negative"]


def test_a_formula_is_refused_wherever_it_is_no_remark() -> None:
    fields = tuple(a_row(建筑面积="=K3*2").values())
    place = HEADINGS.index("建筑面积")
    found = judge_record(LedgerRecord(5, 5, fields, formulas=(place,)), OURS)
    assert isinstance(found, Fault)
    assert (found.column, found.value, found.reason) == ("建筑面积", "=K3*2", "formula_cell")
    remark = judge_record(LedgerRecord(5, 5, (*fields[:10], "89.63", *fields[11:]), formulas=(28,)), OURS)
    assert isinstance(remark, LedgerRow)


def test_a_date_that_a_spreadsheet_made_of_a_building_is_refused() -> None:
    fields = tuple(a_row(楼栋="2024-03-02").values())
    found = judge_record(LedgerRecord(5, 5, fields, dates=(HEADINGS.index("楼栋"),)), OURS)
    assert isinstance(found, Fault)
    assert (found.column, found.value, found.reason) == ("楼栋", "2024-03-02", "date_cell")


def test_a_record_is_blank_when_nothing_but_blanks_stands_in_it() -> None:
    assert is_blank(LedgerRecord(5, 5, ()))
    assert is_blank(LedgerRecord(5, 5, ("", " \t\u00a0\u3000")))
    assert not is_blank(LedgerRecord(5, 5, ("", "0")))

"""One row of the ledger: each rule of docs/ledger-columns.md, kept and broken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.accounts.domain.ledger_columns import HEADINGS
from services.accounts.domain.ledger_reasons import REASONS
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow, judge_row
from services.accounts.domain.ledger_written import fingerprint, written
from tests.accounts.ledger_files import (
    CLEAN,
    COMPANY_NO,
    NO_ARREARS,
    NO_MANDATE,
    OTHER_PERSON_NO,
    PERSON_NO,
    cells,
)


def accepted(**given: str) -> LedgerRow:
    row = judge_row(cells(**given), row=2, line=2)
    assert isinstance(row, LedgerRow), row
    return row


def faults(**given: str) -> list[tuple[str, str, str]]:
    """Column, value and reason of each fault."""
    judged = judge_row(cells(**given), row=7, line=9)
    assert isinstance(judged, list), judged
    assert all((fault.row, fault.line) == (7, 9) and fault.reason in REASONS for fault in judged)
    return [(fault.column, fault.value, fault.reason) for fault in judged]


def test_a_clean_row_says_what_its_cells_say_in_the_units_of_the_program() -> None:
    assert accepted(低保标志="是", 单位代缴="第一机械厂") == LedgerRow(
        row=2, line=2, account_no="0110000001", name="王秀英", id_type="id_card", id_no=PERSON_NO, phone="16137505326",
        compound="幸福小区", building="3", unit="2", room="101", floor=1, building_area=Decimal("89.63"),
        inner_area=Decimal("80.00"), usable_area=Decimal("75.50"), storey_height=Decimal("2.85"),
        price_class="residential", state="active", heat_station="幸福1号换热站", connected_on=date(2010, 11, 1),
        warranty_until=date(2012, 3, 31), suspended_from=None, bank="建设银行", bank_account="6299000000000000127",
        account_holder="王秀英", low_income=True, employer="第一机械厂", arrears_fen=246050,
        arrears_seasons=((2021, 64000), (2022, 182050)), prepayment_fen=0, remark="老人独居,上门收费", normalised=(),
    )  # fmt: skip


def test_cells_that_may_be_empty_are_none_and_only_an_entrance_is_empty_text() -> None:
    empty = ("手机号", "单元", "套内面积", "使用面积", "层高", "换热站", "保修到期", "低保标志", "单位代缴", "备注")
    row = accepted(**dict.fromkeys(empty, ""), **NO_MANDATE, **NO_ARREARS)
    assert row.unit == ""
    assert (row.phone, row.inner_area, row.usable_area, row.storey_height) == (None, None, None, None)
    assert (row.heat_station, row.warranty_until, row.low_income, row.employer) == (None, None, None, None)
    assert (row.bank, row.bank_account, row.account_holder, row.remark) == (None, None, None, None)
    assert row.arrears_seasons == ()


def test_a_row_written_back_is_the_clean_row() -> None:
    assert written(accepted()) == tuple(CLEAN.values())
    suspended = {"用热状态": "报停", "报停起始季": "2023-2024", "低保标志": "", **NO_MANDATE, **NO_ARREARS}
    assert written(accepted(**suspended)) == cells(**suspended)


def test_the_fingerprint_is_of_what_a_row_says_not_of_how_and_where_it_was_written() -> None:
    same = judge_row(cells(建筑面积="８９．６３㎡", 上季欠费="2,460.5"), row=40, line=41)
    assert isinstance(same, LedgerRow)
    assert fingerprint(same) == fingerprint(accepted())
    assert fingerprint(accepted(备注="一\r\n二")) == fingerprint(accepted(备注="一\n二"))
    assert fingerprint(accepted(预存余额="0.01")) != fingerprint(accepted())


@pytest.mark.parametrize(
    ("column", "cell", "became", "rules"),
    [
        ("户号", "0110000001  ", "0110000001", ["trailing_space"]),
        ("户号", "\t0110000001", "0110000001", ["leading_tab"]),
        ("姓名", "\u3000王秀英\u3000", "王秀英", ["ideographic_space"]),
        ("手机号", "\u00a016137505326", "16137505326", ["no_break_space"]),
        ("用热状态", "正常 ", "正常", ["trailing_space"]),
        ("备注", " =1+1\u3000", "=1+1", ["ideographic_space"]),
        ("户号", "０１１００００００１", "0110000001", ["full_width"]),
        ("入网日期", "２０１０－１１－０１", "2010-11-01", ["full_width"]),
        ("房号", "１０１", "101", ["full_width"]),
        ("建筑面积", "８９．６３", "89.63", ["area_full_width"]),
        ("建筑面积", "89.63㎡", "89.63", ["area_unit_suffix"]),
        ("建筑面积", "89.63 m²", "89.63", ["area_unit_suffix"]),
        ("建筑面积", "89.63m2", "89.63", ["area_unit_suffix"]),
        ("建筑面积", "89.63平方米", "89.63", ["area_unit_suffix"]),
        ("建筑面积", "89.63 平米", "89.63", ["area_unit_suffix"]),
        ("建筑面积", "1,234.50", "1234.50", ["area_thousands_separator"]),
        (
            "建筑面积",
            " １，２３４．５０㎡",
            "1234.50",
            ["trailing_space", "area_full_width", "area_unit_suffix", "area_thousands_separator"],
        ),
        ("上季欠费", "2,460.50", "2460.50", ["money_thousands_separator"]),
        ("预存余额", "１２．３０", "12.30", ["full_width"]),
        (
            "欠费所属季",
            "2021-2022:640.00;2022-2023:1,820.50",
            "2021-2022:640.00;2022-2023:1820.50",
            ["money_thousands_separator"],
        ),
        ("证件号码", OTHER_PERSON_NO[:-1] + "x", OTHER_PERSON_NO, ["id_lowercase_x"]),
    ],
)
def test_a_cell_is_put_right_by_the_rules_of_the_page(column: str, cell: str, became: str, rules: list[str]) -> None:
    row = accepted(**{column: cell})
    assert [(change.column, change.written, change.became) for change in row.normalised] == [(column, cell, became)]
    assert list(row.normalised[0].rules) == rules
    assert written(row)[HEADINGS.index(column)] == became


def test_free_text_keeps_its_full_width_forms_and_what_stands_inside_it() -> None:
    row = accepted(姓名="远大商贸（个体工商户）", 备注="水费　１２元", 小区="Ａ区 花园")
    assert (row.name, row.remark, row.compound) == ("远大商贸（个体工商户）", "水费　１２元", "Ａ区 花园")
    assert row.normalised == ()


def test_a_remark_may_be_anything_that_a_spreadsheet_would_run() -> None:
    for remark in ("=1+1", "+86", "-", "@物业代管", '=HYPERLINK("http://127.0.0.1/","点我")', "一\n二", "长" * 5000):
        assert accepted(备注=remark).remark == remark


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("户号", "", "account_no_missing"),
        ("户号", "110000001", "account_no_form"),
        ("户号", "01100000012", "account_no_form"),
        ("户号", "٠١١٠٠٠٠٠٠١", "account_no_form"),
        ("户号", "0110000001\n", "account_no_form"),
        ("姓名", "", "name_missing"),
        ("姓名", " \u3000", "name_missing"),
        ("证件类型", "军官证", "id_type_unknown"),
        ("证件类型", "", "id_type_unknown"),
        ("证件号码", "110101193106069973", "id_check_digit"),
        ("证件号码", "110101193102309975", "id_birth_date"),
        ("证件号码", "11010119310606997", "id_length"),
        ("证件号码", "", "id_length"),
        ("证件号码", "11010119310606997A", "id_form"),
        ("证件号码", "1.10101E+17", "id_scientific"),
        ("手机号", "1.64432E+10", "phone_scientific"),
        ("手机号", "1.86e+10", "phone_scientific"),
        ("手机号", "1613750532", "phone_length"),
        ("手机号", "0451-92336", "phone_length"),
        ("手机号", "26137505326", "phone_form"),
        ("手机号", "16137505326/16137505327", "phone_form"),
        ("小区", "", "address_missing"),
        ("楼栋", "", "address_missing"),
        ("房号", "", "address_missing"),
        ("楼层", "", "floor_not_whole"),
        ("楼层", "1.5", "floor_not_whole"),
        ("楼层", "一层", "floor_not_whole"),
        ("建筑面积", "", "area_missing"),
        ("建筑面积", "0", "area_zero"),
        ("建筑面积", "0.00", "area_zero"),
        ("建筑面积", "-89.63", "area_negative"),
        ("建筑面积", "约90", "area_not_a_number"),
        ("建筑面积", "9e1", "area_not_a_number"),
        ("建筑面积", "NaN", "area_not_a_number"),
        ("建筑面积", "90_0", "area_not_a_number"),
        ("建筑面积", "+90", "area_not_a_number"),
        ("建筑面积", "090", "area_not_a_number"),
        ("建筑面积", "18,87.18", "area_not_a_number"),
        ("建筑面积", "㎡", "area_not_a_number"),
        ("建筑面积", "89.635", "area_three_decimals"),
        ("建筑面积", "1000000000", "area_too_large"),
        ("套内面积", "0", "area_zero"),
        ("套内面积", "89.64", "area_order"),
        ("使用面积", "80.01", "area_order"),
        ("层高", "0", "height_not_positive"),
        ("层高", "-2.80", "height_not_positive"),
        ("层高", "三米", "height_not_a_number"),
        ("用热性质", "住宅", "usage_unknown"),
        ("用热性质", "", "usage_unknown"),
        ("用热状态", "正常用热?", "status_unknown"),
        ("用热状态", "", "status_unknown"),
        ("入网日期", "", "connection_date_missing"),
        ("入网日期", "2021-02-29", "date_impossible"),
        ("入网日期", "2010/11/01", "date_impossible"),
        ("入网日期", "20101101", "date_impossible"),
        ("入网日期", "2010-11-01 08:00:00", "date_impossible"),
        ("入网日期", "44562", "date_excel_serial"),
        ("入网日期", "44562.5", "date_excel_serial"),
        ("保修到期", "2012-13-31", "date_impossible"),
        ("保修到期", "2010-10-31", "warranty_before_connection"),
        ("报停起始季", "2023-2024", "season_without_suspension"),
        ("代扣银行", "", "mandate_incomplete"),
        ("银行账号", "", "mandate_incomplete"),
        ("开户名", "", "mandate_incomplete"),
        ("银行账号", "6.22E+18", "bank_account_scientific"),
        ("银行账号", "6299000000000000128", "card_check_digit"),
        ("银行账号", "12345678901", "bank_account_form"),
        ("银行账号", "6299 0000 0000 0000 127", "bank_account_form"),
        ("低保标志", "有", "low_income_unknown"),
        ("上季欠费", "-2460.50", "arrears_negative"),
        ("上季欠费", "2460.51", "arrears_parts_differ"),
        ("上季欠费", "0.00", "arrears_parts_differ"),
        ("上季欠费", "", "money_missing"),
        ("上季欠费", "两千", "money_not_a_number"),
        ("上季欠费", "2460.500", "money_three_decimals"),
        ("上季欠费", "1234567890123456.00", "money_too_large"),
        ("欠费所属季", "", "arrears_season_missing"),
        ("欠费所属季", "早年", "arrears_season_unreadable"),
        ("欠费所属季", "2021-2022:640.00;2022-2024:1820.50", "season_not_consecutive"),
        ("欠费所属季", "2021-2022:640.00;2021-2022:1820.50", "arrears_season_unreadable"),
        ("欠费所属季", "2021-2022:640.00,2022-2023:1820.50", "arrears_season_unreadable"),
        ("预存余额", "-0.01", "prepayment_negative"),
        ("预存余额", "", "money_missing"),
        ("姓名", "王\u202e秀英", "invisible_character"),
        ("房号", "10\u200b1", "invisible_character"),
        ("备注", "一\x00二", "invisible_character"),
        ("姓名", "王" * 201, "text_too_long"),
    ],
)  # fmt: skip
def test_one_wrong_cell_is_one_fault_with_its_column_its_value_and_its_reason(
    column: str, cell: str, reason: str
) -> None:
    assert faults(**{column: cell}) == [(column, cell, reason)]


@pytest.mark.parametrize(
    ("given", "column", "reason"),
    [
        ({"用热状态": "报停"}, "报停起始季", "suspension_season_unknown"),
        ({"用热状态": "报停", "报停起始季": "20??-20??"}, "报停起始季", "suspension_season_unknown"),
        ({"用热状态": "报停", "报停起始季": "1023-1024"}, "报停起始季", "suspension_season_unknown"),
        ({"用热状态": "报停", "报停起始季": "2023-2025"}, "报停起始季", "season_not_consecutive"),
        ({**NO_ARREARS, "欠费所属季": "2023-2024"}, "欠费所属季", "season_without_arrears"),
        ({**NO_ARREARS, "欠费所属季": "2023-2024:0.00"}, "欠费所属季", "season_without_arrears"),
        ({**NO_MANDATE, "开户名": "王秀英"}, "代扣银行", "mandate_incomplete"),
        ({"套内面积": "", "使用面积": "89.64"}, "使用面积", "area_order"),
        ({"证件类型": "护照", "证件号码": "E1234567"}, "证件号码", "id_length"),
        ({"证件类型": "护照", "证件号码": "123456789"}, "证件号码", "id_form"),
        ({"证件类型": "统一社会信用代码", "证件号码": COMPANY_NO[:-1] + "3"}, "证件号码", "uscc_check_digit"),
        ({"证件类型": "统一社会信用代码", "证件号码": COMPANY_NO.lower()}, "证件号码", "uscc_check_digit"),
        ({"证件类型": "统一社会信用代码", "证件号码": COMPANY_NO[:-1]}, "证件号码", "id_length"),
        ({"证件类型": "身份证", "证件号码": COMPANY_NO}, "证件类型", "id_type_differs"),
        ({"证件类型": "身份证", "证件号码": "E12345678"}, "证件类型", "id_type_differs"),
        ({"证件类型": "护照", "证件号码": PERSON_NO}, "证件类型", "id_type_differs"),
        ({"证件类型": "统一社会信用代码", "证件号码": PERSON_NO}, "证件类型", "id_type_differs"),
        ({"证件类型": "统一社会信用代码", "证件号码": "110101194402299961"}, "证件类型", "id_type_differs"),
    ],
)  # fmt: skip
def test_what_holds_between_columns_is_a_fault_of_one_of_them(given: dict[str, str], column: str, reason: str) -> None:
    assert faults(**given) == [(column, {**CLEAN, **given}[column], reason)]


@pytest.mark.parametrize(
    ("number", "reason"), [("110101193106099957", "id_check_digit"), ("110101193102309966", "id_birth_date")]
)
def test_a_mistyped_number_of_a_person_is_not_taken_for_that_of_a_company(number: str, reason: str) -> None:
    """Both have, by chance, the check character of a company."""
    assert faults(证件号码=number) == [("证件号码", number, reason)]


def test_faults_that_follow_from_another_one_are_not_told() -> None:
    assert faults(用热状态="停用", 报停起始季="2023-2024", 入网日期="") == [("用热状态", "停用", "status_unknown")]
    assert faults(建筑面积="0") == [("建筑面积", "0", "area_zero")]
    assert faults(上季欠费="-1.00", 欠费所属季="2023-2024") == [("上季欠费", "-1.00", "arrears_negative")]
    assert faults(入网日期="2019-11-31") == [("入网日期", "2019-11-31", "date_impossible")]


def test_independent_faults_of_a_row_are_told_in_the_order_of_the_columns() -> None:
    assert faults(预存余额="-1.00", 姓名="", 建筑面积="0") == [
        ("姓名", "", "name_missing"), ("建筑面积", "0", "area_zero"), ("预存余额", "-1.00", "prepayment_negative"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"证件号码": "990101193106069976"},
        {"证件类型": "统一社会信用代码", "证件号码": COMPANY_NO},
        {"证件类型": "护照", "证件号码": "E12345678"},
        {"手机号": "0451-92336286"},
        {"手机号": "010-92336286"},
        {"楼层": "-2"},
        {"建筑面积": "80", "套内面积": "80.0", "使用面积": "80.00"},
        {"用热状态": "未入网", "入网日期": "", "保修到期": ""},
        {"用热状态": "未入网"},
        {"保修到期": "2010-11-01"},
        {"银行账号": "123456789012"},
        {"银行账号": "6299" + "0" * 14},
        {"欠费所属季": "2022-2023"},
        {"欠费所属季": "2022-2023:2460.50"},
        {"上季欠费": "2460.5"},
    ],
)
def test_what_the_page_allows_is_taken_without_being_put_right(given: dict[str, str]) -> None:
    assert accepted(**given).normalised == ()


def test_a_letter_may_stand_among_the_first_places_of_a_company_code() -> None:
    row = accepted(证件类型="统一社会信用代码", 证件号码="N2110000YX0000001H")
    assert row.id_no == "N2110000YX0000001H"


def test_every_reason_has_a_remedy_in_both_languages() -> None:
    fault = Fault(2, 2, "户号", "", "account_no_missing", account_no="")
    assert fault.told()["remedy"] == {"zh": "填写十位户号。", "en": "Fill in the ten digits."}
    assert all(remedy.zh.endswith("。") and remedy.en.endswith(".") for remedy in REASONS.values())

"""Why a row of a customer ledger is refused, and what a person does about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Remedy(NamedTuple):
    zh: str
    en: str


_SEASON = Remedy("写成相连的两年，如 2023-2024。", "Write two years that follow each other, as 2023-2024.")
_MONEY = Remedy("写成元，最多两位小数，如 1820.50。", "Write yuan with at most two decimals, as 1820.50.")
_AREA = Remedy("写成平方米，最多两位小数，如 89.63。", "Write square metres with at most two decimals, as 89.63.")
_DATE = Remedy("写成存在的日期，如 2019-11-30。", "Write a date that exists, as 2019-11-30.")
_HEIGHT = Remedy("写成米，如 2.85，或留空。", "Write metres, as 2.85, or leave it empty.")
_TEXT_FORMAT = Remedy(
    "把该列设为文本格式，从原系统重新导出完整号码。",
    "Make the column text and export the whole number again.",
)
_CERTIFICATE = Remedy("对照证件核对号码。", "Compare the number with the document.")
_ONE_FLAT = Remedy("查明该房屋归哪一户，只留一行。", "Find out which account the flat belongs to and keep one row.")

REASONS: Mapping[str, Remedy] = {
    # The words of the ledger's page.
    "duplicate_account_no": Remedy(
        "查明户号归哪一行，另一行改号或删除。",
        "Find out whose number it is; give the other row its own or remove it.",
    ),
    "two_owners_one_flat": _ONE_FLAT,
    "duplicate_flat": _ONE_FLAT,
    "area_missing": Remedy("按产权证或实测填写面积。", "Fill in the area from the deed or a survey."),
    "area_zero": Remedy("按产权证或实测填写面积。", "Fill in the area from the deed or a survey."),
    "area_negative": Remedy("核对面积，去掉负号。", "Check the area; it cannot be negative."),
    "area_not_a_number": _AREA,
    "area_three_decimals": _AREA,
    "area_order": Remedy("核对三个面积：使用 ≤ 套内 ≤ 建筑。", "Check the three areas: usable ≤ inner ≤ building."),
    "id_check_digit": _CERTIFICATE,
    "id_length": _CERTIFICATE,
    "id_birth_date": _CERTIFICATE,
    "id_type_differs": Remedy("号码属于另一种证件，改正证件类型。", "The number is of another kind; correct the type."),
    "uscc_check_digit": _CERTIFICATE,
    "status_unknown": Remedy("填写 正常、报停、未入网、已拆除 或 断供。", "Write 正常, 报停, 未入网, 已拆除 or 断供."),
    "usage_unknown": Remedy(
        "填写 居民、非居民、车库、学校、幼儿园、养老院、物业用房 或 社区用房。",
        "Write one of the eight uses: 居民, 非居民, 车库, 学校, 幼儿园, 养老院, 物业用房, 社区用房.",
    ),
    "date_impossible": _DATE,
    "date_excel_serial": Remedy(
        "把该列设为日期格式后重新导出，写成 2019-11-30。",
        "Make the column a date and export again, as 2019-11-30.",
    ),
    "warranty_before_connection": Remedy(
        "核对入网日期和保修到期。", "Check the day of connection and the end of the warranty."
    ),
    "columns_swapped": Remedy("两列的内容对调了，换回来。", "The values of two columns were exchanged; put them back."),
    "row_shifted": Remedy(
        "该单元格里的逗号把一行拆多了，给它加上双引号。",
        "A comma split this cell; put quotation marks around it.",
    ),
    "row_short": Remedy("补齐缺少的字段后重新导出。", "Export the row again with all its fields."),
    "phone_scientific": _TEXT_FORMAT,
    "phone_length": Remedy(
        "手机号十一位，座机如 0451-98765432，或留空。",
        "Eleven digits, a landline as 0451-98765432, or nothing.",
    ),
    "bank_account_scientific": _TEXT_FORMAT,
    "card_check_digit": Remedy("对照银行卡核对卡号。", "Compare the number with the card."),
    "mandate_incomplete": Remedy(
        "代扣银行、银行账号、开户名三项填全，或全部留空。",
        "Give bank, account and holder, or none of the three.",
    ),
    "arrears_negative": Remedy(
        "欠费不能为负；多交的写在预存余额。", "Arrears are not negative; what was overpaid is a prepayment."
    ),
    "arrears_parts_differ": Remedy(
        "核对各季金额，合计须等于上季欠费。", "Check the seasons' parts; they add up to 上季欠费."
    ),
    "arrears_season_missing": Remedy("写明欠费属于哪一季。", "Say which season the arrears belong to."),
    "prepayment_negative": Remedy(
        "预存不能为负；欠的写在上季欠费。", "A prepayment is not negative; what is owed are arrears."
    ),
    "season_not_consecutive": _SEASON,
    "season_without_suspension": Remedy(
        "不是报停户就清空报停起始季，否则改用热状态。", "Empty 报停起始季, or correct 用热状态 to 报停."
    ),
    "suspension_season_unknown": Remedy("查明从哪一季起报停，如 2023-2024。", "Find the first season, as 2023-2024."),
    "account_no_missing": Remedy("填写十位户号。", "Fill in the ten digits."),
    "name_missing": Remedy("填写户主姓名或单位名称。", "Fill in the name of the person or company."),
    # Words of our own, for rules that the page gives without a name.
    "account_no_form": Remedy("户号为十位数字，前面的 0 不能丢。", "Ten digits; a leading 0 must not get lost."),
    "id_type_unknown": Remedy("填写 身份证、统一社会信用代码 或 护照。", "Write 身份证, 统一社会信用代码 or 护照."),
    "id_form": _CERTIFICATE,
    "id_scientific": _TEXT_FORMAT,
    "phone_form": Remedy(
        "只写一个号码：手机号十一位，或座机如 0451-98765432。",
        "One number only: eleven digits, or a landline as 0451-98765432.",
    ),
    "address_missing": Remedy("小区、楼栋、房号都要填写。", "Compound, building and room are all needed."),
    "floor_not_whole": Remedy("楼层写整数，地下为负。", "A whole number, negative below ground."),
    "area_too_large": Remedy("核对面积的单位和小数点。", "Check the unit and the decimal point."),
    "height_not_a_number": _HEIGHT,
    "height_not_positive": _HEIGHT,
    "connection_date_missing": Remedy(
        "填写入网日期；只有未入网可以留空。", "Fill in the date; only 未入网 goes without."
    ),
    "bank_account_form": Remedy("银行账号为 12 至 30 位数字。", "12 to 30 digits, nothing else."),
    "low_income_unknown": Remedy("填写 是、否 或留空。", "Write 是, 否 or nothing."),
    "money_missing": Remedy("没有就写 0.00。", "Write 0.00 where there is nothing."),
    "money_not_a_number": _MONEY,
    "money_three_decimals": _MONEY,
    "money_too_large": Remedy("核对金额的小数点。", "Check the decimal point."),
    "arrears_season_unreadable": Remedy(
        "写一季，或如 2021-2022:640.00;2022-2023:1820.50，每季一次。",
        "One season, or as 2021-2022:640.00;2022-2023:1820.50, each season once.",
    ),
    "season_without_arrears": Remedy(
        "没有欠费就清空欠费所属季，否则填写金额。", "Empty 欠费所属季, or fill in what is owed."
    ),
    "text_too_long": Remedy("缩短文字，其余写进备注。", "Shorten the text; the rest may go into 备注."),
    "invisible_character": Remedy(
        "删除看不见的控制字符，重新输入。", "The cell holds characters that cannot be seen; type it anew."
    ),
    "formula_cell": Remedy("把公式粘贴为数值。", "Paste the formula as a value."),
    "date_cell": Remedy(
        "表格软件把内容改成了日期，按原样改回文本。",
        "The spreadsheet made a date of it; write it as text again.",
    ),
    "encoding_mixed": Remedy(
        "这一行的编码与文件其余部分不同，重新导出。",
        "This row is encoded otherwise than the file; export it again.",
    ),
}
"""Reason → remedy. Every reason of the page stands here, and no other is ever given."""

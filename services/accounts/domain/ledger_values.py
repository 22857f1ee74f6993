"""What single cells of a ledger hold, once they were put right: numbers, money, dates, seasons, documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from stdnum import luhn
from stdnum.cn import ric, uscc

from shared.kernel.money import FEN_MAX

AREA_MAX = Decimal("9999999.99")
"""m². Ten square kilometres are no premises; beyond it the decimal point or the unit is wrong."""

SEASON_FIRST, SEASON_LAST = 1950, 2100

_HUNDREDTH = Decimal("0.01")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_AREA = re.compile(r"(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{1,2})?")
_HEIGHT = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,3})?")
_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?")
_FLOOR = re.compile(r"-?[0-9]{1,3}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_COUNT = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]+)?")
_SEASON = re.compile(r"([0-9]{4})-([0-9]{4})")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-[0-9]{7,8}")
_PHONE_LIKE = re.compile(r"[0-9]+|[0-9]+-[0-9]+")
_PERSON = re.compile(r"[0-9]{17}[0-9X]")
_COMPANY = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_PASSPORT = re.compile(r"[A-Za-z][0-9]{8}")
_ACCOUNT = re.compile(r"[0-9]{12,30}")
_CARD_DIGITS, _CARD_PREFIX = 19, "62"

_Value = TypeVar("_Value")


class Wrong(Exception):
    """A cell does not hold what its column must hold; ``reason`` is a word of `ledger_reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def readable(read: Callable[[str], _Value], text: str) -> _Value | None:
    """The value, or None where it is missing or wrong: its own column tells, nothing is compared with it."""
    try:
        return read(text) if text else None
    except Wrong:
        return None


@lru_cache(maxsize=1 << 15)
def area(text: str) -> Decimal:
    """m² with two decimals, more than 0."""
    if _AREA.fullmatch(text) and (value := Decimal(text)):
        return value.quantize(_HUNDREDTH)
    if not text:
        raise Wrong("area_missing")
    if not _NUMBER.fullmatch(text):
        raise Wrong("area_not_a_number")
    if text.startswith("-"):
        raise Wrong("area_negative")
    if not Decimal(text):
        raise Wrong("area_zero")
    raise Wrong("area_too_large" if Decimal(text) > AREA_MAX else "area_three_decimals")


@lru_cache(maxsize=1 << 12)
def height(text: str) -> Decimal:
    """Metres with two decimals, or three where the third says something; more than 0."""
    if _HEIGHT.fullmatch(text) and (value := Decimal(text)):
        rounded = value.quantize(_HUNDREDTH)
        return rounded if rounded == value else value
    wrong_sign = _NUMBER.fullmatch(text) and Decimal(text) <= 0
    raise Wrong("height_not_positive" if wrong_sign else "height_not_a_number")


def fen(text: str, *, negative: str) -> int:
    """Yuan with at most two decimals → fen; ``negative`` is the reason where there is a minus sign."""
    if text == "0.00":
        return 0
    if _MONEY.fullmatch(text):
        yuan, _, rest = text.partition(".")
        return int(yuan) * 100 + int((rest + "00")[:2])
    if not text:
        raise Wrong("money_missing")
    if not _NUMBER.fullmatch(text):
        raise Wrong("money_not_a_number")
    if text.startswith("-"):
        raise Wrong(negative)
    raise Wrong("money_too_large" if Decimal(text) * 100 > FEN_MAX else "money_three_decimals")


@lru_cache(maxsize=1 << 14)
def day(text: str) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Wrong("date_impossible") from None
    raise Wrong("date_excel_serial" if _DAY_COUNT.fullmatch(text) else "date_impossible")


def season(text: str, *, otherwise: str) -> int:
    """``2023-2024`` → 2023; ``otherwise`` is the reason where these are not two years."""
    match = _SEASON.fullmatch(text)
    if match is None:
        raise Wrong(otherwise)
    first, last = int(match[1]), int(match[2])
    if last != first + 1:
        raise Wrong("season_not_consecutive")
    if not SEASON_FIRST <= first <= SEASON_LAST:
        raise Wrong(otherwise)
    return first


def floor(text: str) -> int:
    if not _FLOOR.fullmatch(text):
        raise Wrong("floor_not_whole")
    return int(text)


def phone(text: str) -> str:
    if _PHONE.fullmatch(text):
        return text
    if _SCIENTIFIC.fullmatch(text):
        raise Wrong("phone_scientific")
    right_length = len(text) == 11 and text.isdigit()
    raise Wrong("phone_length" if _PHONE_LIKE.fullmatch(text) and not right_length else "phone_form")


def bank_account(text: str) -> str:
    """12 to 30 digits; a card (nineteen beginning with 62) with the right Luhn digit."""
    if not _ACCOUNT.fullmatch(text):
        raise Wrong("bank_account_scientific" if _SCIENTIFIC.fullmatch(text) else "bank_account_form")
    if len(text) == _CARD_DIGITS and text.startswith(_CARD_PREFIX) and luhn.checksum(text):
        raise Wrong("card_check_digit")
    return text


def person_no(text: str) -> str:
    """GB 11643: a birth date that exists, the right check digit. Unlike `ric.validate`, no list of places."""
    if not _PERSON.fullmatch(text):
        raise Wrong(_document_form(text, length=18))
    if not _born(text[6:14]):
        raise Wrong("id_birth_date")
    if ric.calc_check_digit(text) != text[-1]:
        raise Wrong("id_check_digit")
    return text


def is_written_like_a_persons(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None


def company_no(text: str) -> str:
    """GB 32100: the right check character. Unlike `uscc.validate`, letters may stand anywhere."""
    if _COMPANY.fullmatch(text) and uscc.calc_check_digit(text[:17]) == text[-1]:
        return text
    reason = _document_form(text, length=18)
    raise Wrong("uscc_check_digit" if reason == "id_form" else reason)


def passport_no(text: str) -> str:
    if not _PASSPORT.fullmatch(text):
        raise Wrong(_document_form(text, length=9))
    return text


def _document_form(text: str, *, length: int) -> str:
    if _SCIENTIFIC.fullmatch(text):
        return "id_scientific"
    return "id_form" if len(text) == length else "id_length"


@lru_cache(maxsize=1 << 16)
def _born(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True

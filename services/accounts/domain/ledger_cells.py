"""What each column of the ledger must hold, with the columns that it depends on.

A reader takes the cells of a row (put right, arranged as ``HEADINGS``) and answers the value of its column.
It complains about its own column only, and about nothing that follows from a fault in another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from services.accounts.domain import ledger_values as values
from services.accounts.domain.ledger_arrears import arrears_fen, arrears_seasons, prepayment_fen
from services.accounts.domain.ledger_columns import (
    ACCOUNT_HOLDER,
    ACCOUNT_NO,
    BANK,
    BANK_ACCOUNT,
    BUILDING,
    BUILDING_AREA,
    COMPOUND,
    CONNECTED_ON,
    EMPLOYER,
    FLOOR,
    HEAT_STATION,
    ID_NO,
    ID_TYPE,
    INNER_AREA,
    LOW_INCOME,
    NAME,
    PHONE,
    PRICE_CLASS,
    REMARK,
    ROOM,
    STATE,
    STOREY_HEIGHT,
    SUSPENDED_FROM,
    UNIT,
    USABLE_AREA,
    WARRANTY_UNTIL,
    Cells,
)
from services.accounts.domain.ledger_values import Wrong
from services.accounts.domain.price_class import PRICE_CLASSES

PRICE_CLASS_CODES = {word: code for code, word in PRICE_CLASSES.items()}

STATES = {
    "正常": "active",
    "报停": "suspended",
    "未入网": "not_connected",
    "已拆除": "disconnected",
    "断供": "cut",
}

ID_TYPES = {"身份证": "id_card", "统一社会信用代码": "uscc", "护照": "passport"}
LOW_INCOME_WORDS: dict[str, bool | None] = {"是": True, "否": False, "": None}

Reader = Callable[[Cells], Any]


def _company_no(text: str) -> str:
    """One person's number in 31 has by chance the check character of a company; it is a person's all the same."""
    number = values.company_no(text)
    if values.readable(values.person_no, text) is not None:
        raise Wrong("id_type_differs")
    return number


_DOCUMENTS: dict[str, Callable[[str], str]] = {
    "身份证": values.person_no,
    "统一社会信用代码": _company_no,
    "护照": values.passport_no,
}
_ACCOUNT_NO = re.compile(r"[0-9]{10}")
_MANDATE = (BANK, BANK_ACCOUNT, ACCOUNT_HOLDER)


def id_type_differs(cells: Cells) -> bool:
    """Whether the number is a sound one of another kind than 证件类型 says.

    A number that is written like a person's is not taken for a company's: one in 31 mistyped ones has by
    chance the check character of a company.
    """
    number, kinds = cells[ID_NO], _DOCUMENTS.keys() - {cells[ID_TYPE]}
    if values.is_written_like_a_persons(number):
        kinds -= {"统一社会信用代码"}
    return any(values.readable(_DOCUMENTS[kind], number) is not None for kind in kinds)


def account_no(cells: Cells) -> str:
    text = cells[ACCOUNT_NO]
    if not _ACCOUNT_NO.fullmatch(text):
        raise Wrong("account_no_form" if text else "account_no_missing")
    return text


def _id_no(cells: Cells) -> str:
    read = _DOCUMENTS.get(cells[ID_TYPE])
    return read(cells[ID_NO]) if read else cells[ID_NO]


def _phone(cells: Cells) -> str | None:
    text = cells[PHONE]
    return values.phone(text) if text else None


def _floor(cells: Cells) -> int:
    return values.floor(cells[FLOOR])


def _building_area(cells: Cells) -> Decimal:
    return values.area(cells[BUILDING_AREA])


def _inner_area(cells: Cells) -> Decimal | None:
    text = cells[INNER_AREA]
    return _within(values.area(text), values.readable(values.area, cells[BUILDING_AREA])) if text else None


def _usable_area(cells: Cells) -> Decimal | None:
    text = cells[USABLE_AREA]
    if not text:
        return None
    return _within(values.area(text), values.readable(values.area, cells[INNER_AREA] or cells[BUILDING_AREA]))


def _within(value: Decimal, limit: Decimal | None) -> Decimal:
    if limit is not None and value > limit:
        raise Wrong("area_order")
    return value


def _storey_height(cells: Cells) -> Decimal | None:
    text = cells[STOREY_HEIGHT]
    return values.height(text) if text else None


def _connected_on(cells: Cells) -> date | None:
    text = cells[CONNECTED_ON]
    if text:
        return values.day(text)
    if STATES.get(cells[STATE], "not_connected") != "not_connected":
        raise Wrong("connection_date_missing")
    return None


def _warranty_until(cells: Cells) -> date | None:
    text = cells[WARRANTY_UNTIL]
    if not text:
        return None
    until, since = values.day(text), values.readable(values.day, cells[CONNECTED_ON])
    if since is not None and until < since:
        raise Wrong("warranty_before_connection")
    return until


def _suspended_from(cells: Cells) -> int | None:
    text, state = cells[SUSPENDED_FROM], STATES.get(cells[STATE])
    if state == "suspended":
        return values.season(text, otherwise="suspension_season_unknown")
    if text and state is not None:
        raise Wrong("season_without_suspension")
    return None


def _mandate_text(column: int) -> Reader:
    def read(cells: Cells) -> str | None:
        text = cells[column]
        if not text:
            empty = [other for other in _MANDATE if not cells[other]]
            if len(empty) < len(_MANDATE) and empty[0] == column:
                raise Wrong("mandate_incomplete")
            return None
        return values.bank_account(text) if column == BANK_ACCOUNT else text

    return read


def _word(column: int, words: dict[str, Any], *, unknown: str) -> Reader:
    def read(cells: Cells) -> Any:
        try:
            return words[cells[column]]
        except KeyError:
            raise Wrong(unknown) from None

    return read


def _needed(column: int, *, missing: str) -> Reader:
    def read(cells: Cells) -> str:
        if not cells[column]:
            raise Wrong(missing)
        return cells[column]

    return read


def _optional(column: int) -> Reader:
    return lambda cells: cells[column] or None


READERS: tuple[Reader, ...] = (
    account_no,
    _needed(NAME, missing="name_missing"),
    _word(ID_TYPE, ID_TYPES, unknown="id_type_unknown"),
    _id_no,
    _phone,
    _needed(COMPOUND, missing="address_missing"),
    _needed(BUILDING, missing="address_missing"),
    lambda cells: cells[UNIT],
    _needed(ROOM, missing="address_missing"),
    _floor,
    _building_area,
    _inner_area,
    _usable_area,
    _storey_height,
    _word(PRICE_CLASS, PRICE_CLASS_CODES, unknown="usage_unknown"),
    _word(STATE, STATES, unknown="status_unknown"),
    _optional(HEAT_STATION),
    _connected_on,
    _warranty_until,
    _suspended_from,
    _mandate_text(BANK),
    _mandate_text(BANK_ACCOUNT),
    _mandate_text(ACCOUNT_HOLDER),
    _word(LOW_INCOME, LOW_INCOME_WORDS, unknown="low_income_unknown"),
    _optional(EMPLOYER),
    arrears_fen,
    arrears_seasons,
    prepayment_fen,
    _optional(REMARK),
)
"""One for each column, in the order of ``HEADINGS``."""

"""Rows whose values stand in the wrong place: a name that an unquoted comma split, a field too few, two
exchanged.

Nothing is repaired here. A repair is only tried to name the place where the row went wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain

from services.accounts.domain import ledger_values as values
from services.accounts.domain.ledger_cells import ID_TYPES, PRICE_CLASS_CODES, STATES
from services.accounts.domain.ledger_columns import (
    ACCOUNT_HOLDER,
    ACCOUNT_NO,
    ARREARS,
    BANK,
    BANK_ACCOUNT,
    BUILDING_AREA,
    COMPOUND,
    CONNECTED_ON,
    EMPLOYER,
    FREE_TEXT,
    HEADINGS,
    HEAT_STATION,
    ID_NO,
    ID_TYPE,
    LOW_INCOME,
    NAME,
    PHONE,
    PREPAYMENT,
    PRICE_CLASS,
    STATE,
    SUSPENDED_FROM,
    WARRANTY_UNTIL,
    Cells,
    Headings,
)
from services.accounts.domain.ledger_normal import code
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import judge_row
from services.accounts.domain.ledger_values import Wrong

_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_SEASON = re.compile(r"[0-9]{4}-[0-9]{4}")
_AREA = re.compile(r"[0-9]+\.[0-9]{2}")
_SPLITS_MAX = 3
"""Commas in one name that are looked for; with more of them the row is only said to be shifted."""


def shifted(fields: Cells, headings: Headings, *, row: int, line: int) -> Fault:
    """For a record with more fields than headings: the cell that was split, and the value that it was."""
    extra = len(fields) - headings.width
    free = [headings.place(column) for column in FREE_TEXT]
    tried = [(place, more) for more in range(extra, _SPLITS_MAX + 1) for place in free]
    sound = (at for at in tried if _is_sound(headings.arranged(_joined(fields, headings, *at))))
    fitting = (at for at in tried if _words_stand_right(_joined(fields, headings, *at), headings))
    place, more = next(chain(sound, fitting, [(headings.place(NAME), extra)]))
    whole = _joined(fields, headings, place, more)
    account_no = whole[headings.place(ACCOUNT_NO)]
    return Fault(row, line, headings.names[place], whole[place], "row_shifted", account_no=account_no)


def shifted_unseen(fields: Cells, headings: Headings, *, row: int, line: int) -> Fault | None:
    """The same where the number of fields is right: a workbook does not count the empty ones at the end."""
    name = headings.place(NAME)
    for extra in range(1, _SPLITS_MAX + 1):
        if _words_stand_right(_joined(fields, headings, name, extra), headings):
            return shifted([*fields, *[""] * extra], headings, row=row, line=line)
    return None


def short(fields: Cells, headings: Headings, *, row: int, line: int) -> Fault:
    """For a record with too few fields: the column that is missing for certain, else the first without one."""
    place = _missing_place(fields, headings)
    if place is None:
        place = len(fields)
    return _short_at(_filled(fields, headings, place), headings, place, row=row, line=line)


def short_unseen(fields: Cells, headings: Headings, *, row: int, line: int) -> Fault | None:
    """The same for a record with as many fields as headings, the last of which are empty."""
    cells = headings.arranged(fields)
    if not cells[ARREARS] and not cells[PREPAYMENT]:
        used = max((place for place, cell in enumerate(fields) if cell), default=-1) + 1
        if used <= headings.place(ARREARS) and used <= headings.place(PREPAYMENT):
            return _short_at(fields, headings, used, row=row, line=line)
    if not fields[-1] and (place := _missing_place(fields[:-1], headings)) is not None:
        return _short_at(_filled(fields[:-1], headings, place), headings, place, row=row, line=line)
    return None


def exchanged(cells: Cells, faults: list[Fault], *, row: int, line: int) -> Fault | None:
    """Two columns that hold each other's values. Both values must have the form of the other's column, not of
    their own.

    A name has no form of its own; in its place only a text with Chinese in it is taken for one.
    """
    right = [code(cell) for cell in cells]
    for fault in faults:
        wrong = HEADINGS.index(fault.column)
        if wrong not in _FORMS:
            continue
        for other in (*_NAMES, *_FORMS):
            if other != wrong and _belong_to_each_other(right, wrong, other):
                first, second = _told_order(wrong, other)
                return Fault(
                    row, line, HEADINGS[first], cells[first], "columns_swapped",
                    account_no=cells[ACCOUNT_NO], other_column=HEADINGS[second],
                )  # fmt: skip
    return None


def in_other_encoding(fields: Cells) -> bool:
    """Whether a row that was read as GB18030 is Chinese in UTF-8."""
    try:
        text = ",".join(fields).encode("gb18030").decode("utf-8")
    except UnicodeError:
        return False
    return _CHINESE.search(text) is not None


def _joined(fields: Cells, headings: Headings, place: int, extra: int) -> list[str]:
    """The record with the field at ``place`` and ``extra`` behind it as one; fields that are not there are empty."""
    end = place + extra + 1
    joined = [*fields[:place], ",".join(fields[place:end]), *fields[end:]]
    return [*joined, *[""] * headings.width][: headings.width]


def _filled(fields: Cells, headings: Headings, place: int) -> list[str]:
    return [*fields[:place], *[""] * (headings.width - len(fields)), *fields[place:]]


def _missing_place(fields: Cells, headings: Headings) -> int | None:
    """Where fields have to be put in for the row to be sound, if there is no other way to make it so."""
    found: dict[tuple[str, ...], int] = {}
    for place in range(len(fields) + 1):
        filled = _filled(fields, headings, place)
        if _words_stand_right(filled, headings) and _is_sound(headings.arranged(filled)):
            found.setdefault(tuple(filled), place)
    return next(iter(found.values())) if len(found) == 1 else None


def _is_sound(cells: Cells) -> bool:
    return not isinstance(judge_row(cells, row=0, line=0), list)


def _words_stand_right(fields: Cells, headings: Headings) -> bool:
    cells = headings.arranged(fields)
    return all(code(cells[column]) in words for column, words in _WORDS.items())


def _short_at(filled: Cells, headings: Headings, place: int, *, row: int, line: int) -> Fault:
    account_no = filled[headings.place(ACCOUNT_NO)]
    return Fault(row, line, headings.names[place], "", "row_short", account_no=account_no)


def _belong_to_each_other(right: Cells, wrong: int, other: int) -> bool:
    mine, its = right[wrong], right[other]
    if not mine or not its or not _FORMS[wrong](its) or _FORMS[wrong](mine):
        return False
    return _FORMS[other](mine) if other in _FORMS else _CHINESE.search(mine) is not None


def _told_order(wrong: int, other: int) -> tuple[int, int]:
    """The first of the two is the one to be named: the name, the telephone, else the one further left."""
    first, second = sorted((wrong, other), key=lambda column: (column not in _NAMES, column != PHONE, column))
    return first, second


def _form(read: Callable[[str], object]) -> Callable[[str], bool]:
    def has_form(text: str) -> bool:
        try:
            read(text)
        except Wrong:
            return False
        return True

    return has_form


def _is_document_no(text: str) -> bool:
    return any(_form(read)(text) for read in (values.person_no, values.company_no, values.passport_no))


_NAMES = (NAME, COMPOUND, HEAT_STATION, BANK, ACCOUNT_HOLDER, EMPLOYER)
_WORDS = {ID_TYPE: ID_TYPES, PRICE_CLASS: PRICE_CLASS_CODES, STATE: STATES}
_FORMS: dict[int, Callable[[str], bool]] = {
    ACCOUNT_NO: lambda text: len(text) == 10 and text.isdecimal(),
    ID_TYPE: ID_TYPES.__contains__,
    ID_NO: _is_document_no,
    PHONE: _form(values.phone),
    BUILDING_AREA: lambda text: _AREA.fullmatch(text) is not None,
    PRICE_CLASS: PRICE_CLASS_CODES.__contains__,
    STATE: STATES.__contains__,
    CONNECTED_ON: _form(values.day),
    WARRANTY_UNTIL: _form(values.day),
    SUSPENDED_FROM: lambda text: _SEASON.fullmatch(text) is not None,
    BANK_ACCOUNT: _form(values.bank_account),
    LOW_INCOME: lambda text: text in ("是", "否"),
}

"""What is put right in a cell without asking anybody, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from services.accounts.domain.ledger_columns import (
    ARREARS,
    ARREARS_SEASONS,
    BLANKS,
    BUILDING_AREA,
    FREE_TEXT,
    HEADINGS,
    ID_NO,
    ID_TYPE,
    INNER_AREA,
    PREPAYMENT,
    USABLE_AREA,
    Cells,
)
from services.accounts.domain.ledger_report import Normalised

PERSON = "身份证"

SUSPECT = "\t\u00a0\u3000 \uff01-\uff5e㎡²mx米,"
"""Inside a character class: without one of these in a row, nothing in it is to be put right."""

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_UNIT = re.compile(f"(?<=[0-9])[{BLANKS}]*(?:㎡|m²|m2|平方米|平米)\\Z")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_PART = re.compile(r"(?<=:)[0-9]{1,3}(?:,[0-9]{3})+(?=\.[0-9]|;|\Z)")

Rule = Callable[[str], str]


def normalised(cells: Cells) -> tuple[tuple[str, ...], tuple[Normalised, ...]]:
    """The cells, arranged as ``HEADINGS``, put right; and which were put right, by which rules."""
    became: list[str] = []
    changes = []
    for column, written in enumerate(cells):
        text, rules = written, []
        for name, rule in _RULES[column]:
            right = rule(text)
            if right != text:
                rules.append(name or _blank_rule(text))
                text = right
        if column == ID_NO and text.endswith("x") and became[ID_TYPE] == PERSON:
            rules.append("id_lowercase_x")
            text = text[:-1] + "X"
        became.append(text)
        if rules:
            changes.append(Normalised(HEADINGS[column], written, text, tuple(rules)))
    return tuple(became), tuple(changes)


def code(cell: str) -> str:
    """A cell that holds no free text, with its ends and its full-width forms put right."""
    text = cell.strip(BLANKS)
    return text if text.isascii() else half_width(text)


def trimmed(text: str) -> str:
    return text.strip(BLANKS)


def half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _without_unit(text: str) -> str:
    return _UNIT.sub("", text)


def _without_separators(text: str) -> str:
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def _parts_without_separators(text: str) -> str:
    return _GROUPED_PART.sub(lambda found: found[0].replace(",", ""), text)


def _blank_rule(cell: str) -> str:
    """The name for what stood at the ends of a cell; the least visible blank names it."""
    ends = cell[: len(cell) - len(cell.lstrip(BLANKS))] + cell[len(cell.rstrip(BLANKS)) :]
    if "\u3000" in ends:
        return "ideographic_space"
    if "\u00a0" in ends:
        return "no_break_space"
    return "leading_tab" if "\t" in ends else "trailing_space"


def _rules_of(column: int) -> tuple[tuple[str, Rule], ...]:
    ends = ("", trimmed)
    if column in FREE_TEXT:
        return (ends,)
    if column in (BUILDING_AREA, INNER_AREA, USABLE_AREA):
        return (
            ends,
            ("area_full_width", half_width),
            ("area_unit_suffix", _without_unit),
            ("area_thousands_separator", _without_separators),
        )
    if column in (ARREARS, PREPAYMENT):
        return (ends, ("full_width", half_width), ("money_thousands_separator", _without_separators))
    if column == ARREARS_SEASONS:
        return (ends, ("full_width", half_width), ("money_thousands_separator", _parts_without_separators))
    return (ends, ("full_width", half_width))


_RULES = tuple(_rules_of(column) for column in range(len(HEADINGS)))

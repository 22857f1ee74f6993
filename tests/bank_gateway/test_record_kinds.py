"""Forms of fields: what each takes and refuses, alone and as a column; what it reads and writes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.bank_gateway.domain.record import (
    Field,
    Kind,
    Record,
    account_number,
    day,
    digits,
    fen,
    number,
    one_of,
    printable,
    text,
    yuan,
)

FORMS: list[tuple[Kind, list[str], list[str]]] = [
    (digits(4), ["0000", "0123"], ["", "123", "12345", "12a4", "１２３４", " 123", "1234 "]),
    (digits(1, 3), ["0", "007"], ["", "1234"]),
    (number(), ["0", "7", "999999999"], ["", "07", "00", "-1", "+1", "1.0", "1e3", "1_0", "٣", "1000000000"]),
    (fen(zero=True), ["0", "1", "9" * 13], ["", "00", "01", "-1", "1,000", "9" * 14, "１"]),
    (fen(zero=False), ["1"], ["0"]),
    (yuan(), ["0.00", "0.29", "12345678901.99"], ["0", "1.00元", ".50", "1.5", "01.50", "1.505", "-1.00"]),
    (day(), ["20260108", "20240229"], ["20260230", "00000000", "2026018", "20260108 ", "２0260108"]),
    (day("%Y-%m-%d"), ["2026-01-08"], ["20260108", "2026-1-8", "2026-13-01"]),
    (one_of("0", "1"), ["0", "1"], ["", "2", "01"]),
    (one_of("a.c"), ["a.c"], ["abc"]),
    (text(1, 3), ["王", "a b", "\u3000", "·"], ["", "abcd", "a\tb", "\x00", "\x1f", "\x7f", "\x85"]),
    (printable(0, 3), ["", "a*c"], ["王", "a\x1b", "abcd"]),
    (account_number(5), ["0-aZ9"], ["", "6.2E+", "1 2", "123456", "12*45"]),
]  # fmt: skip
TAKEN = [(kind, value) for kind, values, _ in FORMS for value in values]
REFUSED = [(kind, value) for kind, _, values in FORMS for value in values]


@pytest.mark.parametrize(("kind", "value"), TAKEN)
def test_a_value_in_its_form_is_taken_alone_and_in_any_column(kind: Kind, value: str) -> None:
    assert kind.accepts(value)
    assert kind.accepts_all([value])
    assert kind.accepts_all([value] * 50)


@pytest.mark.parametrize(("kind", "value"), REFUSED)
@pytest.mark.parametrize("place", [0, 25, 50])
def test_a_value_in_another_form_is_refused_alone_and_anywhere_in_a_column(kind: Kind, value: str, place: int) -> None:
    good = next(values for other, values, _ in FORMS if other is kind)
    column = (good * 50)[:50]
    assert not kind.accepts(value)
    assert not kind.accepts_all([*column[:place], value, *column[place:]])


def test_a_column_of_many_different_values_is_judged_as_strictly() -> None:
    column = [f"{n:016d}" for n in range(1000)]
    assert digits(16).accepts_all(column)
    assert not digits(16).accepts_all([*column, "123456789012345"])


def test_a_line_end_inside_a_value_does_not_make_two_of_one() -> None:
    names = [f"王{n}" for n in range(100)]
    assert text(1, 9).accepts_all(names)
    assert not text(1, 9).accepts_all([*names, "王\n二"])
    assert not text(1, 9).accepts_all(["王\n二"])


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (number(), "12", 12),
        (fen(zero=True), "233038", 233038),
        (yuan(), "2330.38", 233038),
        (yuan(), "0.05", 5),
        (day(), "20260108", date(2026, 1, 8)),
        (text(0, 9), "王", "王"),
        (digits(3), "007", "007"),
    ],
)
def test_what_is_read_is_written_again(kind: Kind, written: str, value: Any) -> None:
    assert kind.read_all([written]) == [value]
    assert kind.write_all([value]) == [written]
    assert kind.written(value) == written


def test_a_record_names_the_first_field_at_fault() -> None:
    record = Record("row", (Field("a", digits(1)), Field("b", digits(1), "key"), Field("c", digits(1))))
    assert record.first_fault(["1", "2", "3"]) is None
    assert record.first_fault(["1", "x", "y"]) == 1
    assert record.field_of("key").name == "b"
    assert not record.accepts_all([["1", "1"], ["2", "2"], ["3", "x"]])

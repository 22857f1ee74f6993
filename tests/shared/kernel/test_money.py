"""Yuan as people and other programs write it ↔ whole fen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidInput
from shared.kernel.money import FEN_MAX, format_yuan, parse_yuan

AMOUNTS = st.integers(-FEN_MAX, FEN_MAX)


@given(AMOUNTS)
def test_every_amount_survives_being_written_and_read(amount_fen: int) -> None:
    assert parse_yuan(format_yuan(amount_fen), minimum_fen=-FEN_MAX) == amount_fen


@given(AMOUNTS)
def test_the_written_amount_is_exact(amount_fen: int) -> None:
    assert Decimal(format_yuan(amount_fen)) * 100 == amount_fen


@given(st.text(alphabet="0123456789.-+, e_１٣\n", max_size=12))
def test_whatever_is_read_is_written_the_same(text: str) -> None:
    try:
        amount_fen = parse_yuan(text, minimum_fen=-FEN_MAX)
    except InvalidInput:
        return
    assert format_yuan(amount_fen) == text


@pytest.mark.parametrize(("text", "amount_fen"), [
    ("0.00", 0), ("0.01", 1), ("0.10", 10), ("1.00", 100), ("2330.38", 233038), ("99999999999.99", FEN_MAX),
])  # fmt: skip
def test_an_amount_is_yuan_with_two_decimals(text: str, amount_fen: int) -> None:
    assert parse_yuan(text) == amount_fen


@pytest.mark.parametrize("value", [
    "", " ", "0", "1", "1.0", "1.005", "1.", ".50", "-0.00", "+1.00", "01.00", "00.00", "1,000.00", "1_000.00",
    " 1.00", "1.00 ", "1.00\n", "１.００", "٣.00", "1e2", "1E+2", "NaN", "Infinity", "-Infinity", "0x1.00", "¥1.00",
    "1.00元", "--1.00", "9" * 5000 + ".00", "1.00\x00", "1·00",
])  # fmt: skip
def test_any_other_writing_is_refused_with_its_place(value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_yuan(value, place="amount", minimum_fen=-FEN_MAX)
    assert refused.value.facts["place"] == "amount"
    assert len(refused.value.facts["value"]) <= 41


@pytest.mark.parametrize(
    "value", [0, 100, -1, 1.15, 19.99, True, False, None, [], {}, b"1.00", Decimal("1.00"), float("nan")]
)
def test_a_number_that_is_not_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_yuan(value)


@pytest.mark.parametrize(("text", "minimum_fen"), [
    ("-0.01", 0), ("0.00", 1), ("100000000000.00", 0), ("999999999999999.99", 0),
])  # fmt: skip
def test_an_amount_outside_of_its_bounds_is_refused(text: str, minimum_fen: int) -> None:
    with pytest.raises(InvalidInput, match="between"):
        parse_yuan(text, minimum_fen=minimum_fen)

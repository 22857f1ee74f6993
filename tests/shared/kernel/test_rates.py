"""The one place that rounds, against an independent model: halves away from zero, by counting remainders."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.rates import PERCENT, PERMILLE, ROUNDING, half_up, half_up_to, shares, truncate

EXACT = st.fractions(min_value=-(10**14), max_value=10**14, max_denominator=10**6)
DECIMALS = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


def model_half_up(exact: Fraction) -> int:
    """The nearest whole number; of two that are equally near, the one further from zero."""
    below = floor(exact)
    up, down = below + 1 - exact, exact - below
    if up == down:
        return below + 1 if exact > 0 else below
    return below + 1 if up < down else below


@given(EXACT)
def test_half_up_takes_the_nearest_fen_and_halves_away_from_zero(exact: Fraction) -> None:
    assert half_up(exact) == model_half_up(exact)


@given(DECIMALS)
def test_decimals_round_as_the_fractions_they_are(exact: Decimal) -> None:
    assert half_up(exact) == model_half_up(Fraction(exact))
    assert truncate(exact) == int(Fraction(exact))


@given(EXACT)
def test_rounding_is_the_same_on_both_sides_of_zero(exact: Fraction) -> None:
    assert half_up(-exact) == -half_up(exact)
    assert truncate(-exact) == -truncate(exact)


@given(EXACT)
def test_truncation_never_goes_away_from_zero_and_never_loses_a_whole_fen(exact: Fraction) -> None:
    cut = truncate(exact)
    assert abs(cut) <= abs(exact) < abs(cut) + 1


@given(st.integers(-(10**15), 10**15))
def test_whole_fen_stay_what_they_are(amount_fen: int) -> None:
    assert half_up(amount_fen) == truncate(amount_fen) == amount_fen


@pytest.mark.parametrize(("exact", "rounded"), [
    ("3495.57", 3496), ("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("-2.5", -3), ("0.4999999", 0), ("114.5", 115),
])  # fmt: skip
def test_halves_go_away_from_zero(exact: str, rounded: int) -> None:
    assert half_up(Decimal(exact)) == rounded
    assert half_up(Fraction(exact)) == rounded


@given(st.integers(0, 10**12), st.sampled_from([1, 5, 10, 50, 100]))
def test_cash_is_rounded_to_the_nearest_coin_there_is(amount_fen: int, step_fen: int) -> None:
    rounded = half_up_to(amount_fen, step_fen)
    assert rounded % step_fen == 0
    assert 2 * abs(rounded - amount_fen) <= step_fen
    assert rounded >= amount_fen or 2 * (amount_fen - rounded) < step_fen, "a half goes up"


def test_cash_of_a_bill_goes_to_the_ten_fen_that_are_nearest() -> None:
    assert half_up_to(229542, 10) == 229540
    assert half_up_to(229545, 10) == 229550


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10000), min_size=1, max_size=6))
def test_shares_add_up_to_the_whole(amount_fen: int, hundredths: list[int]) -> None:
    percents = [Fraction(hundredth, 100) for hundredth in hundredths]
    parts = shares(amount_fen, percents)
    assert sum(parts) == amount_fen
    assert len(parts) == len(percents)
    assert parts[:-1] == [model_half_up(Fraction(amount_fen) * percent / 100) for percent in percents[:-1]]


@given(st.integers(0, 10**10), st.integers(2, 6))
def test_equal_shares_differ_from_their_exact_part_by_half_a_fen_each(amount_fen: int, count: int) -> None:
    percents = [Fraction(100, count)] * count
    parts = shares(amount_fen, percents)
    for part in parts[:-1]:
        assert abs(part - Fraction(amount_fen, count)) <= Fraction(1, 2)
    assert abs(parts[-1] - Fraction(amount_fen, count)) <= Fraction(count - 1, 2)


def test_percent_and_permille_are_exact() -> None:
    assert half_up(233038 * Fraction("1.5") * PERCENT) == 3496
    assert half_up(100000 * 31 * PERMILLE) == 3100


def test_the_rounding_rules_have_the_names_that_policies_use() -> None:
    assert {name: rule(Fraction(7, 2)) for name, rule in ROUNDING.items()} == {"HALF_UP": 4, "TRUNC": 3}

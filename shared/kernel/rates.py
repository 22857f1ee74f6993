"""The one place that rounds. Every amount that is not whole fen by nature passes through here, once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

PERCENT = Fraction(1, 100)
PERMILLE = Fraction(1, 1000)


def half_up(exact_fen: Fraction | Decimal | int) -> int:
    """Exact fen → whole fen, halves away from zero: 3495.57 → 3496, 0.5 → 1, -0.5 → -1."""
    numerator, denominator = exact_fen.as_integer_ratio()
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def truncate(exact_fen: Fraction | Decimal | int) -> int:
    """Exact fen → whole fen towards zero: 3495.57 → 3495."""
    numerator, denominator = exact_fen.as_integer_ratio()
    return -(-numerator // denominator) if numerator < 0 else numerator // denominator


ROUNDING: dict[str, Callable[[Fraction | Decimal | int], int]] = {"HALF_UP": half_up, "TRUNC": truncate}
"""Rounding rules by the name that a policy uses (parameter 48, late_fee_rounding)."""


def half_up_to(amount_fen: int, step_fen: int) -> int:
    """Whole fen → the nearest multiple of ``step_fen``, halves up: cash of 2295.42 to 0.10 is 2295.40."""
    return half_up(Fraction(amount_fen, step_fen)) * step_fen


def shares(amount_fen: int, percents: list[Fraction]) -> list[int]:
    """Split an amount by percentages (of 100); each part is rounded half-up and the last takes the rest.

    The parts add up to the whole, always.
    """
    parts = [half_up(amount_fen * percent * PERCENT) for percent in percents[:-1]]
    return [*parts, amount_fen - sum(parts)]

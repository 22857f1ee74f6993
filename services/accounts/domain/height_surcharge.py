"""What a room pays more for being high. Only classes that pay the non-residential price are asked."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.tariff import Tariff
from shared.kernel.errors import Refusal
from shared.kernel.rates import PERCENT

_MM = 1000


class HeightSurcharge(NamedTuple):
    """``times`` multiplies the fee, 1 at least; ``facts`` say why, as data."""

    times: Fraction
    facts: dict[str, Any]


class HeightToBeAgreed(Refusal):
    code = "height_to_be_agreed"
    remedy = "Agree the price with the customer and enter it into the policy for this contract."


def assert_priced(storey_height_mm: int, tariff: Tariff) -> None:
    """Refuse a room above the height from which each price is agreed, unless its contract has one."""
    limit = tariff.values.height_negotiated_above
    if limit is not None and storey_height_mm > _mm(limit) and not tariff.scope.contract:
        raise HeightToBeAgreed(
            f"rooms above {limit} m have a price of their own each",
            storey_height=plain_number(Decimal(storey_height_mm) / _MM),
        )


def height_surcharge(storey_height_mm: int, values: PolicyInForce) -> HeightSurcharge:
    times, facts = _RULES[values.height_rule_kind](storey_height_mm, values)
    facts = {
        "rule": values.height_rule_kind,
        "storey_height_mm": storey_height_mm,
        **facts,
        "times": str(times),
    }
    return HeightSurcharge(times, facts)


def _by_steps(height_mm: int, values: PolicyInForce) -> tuple[Fraction, dict[str, Any]]:
    """Each step above the threshold adds its percentage, up to the cap; CEIL counts a step that has begun.

    A height exactly on a step has completed that step and begun no other.
    """
    above_mm = max(height_mm - _mm(values.height_threshold), 0)
    step_mm = _mm(values.height_step)
    steps = -(-above_mm // step_mm) if values.height_partial_step == "CEIL" else above_mm // step_mm
    added = steps * values.height_pct_per_step
    if values.height_cap_pct is not None:
        added = min(added, values.height_cap_pct)
    return 1 + Fraction(added) * PERCENT, {"steps": steps, "added_pct": plain_number(added)}


def _by_ratio(height_mm: int, values: PolicyInForce) -> tuple[Fraction, dict[str, Any]]:
    """In proportion to the threshold; a lower room is not cheaper. The cap is one of the steps, not of this rule."""
    return max(Fraction(height_mm, _mm(values.height_threshold)), Fraction(1)), {}


def _by_multiplier(height_mm: int, values: PolicyInForce) -> tuple[Fraction, dict[str, Any]]:
    """Above the threshold the fee is multiplied; the cap is one of the steps, not of this rule."""
    above = height_mm > _mm(values.height_threshold)
    return Fraction(values.height_multiplier) if above else Fraction(1), {}


def _mm(metres: Decimal) -> int:
    return int(metres * _MM)


_RULES = {"STEP": _by_steps, "RATIO": _by_ratio, "MULTIPLIER": _by_multiplier}

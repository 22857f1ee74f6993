"""The two-part tariff: a basic fee by area, a metered fee by heat, and what the settlement after the season charges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.policy_values import HEAT_UNITS, plain_number
from services.accounts.domain.tariff import Tariff
from shared.kernel.errors import InvalidInput
from shared.kernel.rates import PERCENT, half_up

GJ_PER_KWH = Fraction(36, 10_000)
_FEN_PER_YUAN = 100
QUANTITY_MOST = Decimal(10_000_000)


class HeatInvalid(InvalidInput):
    code = "metered_heat_invalid"
    remedy = "Give the heat of the season as the meter shows it, in kWh or GJ, and a correction factor only where flats have one."


class SeasonHeat(NamedTuple):
    """The heat that a home took in a season, in ``unit`` (kWh or GJ); a flat may have a correction factor of its own."""

    quantity: Decimal
    unit: str
    correction_factor: Decimal | None = None


def metered_line(area_fee: Mapping[str, Any], heat: SeasonHeat, tariff: Tariff) -> dict[str, Any]:
    """What a metered home pays for its season, by the settlement mode of the policy: the node of its derivation.

    ``area_fee`` is the node of its fee by area. Basic fee and metered fee are each rounded.

    NONE: the area fee. BOTH: the metered total. REFUND_ONLY: the lower of the two. COLLECT_ONLY: the higher.
    """
    values = tariff.values
    quantity, unit, correction_factor = heat
    assert_possible(heat, enabled=values.flat_correction_factor_enabled)
    line: dict[str, Any] = {
        "rule": "metered",
        "mode": values.metered_settlement_mode,
        "basic_pct": plain_number(values.basic_share_pct),
        "quantity": plain_number(quantity),
        "unit": unit,
        "price": plain_number(values.metered_price.yuan),
        "price_unit": values.metered_price.unit,
        **({"correction_factor": plain_number(correction_factor)} if correction_factor is not None else {}),
        "parameters": tariff.metered_parameters,
        "of": area_fee,
    }
    area_fee_fen = int(area_fee["fen"])
    line["basic_fen"], line["metered_fen"] = half_up(basic_exact(line, area_fee_fen)), half_up(metered_exact(line))
    line["fen"] = charged_fen(line["mode"], area_fee_fen, line["basic_fen"] + line["metered_fen"])
    line["exact"] = str(line["fen"])
    return line


def basic_exact(line: Mapping[str, Any], area_fee_fen: int) -> Fraction:
    return area_fee_fen * Fraction(line["basic_pct"]) * PERCENT


def metered_exact(line: Mapping[str, Any]) -> Fraction:
    """Exact fen of the heat: quantity in the unit of the price × correction factor × price."""
    quantity = Fraction(line["quantity"])
    if line["unit"] != line["price_unit"]:
        quantity = quantity * GJ_PER_KWH if line["price_unit"] == "GJ" else quantity / GJ_PER_KWH
    return quantity * Fraction(line.get("correction_factor", "1")) * Fraction(line["price"]) * _FEN_PER_YUAN


def charged_fen(mode: str, area_fee_fen: int, metered_total_fen: int) -> int:
    """What the season costs, of the fee by area and the metered total."""
    return {
        "NONE": area_fee_fen,
        "BOTH": metered_total_fen,
        "REFUND_ONLY": min(area_fee_fen, metered_total_fen),
        "COLLECT_ONLY": max(area_fee_fen, metered_total_fen),
    }[mode]


def assert_possible(heat: SeasonHeat, *, enabled: bool) -> None:
    """Refuses `metered_heat_invalid`; ``enabled``: flats have correction factors under the policy."""
    quantity, unit, correction_factor = heat
    if unit not in HEAT_UNITS:
        raise HeatInvalid(f"heat is measured in {' or '.join(HEAT_UNITS)}", place="unit", value=unit)
    if not quantity.is_finite() or not 0 <= quantity <= QUANTITY_MOST:
        raise HeatInvalid(f"the heat of a season is 0 to {QUANTITY_MOST}", place="quantity", value=str(quantity))
    if correction_factor is not None and not enabled:
        raise HeatInvalid("flats have no correction factor under this policy", place="correction_factor")
    if correction_factor is not None and not 0 < correction_factor <= 10:
        raise HeatInvalid("a correction factor is more than 0, at most 10", place="correction_factor")

"""How a charge came about, as data: it can be recomputed by anyone and told in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.tariff import exact_price
from shared.kernel.money import format_yuan
from shared.kernel.rates import PERCENT, ROUNDING

_AREAS = {"BUILDING": "建筑面积", "INNER": "套内面积", "USABLE": "使用面积", "CERTIFIED": "核定收费面积"}
_PERIODS = {"PER_SEASON": "", "PER_MONTH": "×{units}个月", "PER_DAY": "×{units}天"}


def recomputed_fen(derivation: Mapping[str, Any]) -> int:
    """The charge worked out again from price, area, height factor, days and shares.

    The amounts in the derivation (``exact``, ``fen``) are not looked at, so that they can be checked.
    """
    return _recomputed(derivation["line"], derivation["tariff"])


def explain(derivation: Mapping[str, Any]) -> str:
    """One plain sentence in Chinese for the customer: area, price, reasons for more or less, the legal ground."""
    tariff, line = derivation["tariff"], derivation["line"]
    fee = line.get("of", line)
    parts = [f"{tariff['season']}采暖期{PRICE_CLASSES[tariff['price_class']]}热费：{_season_fee(fee, tariff)}"]
    if "of" in line:
        reasons = "，".join(_reduction(reduction) for reduction in line["reductions"])
        parts.append(f"{reasons}，应收{format_yuan(line['fen'])}元{_rounding(line)}")
    ground = f"依据收费政策{tariff['policy']}（版本{tariff['version']}，{tariff['document']}）"
    return "；".join([*parts, ground]) + "。"


def _recomputed(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> int:
    rounded = ROUNDING[tariff["rounding"]]
    if node["rule"] == "part_of_season_fee":
        exact = Fraction(_recomputed(node["of"], tariff))
        for reduction in node["reductions"]:
            exact *= _share(reduction)
        return rounded(exact)
    exact = node["area_dm2"] * exact_price(tariff["price"])
    exact *= Fraction(node.get("missing_area_factor_pct", "100")) * PERCENT
    if "height" in node:
        exact *= Fraction(node["height"]["times"])
    return rounded(exact)


def _share(reduction: Mapping[str, Any]) -> Fraction:
    if "pct" in reduction:
        return Fraction(reduction["pct"]) * PERCENT
    return Fraction(reduction["days"], reduction["of_days"])


def _season_fee(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> str:
    height = node.get("height")
    times, told = _height(height) if height else ("", "")
    amount = f"={format_yuan(node['fen'])}元{_rounding(node)}"
    return f"{_area(node, tariff)}×{_price(tariff['price'])}{times}{amount}{told}"


def _area(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> str:
    area = f"{Decimal(node['area_dm2']) / 100:.2f}平方米"
    if "missing_area_factor_pct" in node:
        return f"建筑面积{area}×{node['missing_area_factor_pct']}%（无{_AREAS[tariff['area_basis']]}）"
    return f"{_AREAS[tariff['area_basis']]}{area}"


def _price(price: Mapping[str, Any]) -> str:
    period = _PERIODS[price["basis"]].format(units=price["units"])
    if price["form"] == "published":
        return f"({'+'.join(_yuan(yuan) for yuan, _ in price['parts'])})元/平方米（各段公布价之和）"
    if price["form"] == "segments":
        days = sum(days for _, days in price["parts"])
        told = "+".join(f"{_yuan(yuan)}元×{days}天" for yuan, days in price["parts"])
        return f"({told})÷{days}天{period}"
    factor = "" if price["factor_pct"] == "100" else f"×{price['factor_pct']}%"
    return f"{_yuan(price['parts'][0][0])}元/平方米{factor}{period}"


def _height(height: Mapping[str, Any]) -> tuple[str, str]:
    """What stands in the multiplication, and what is told about it."""
    metres = f"{Decimal(height['storey_height_mm']) / 1000:.2f}米"
    times = Fraction(height["times"])
    if times == 1:
        return "", f"（层高{metres}，不加价）"
    if height["rule"] == "STEP":
        return (
            f"×(1+{height['added_pct']}%)",
            f"（层高{metres}，超高{height['steps']}步，加价{height['added_pct']}%）",
        )
    return f"×{times}", f"（层高{metres}，按{times}倍计）"


def _reduction(reduction: Mapping[str, Any]) -> str:
    if reduction["rule"] == "suspended":
        return f"本季报停，按{reduction['pct']}%计"
    if reduction["rule"] == "connected_full" and reduction["days"]:
        return f"{reduction['connected_on']}接入，仍按全季计"
    return f"{reduction['connected_on']}接入，按{reduction['days']}/{reduction['of_days']}天计"


def _rounding(node: Mapping[str, Any]) -> str:
    return "" if Fraction(node["exact"]).denominator == 1 else "（四舍五入到分）"


def _yuan(text: str) -> str:
    """At least two decimals: 26 → 26.00, 0.185 → 0.185."""
    value = Decimal(text)
    return f"{value:.2f}" if value == round(value, 2) else text

"""How a charge came about, as data: it can be worked out again by anyone, from what went in alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from services.accounts.domain.chargeable_area import recomputed_dm2
from services.accounts.domain.metered_heat import basic_exact, charged_fen, metered_exact
from services.accounts.domain.own_price import priced_exact
from services.accounts.domain.partial_use import RULES, share_of_use
from services.accounts.domain.season_extension import extra_exact
from services.accounts.domain.tariff import exact_price
from shared.kernel.rates import PERCENT, ROUNDING


def recomputed_fen(derivation: Mapping[str, Any]) -> int:
    """The charge worked out again from price, area, height factor, days, shares and heat.

    The amounts in the derivation (``exact``, ``fen``) are not looked at, so that they can be checked.
    """
    return _recomputed(derivation["line"], derivation["tariff"])


def nodes_of(line: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of a derivation, the one that everything starts from first."""
    if "of" in line:
        yield from nodes_of(line["of"])
    yield line


def season_fee_of(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node of area × price that everything starts from."""
    return next(nodes_of(line))


def share_of(reduction: Mapping[str, Any]) -> Fraction:
    """What a reduction leaves of the fee, from its percentage or its days."""
    if reduction["rule"] in RULES:
        return share_of_use(reduction)
    if "pct" in reduction:
        return Fraction(reduction["pct"]) * PERCENT
    return Fraction(reduction["days"], reduction["of_days"])


def _recomputed(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> int:
    rounded = ROUNDING[tariff["rounding"]]
    if node["rule"] == "part_of_season_fee":
        exact = Fraction(_recomputed(node["of"], tariff))
        for reduction in node["reductions"]:
            exact *= share_of(reduction)
        return rounded(exact)
    if node["rule"] == "by_parts":
        exact = Fraction(_recomputed(node["of"], tariff) * node["days"])
        for part in node["earlier"]:
            exact += _recomputed(part["line"], part.get("tariff", tariff)) * part["days"]
        return rounded(exact / node["of_days"])
    if node["rule"] == "metered":
        area_fee_fen = _recomputed(node["of"], tariff)
        metered_total_fen = rounded(basic_exact(node, area_fee_fen)) + rounded(metered_exact(node))
        return charged_fen(node["mode"], area_fee_fen, metered_total_fen)
    if node["rule"] == "extended_season":
        fee_fen = _recomputed(node["of"], tariff)
        return fee_fen + rounded(extra_exact(node, fee_fen))
    area_dm2 = recomputed_dm2(node) * Fraction(node.get("missing_area_factor_pct", "100")) * PERCENT
    of_class = exact_price(tariff["price"])
    exact = priced_exact(area_dm2, node["own_price"], of_class) if "own_price" in node else area_dm2 * of_class
    if "height" in node:
        exact *= _height_times(node["height"], tariff["parameters"])
    return rounded(exact)


def _height_times(height: Mapping[str, Any], parameters: Mapping[str, Any]) -> Fraction:
    """The height factor from the height itself and the rule's parameters as they are kept with the tariff."""
    metres = Fraction(height["storey_height_mm"], 1000)
    threshold = Fraction(parameters["height_threshold"]["value"])
    if height["rule"] == "RATIO":
        return max(metres / threshold, Fraction(1))
    if height["rule"] == "MULTIPLIER":
        return Fraction(parameters["height_multiplier"]["value"]) if metres > threshold else Fraction(1)
    steps = max((metres - threshold) / Fraction(parameters["height_step"]["value"]), Fraction(0))
    whole = ceil(steps) if parameters["height_partial_step"]["value"] == "CEIL" else floor(steps)
    added = whole * Fraction(parameters["height_pct_per_step"]["value"])
    cap = parameters["height_cap_pct"]["value"]
    return 1 + (added if cap is None else min(added, Fraction(cap))) * PERCENT

"""A home that is charged by a price of its own: a sum for each m², another class's price, or a part of its own class's."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.tariff import Tariff, exact_price


class OwnPrice(NamedTuple):
    """One of ``price`` (yuan per m², by the policy's basis), ``price_class`` and ``pct_off`` (percent) is given.

    ``cap_dm2``: only so much of the area (0.01 m²) pays it, the rest the price of its class.
    """

    kind: str
    price: Decimal | None = None
    price_class: str | None = None
    pct_off: Decimal | None = None
    cap_dm2: int | None = None


def own_price_facts(own: OwnPrice, tariff: Tariff, other: Tariff | None) -> dict[str, Any]:
    """The price as data, as a derivation keeps it; ``other`` is the tariff of ``own.price_class``."""
    facts: dict[str, Any] = {"kind": own.kind, "price": _price(own, tariff.facts["price"], other)}
    if own.price_class is not None:
        facts["price_class"] = own.price_class
    if own.cap_dm2 is not None:
        facts["cap_dm2"] = own.cap_dm2
    return facts


def priced_exact(area_dm2: Fraction, own: Mapping[str, Any], class_fen_per_dm2: Fraction) -> Fraction:
    """The fee of an area, before any height surcharge: up to the cap by the own price, the rest by the class's."""
    capped = min(area_dm2, Fraction(own["cap_dm2"])) if "cap_dm2" in own else area_dm2
    return capped * exact_price(own["price"]) + (area_dm2 - capped) * class_fen_per_dm2


def _price(own: OwnPrice, of_class: Mapping[str, Any], other: Tariff | None) -> dict[str, Any]:
    if own.price is not None:
        return {**of_class, "form": "price", "parts": [[plain_number(own.price), 0]], "factor_pct": "100"}
    if other is not None:
        return dict(other.facts["price"])
    left = Decimal(of_class["factor_pct"]) * (100 - (own.pct_off or 0)) / 100
    return {**of_class, "factor_pct": plain_number(left)}

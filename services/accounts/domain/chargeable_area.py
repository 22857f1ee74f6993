"""The area that a home pays for: from its components and their coefficients, or as it was measured, rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.area import COMPONENTS, OF_THE_WHOLE
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_values import plain_number
from shared.kernel.errors import InvalidInput
from shared.kernel.rates import half_up

_DECIMALS_OF_DM2 = 2


class ComponentUnknown(InvalidInput):
    code = "area_component_unknown"
    remedy = f"Name the parts of the home: {', '.join(COMPONENTS)}."


class ChargeableArea(NamedTuple):
    """``dm2`` is 0.01 m²; a ``factor`` multiplies it without rounding. ``facts`` say how it came about, as data."""

    dm2: int
    facts: dict[str, Any]
    factor: Fraction | None = None


def of_components(components: Iterable[tuple[str, int]], values: PolicyInForce) -> ChargeableArea:
    """Each part × its coefficient, added up, × the coefficients of the whole; rounded once. Refused: an unknown part."""
    coefficients = values.area_component_coefficients
    parts = []
    for component, area_dm2 in components:
        if component not in coefficients:
            raise ComponentUnknown(f"{component} is no part of a home", place="components", value=component)
        parts.append([component, area_dm2, plain_number(coefficients[component])])
    facts = {"components": parts, "area_decimals": values.area_precision}
    return ChargeableArea(components_dm2(facts), facts)


def rounded_area(area_dm2: int, values: PolicyInForce) -> ChargeableArea:
    """A measured area, to the decimals of the policy."""
    if values.area_precision == _DECIMALS_OF_DM2:
        return ChargeableArea(area_dm2, {})
    facts = {"measured_dm2": area_dm2, "area_decimals": values.area_precision}
    return ChargeableArea(_to_decimals(Fraction(area_dm2), values.area_precision), facts)


def recomputed_dm2(node: Mapping[str, Any]) -> int:
    """The area of a season fee worked out again from what a derivation keeps of it."""
    if "components" in node:
        return components_dm2(node)
    if "measured_dm2" in node:
        return _to_decimals(Fraction(node["measured_dm2"]), node["area_decimals"])
    return int(node["area_dm2"])


def components_dm2(facts: Mapping[str, Any]) -> int:
    """The area of components with their coefficients: ``[[component, dm², coefficient], …]``.

    A part that speaks of the whole home (an unheated kitchen) counts fully itself and multiplies the sum.
    """
    exact, whole = Fraction(0), Fraction(1)
    for component, area_dm2, coefficient in facts["components"]:
        if component in OF_THE_WHOLE:
            exact += area_dm2
            whole *= Fraction(coefficient)
        else:
            exact += area_dm2 * Fraction(coefficient)
    return _to_decimals(exact * whole, facts["area_decimals"])


def _to_decimals(exact_dm2: Fraction, decimals: int) -> int:
    """Half-up to a multiple of 1, 10 or 100 dm²."""
    step = 10 ** (_DECIMALS_OF_DM2 - decimals)
    return int(half_up(exact_dm2 / step) * step)

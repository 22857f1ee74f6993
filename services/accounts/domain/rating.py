"""What a home is charged for a season, and why.

The season fee (area × price × height) is rounded once. Whatever a home pays of it (days since its connection, the
share kept in a suspension) starts from the rounded fee, is computed exactly and rounded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.chargeable_area import ChargeableArea, of_components, rounded_area
from services.accounts.domain.height_surcharge import assert_priced, height_surcharge
from services.accounts.domain.home_parts import HomePart
from services.accounts.domain.metered_heat import SeasonHeat, metered_line
from services.accounts.domain.own_price import OwnPrice, priced_exact
from services.accounts.domain.partial_use import WHOLE_SEASON, PartialUse, use_reductions
from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.season_extension import extended_line
from services.accounts.domain.tariff import Tariff
from shared.kernel.errors import InvalidInput
from shared.kernel.rates import PERCENT, half_up

_DM2_PER_M2 = 100
_MM_PER_M = 1000


class PriceClassUnknown(InvalidInput):
    code = "price_class_unknown"
    remedy = "Give the home one of the price classes there are."


@dataclass(frozen=True, slots=True)
class Home:
    """What rating needs to know of a home. Areas are 0.01 m² (dm²), the height millimetres; None is unknown.

    ``connected_on`` is the first day with heat ever, None when it lies far back. ``suspended`` is for the
    whole season. ``components`` are ``(component, area)`` of a home whose area was taken apart: they replace its
    areas. ``metered``: the home has a heat meter and is settled by it after the season. ``use`` tells of a season that
    was not used from its first day to its last; ``suspended`` is short for a use that says just that. ``heat`` is what
    the meter showed of the season, None before it was read; ``extra_days`` are those with heat beyond the season.
    ``parts`` are there when the home was not the same on all days of the season; the home itself is the last of them.
    ``own_price``: it is not charged by the price of its class.
    """

    price_class: str
    building_area_dm2: int
    inner_area_dm2: int | None = None
    usable_area_dm2: int | None = None
    certified_area_dm2: int | None = None
    storey_height_mm: int | None = None
    connected_on: date | None = None
    suspended: bool = False
    components: tuple[tuple[str, int], ...] = ()
    metered: bool = False
    use: PartialUse = WHOLE_SEASON
    heat: SeasonHeat | None = None
    extra_days: int = 0
    parts: tuple[HomePart, ...] = ()
    own_price: OwnPrice | None = None

    @property
    def without_heat(self) -> bool:
        """Suspended for the whole season."""
        return self.suspended or self.use.suspended


def values_of(home: Home) -> tuple[Any, ...]:
    """The values of a home in their order: equal homes are charged once."""
    return tuple(getattr(home, name) for name in _ATTRIBUTES)


_ATTRIBUTES = tuple(attribute.name for attribute in fields(Home))


class Rated(NamedTuple):
    """``derivation`` is plain data: ``tariff``, the facts that all homes of the tariff share, and ``line``, a tree.

    A node of the tree has its ``rule``, what went in, the ``exact`` fen as a fraction and the rounded ``fen``;
    ``of`` is the node it starts from. See `derivation`.
    """

    amount_fen: int
    derivation: dict[str, Any]


def rate(home: Home, tariffs: Mapping[str, Tariff]) -> Rated:
    """The charge of a home for the season of these tariffs (`tariff.tariffs`), 0 at least.

    Refused: a price class that the tariffs do not have, and what `rate_by` refuses.
    """
    tariff = tariffs.get(home.price_class)
    if tariff is None:
        raise PriceClassUnknown(f"known are {', '.join(tariffs)}", place="price_class", value=home.price_class)
    return rate_by(tariff, home)


def rate_by(tariff: Tariff, home: Home, *, of_class: Mapping[str, Tariff] | None = None,
            own_price: Mapping[str, Any] | None = None) -> Rated:  # fmt: skip
    """The charge of a home whose tariff is known, 0 at least; ``of_class`` are the tariffs of the classes of its parts.

    ``own_price``: its own, as data (`own_price_facts`). Refused: a room so high that its price is agreed with each
    customer, and this one has no contract of its own.
    """
    line = _season_fee(home, tariff, own_price)
    if home.parts:
        line = _by_parts(line, home, tariff, of_class or {}, own_price)
    reductions = _reductions(home, tariff)
    if reductions:
        line = _part_of(line, reductions)
    if home.heat is not None and not home.without_heat:
        line = metered_line(line, home.heat, tariff)
    elif home.extra_days and not reductions and tariff.values.extension_pricing == "DAILY_CHARGE":
        line = extended_line(line, home.extra_days, tariff.season)
    return Rated(line["fen"], {"tariff": tariff.facts, "line": line})


def dm2(area: Decimal) -> int:
    """Square metres with at most two decimals → 0.01 m². A finer area is a defect of the caller."""
    return _exactly(area, _DM2_PER_M2)


def mm(metres: Decimal) -> int:
    """Metres with at most three decimals → millimetres."""
    return _exactly(metres, _MM_PER_M)


def _season_fee(home: Home, tariff: Tariff, own_price: Mapping[str, Any] | None) -> dict[str, Any]:
    area = _area(home, tariff)
    node: dict[str, Any] = {"rule": "season_fee", **area.facts, "area_dm2": area.dm2}
    exact = tariff.fen_per_dm2 if area.factor is None else tariff.fen_per_dm2 * area.factor
    if own_price is not None:
        node["own_price"] = own_price
        counted = area.dm2 * (Fraction(1) if area.factor is None else area.factor)
        exact = priced_exact(counted, own_price, tariff.fen_per_dm2) / area.dm2
    if tariff.height_counts and home.storey_height_mm is not None:
        assert_priced(home.storey_height_mm, tariff)
        surcharge = height_surcharge(home.storey_height_mm, tariff.values)
        node["height"] = surcharge.facts
        exact = exact * surcharge.times
    return _rounded(node, Fraction(area.dm2 * exact.numerator, exact.denominator))


def _area(home: Home, tariff: Tariff) -> ChargeableArea:
    """The components where there are any, else the area of the policy's basis, else the building area × the factor."""
    if home.components:
        return of_components(home.components, tariff.values)
    area_dm2: int | None = getattr(home, tariff.area_attribute)
    if area_dm2 is not None:
        return rounded_area(area_dm2, tariff.values)
    pct = tariff.values.missing_area_fallback_factor
    facts = {"missing_area_factor_pct": plain_number(pct)}
    return ChargeableArea(home.building_area_dm2, facts, factor=Fraction(pct) * PERCENT)


def _by_parts(line: dict[str, Any], home: Home, tariff: Tariff, of_class: Mapping[str, Tariff],
              own_price: Mapping[str, Any] | None) -> dict[str, Any]:  # fmt: skip
    """Each part's season fee × its days; ``line`` is the last part's. A part of another class keeps its own tariff."""
    *earlier, last = home.parts
    told, exact = [], Fraction(line["fen"] * last.days)
    for part in earlier:
        own = of_class.get(part.price_class, tariff)
        fee = _season_fee(part.of(home), own, own_price if own is tariff else None)
        exact += fee["fen"] * part.days
        told.append({"from": part.from_on.isoformat(), "days": part.days, "line": fee,
                     **({} if own is tariff else {"tariff": own.facts})})  # fmt: skip
    of = sum(part.days for part in home.parts)
    node = {"rule": "by_parts", "from": last.from_on.isoformat(), "days": last.days, "of_days": of, "earlier": told,
            "of": line}  # fmt: skip
    return _rounded(node, exact / of)


def _reductions(home: Home, tariff: Tariff) -> list[dict[str, Any]]:
    """Why the home pays less than the season fee: each reason with the ``times`` that it multiplies by."""
    reductions = []
    illegal = home.use.illegal is not None  # then the days before and after a connection are counted with it
    if home.connected_on is not None and home.connected_on > tariff.season.start_on and not illegal:
        reductions.append(_since_connection(home.connected_on, tariff))
    reductions += _while_an_account(home, tariff)
    use = replace(home.use, suspended=True) if home.suspended else home.use
    reductions += use_reductions(use, tariff.values, tariff.season)
    if home.metered and home.heat is None and not use.suspended and tariff.values.metered_prepay == "BASIC_ONLY":
        pct = tariff.values.basic_share_pct
        times = str(Fraction(pct) * PERCENT)
        reductions.append({"rule": "metered_basic_only", "pct": plain_number(pct), "times": times})
    return reductions


def _while_an_account(home: Home, tariff: Tariff) -> list[dict[str, Any]]:
    """An account that came out of another one, or became part of one, within the season pays its own days of it."""
    season, found, first = tariff.season, [], tariff.season.start_on
    if home.connected_on is not None and tariff.values.midseason_connect_rule == "DAILY":
        first = max(first, home.connected_on)
    if home.use.split_on is not None:
        found.append(_days("split_off", home.use.split_on, season.days_from(home.use.split_on), season.day_count))
        first = max(first, home.use.split_on)
    if (merged_on := home.use.merged_on) is not None:
        of = season.days_from(first)
        found.append(_days("merged", merged_on, max(of - season.days_from(merged_on), 0), max(of, 1)))
    return found


def _days(rule: str, day: date, days: int, of: int) -> dict[str, Any]:
    return {"rule": rule, "on": day.isoformat(), "days": days, "of_days": of, "times": str(Fraction(days, of))}


def _since_connection(connected_on: date, tariff: Tariff) -> dict[str, Any]:
    """DAILY counts the day of connection; FULL pays the season whenever it was; after its end there is no fee."""
    of = tariff.season.day_count
    days = tariff.season.days_from(connected_on)
    if days and tariff.values.midseason_connect_rule == "FULL":
        days = of
    return {
        "rule": f"connected_{tariff.values.midseason_connect_rule.lower()}",
        "connected_on": connected_on.isoformat(),
        "days": days,
        "of_days": of,
        "times": str(Fraction(days, of)),
    }


def _part_of(line: dict[str, Any], reductions: list[dict[str, Any]]) -> dict[str, Any]:
    exact = Fraction(line["fen"])
    for reduction in reductions:
        exact *= Fraction(reduction["times"])
    return _rounded({"rule": "part_of_season_fee", "reductions": reductions, "of": line}, exact)


def _rounded(node: dict[str, Any], exact_fen: Fraction) -> dict[str, Any]:
    node["exact"] = str(exact_fen)
    node["fen"] = half_up(exact_fen)
    return node


def _exactly(measure: Decimal, units: int) -> int:
    scaled = measure * units
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{measure} is finer than 1/{units}")
    return int(scaled)

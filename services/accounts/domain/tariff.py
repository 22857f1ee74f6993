"""What a class of homes pays in one season: a policy, resolved once, so that a million homes are rated fast.

Units are chosen so that plain homes are rated in whole numbers: an area of 0.01 m² is one dm², and the yuan per
m² of a price is the number of fen per dm².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import PARAMETERS, PolicyInForce
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_prices import NO_OTHER_PRICES, SeasonPrices
from shared.kernel.rates import PERCENT
from shared.kernel.season import season_label

AREA_OF_BASIS = {
    "BUILDING": "building_area_dm2",
    "INNER": "inner_area_dm2",
    "USABLE": "usable_area_dm2",
    "CERTIFIED": "certified_area_dm2",
}
"""Area basis of a policy → the attribute of a `Home`."""

_OF_EVERY_HOME = (
    "price_basis", "area_basis", "price_classes", "midseason_connect_rule", "midseason_resume_rule", "suspend_fee_pct",
    "cut_for_arrears_loss_pct", "area_precision", "extension_pricing",
)  # fmt: skip
_OF_METERED = ("basic_share_pct", "metered_price", "metered_settlement_mode", "flat_correction_factor_enabled")
_OF_HEIGHT = {
    "STEP": ("height_step", "height_pct_per_step", "height_partial_step", "height_cap_pct"),
    "RATIO": (),
    "MULTIPLIER": ("height_multiplier",),
}


@dataclass(frozen=True, slots=True)
class Tariff:
    """``fen_per_dm2`` is the exact price for the whole season, before any height surcharge.

    ``values`` are the policy's for the homes of the ``scope``, which names a price class always, a zone and a
    contract where these have values of their own; ``height_counts`` says whether its height rule applies.
    ``facts`` are plain data, shared by all bills of the tariff: the part of a derivation that is the same for
    every home; ``metered_parameters`` stand in the derivations of metered homes besides.
    """

    season: HeatingSeason
    scope: Scope
    values: PolicyInForce
    fen_per_dm2: Fraction
    area_attribute: str
    height_counts: bool
    facts: dict[str, Any]
    metered_parameters: dict[str, Any]


def tariffs(policy: Policy, season: HeatingSeason) -> dict[str, Tariff]:
    """The tariff of every price class in that season, by class: of homes in no zone, without a contract of their own."""
    return {price_class: tariff_of(policy, season, Scope(price_class=price_class)) for price_class in PRICE_CLASSES}


def exact_price(price: Mapping[str, Any]) -> Fraction:
    """The exact fen per dm² (= yuan per m²) of a season, from a price as data (`Tariff.facts`)."""
    parts = [(Fraction(yuan), days) for yuan, days in price["parts"]]
    yuan = sum((part * (days or 1) for part, days in parts), Fraction(0))
    if price["form"] == "segments":
        yuan /= sum(days for _, days in parts)
    return yuan * int(price["units"]) * Fraction(price["factor_pct"]) * PERCENT


def tariff_of(policy: Policy, season: HeatingSeason, scope: Scope) -> Tariff:
    """The tariff of the homes of a scope that names a price class."""
    governing = policy.governing_day(season.season)
    values = policy.on(governing, scope)
    pays = values.price_classes[scope.price_class]
    own = f"price_{pays.lower()}" if pays != "GARAGE" else "price_nonresidential"
    of_its_own = bool(policy.entry(own, governing, scope).scope.rank)
    price, used = _price(values, replace(season, prices=NO_OTHER_PRICES) if of_its_own else season, pays)
    height_counts = pays == "NONRESIDENTIAL"
    if height_counts:
        used += (
            "height_negotiated_above",
            "height_rule_kind",
            "height_threshold",
            *_OF_HEIGHT[values.height_rule_kind],
        )
    if values.area_basis != "BUILDING":
        used += ("missing_area_fallback_factor",)
    facts = {
        "policy": policy.name,
        "version": policy.version,
        "document": policy.document,
        "season": season_label(season.season),
        "season_start": season.start_on.isoformat(),
        "season_end": season.end_on.isoformat(),
        "day_count": season.day_count,
        **scope.named(),
        "area_basis": values.area_basis,
        "price": price,
        **({"provisional": True} if values.provisional_price_flag else {}),
        "rounding": "HALF_UP",
        "parameters": {name: as_used(policy, name, governing, scope) for name in (*_OF_EVERY_HOME, *used)},
    }
    metered = {name: as_used(policy, name, governing, scope) for name in _OF_METERED}
    area = AREA_OF_BASIS[values.area_basis]
    return Tariff(season, scope, values, exact_price(price), area, height_counts, facts, metered)


def _price(values: PolicyInForce, season: HeatingSeason, pays: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The price as data, and the parameters it comes from.

    ``parts`` are ``[yuan per m², days]``: one for the whole season (0 days), or one for each segment or published
    part. ``units`` is how often the price is paid in the season; a published part is a season's price already.
    """
    form, parts, used = _parts(values, season.prices, pays)
    units = {"PER_SEASON": 1, "PER_MONTH": season.whole_months, "PER_DAY": season.day_count}
    price: dict[str, Any] = {
        "form": form,
        "basis": values.price_basis,
        "units": 1 if form == "published" else units[values.price_basis],
        "factor_pct": plain_number(values.price_garage_factor) if pays == "GARAGE" else "100",
        "parts": [[plain_number(yuan), days] for yuan, days in parts],
    }
    return price, (*used, "price_garage_factor") if pays == "GARAGE" else used


def _parts(
    values: PolicyInForce, prices: SeasonPrices, pays: str
) -> tuple[str, list[tuple[Decimal, int]], tuple[str, ...]]:
    """Form, parts, and the parameter that gave the price; none when the season has prices of its own."""
    if pays != "RESIDENTIAL":
        if prices.price_nonresidential is not None:
            return "price", [(prices.price_nonresidential, 0)], ()
        return "price", [(values.price_nonresidential, 0)], ("price_nonresidential",)
    if prices.published:
        return "published", [(price, 0) for price in prices.published], ()
    if prices.segments:
        return "segments", list(prices.segments), ()
    if prices.price_residential is not None:
        return "price", [(prices.price_residential, 0)], ()
    return "price", [(values.price_residential, 0)], ("price_residential",)


def as_used(policy: Policy, parameter: str, day: date, scope: Scope) -> dict[str, Any]:
    """The value in its written form, with what it rests on and for whom it is."""
    entry = policy.entry(parameter, day, scope)
    word, text = entry.ground
    return {"value": PARAMETERS[parameter].kind.plain(entry.value), word: text, **entry.scope.named()}

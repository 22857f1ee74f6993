"""A season's charges: policy and season resolved once, so that a million homes are charged fast."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from services.accounts.domain.home_parts import by_class_rule
from services.accounts.domain.own_price import own_price_facts
from services.accounts.domain.payment_terms import due_parts, payment_terms
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, PriceClassUnknown, rate_by
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.tariff import Tariff, tariff_of
from shared.kernel.errors import Refusal
from shared.kernel.money import FEN_MAX, format_yuan
from shared.messages.accounts import PaymentTerms

_KNOWN_MAX = 20_000

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ChargeTooLarge(Refusal):
    code = "charge_too_large"
    remedy = "Check the area of the home."


class Charge(NamedTuple):
    """What a home pays for the season. ``parts`` are ``(amount_fen, due_on)`` in the order of the due days.

    ``derivation`` is the part of `rating.Rated.derivation` that is the home's own, as JSON; ``parts_json``
    likewise. ``scope`` says whose tariff and terms they are: `SeasonCharges.kinds`.
    """

    amount_fen: int
    parts: tuple[tuple[int, date], ...]
    parts_json: str
    derivation: str
    scope: Scope


class Kind(NamedTuple):
    """What homes of one scope have in common."""

    tariff: Tariff
    terms: PaymentTerms


class SeasonCharges:
    """The charges of one season under one policy, for bills posted on one day.

    ``kinds`` are those of every price class in every zone that has values of its own; those of contracts with
    values of their own are added when their homes are charged.
    """

    def __init__(self, policy: Policy, season: HeatingSeason, *, posted_on: date) -> None:
        self.policy, self.season, self.posted_on = policy, season, posted_on
        zones = {scope.zone for scope in policy.scopes()}
        self.kinds = {
            scope: self._kind(scope)
            for scope in (Scope(zone, price_class) for zone in sorted(zones) for price_class in PRICE_CLASSES)
        }
        self._by_class = {price_class: Scope(price_class=price_class) for price_class in PRICE_CLASSES}
        self._one_for_all = zones == {""} and not policy.contracts
        self._known: dict[tuple[Scope, tuple[Any, ...]], Charge] = {}

    def of(self, home: tuple[Any, ...], *, heat_station: str | None = None, account_no: str = "") -> Charge:
        """The charge of a home, given as the values of `Home` in their order: equal homes are charged once.

        Refused: what `rate` refuses, and an amount that nobody can owe.
        """
        key = (self.scope_of(home[0], heat_station, account_no), home)
        charge = self._known.get(key)
        if charge is None:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            charge = self._known[key] = self._charge(Home(*home), key[0])
        return charge

    def scope_of(self, price_class: str, heat_station: str | None, account_no: str) -> Scope:
        """Whose values hold for the home. Refused: a price class that is none."""
        scope = self._by_class.get(price_class)
        if scope is None:
            raise PriceClassUnknown(f"known are {', '.join(PRICE_CLASSES)}", place="price_class", value=price_class)
        if self._one_for_all:
            return scope
        own = self.policy.scope_of(heat_station=heat_station, contract=account_no)
        scope = Scope(own.zone, price_class, own.contract)
        if scope not in self.kinds:
            self.kinds[scope] = self._kind(scope)
        return scope

    def _in_class(self, scope: Scope, price_class: str) -> Scope:
        """The same zone and contract for another class; its tariff is there then."""
        scope = scope._replace(price_class=price_class)
        if scope not in self.kinds:
            self.kinds[scope] = self._kind(scope)
        return scope

    def _kind(self, scope: Scope) -> Kind:
        return Kind(tariff_of(self.policy, self.season, scope), payment_terms(self.policy, self.season, scope))

    def _own_price(self, home: Home, scope: Scope) -> dict[str, Any] | None:
        """A home's own price; another class's is that of its zone."""
        own = home.own_price
        if own is None:
            return None
        other = None
        if own.price_class is not None:
            other = tariff_of(self.policy, self.season, Scope(scope.zone, own.price_class))
        return own_price_facts(own, self.kinds[scope].tariff, other)

    def _charge(self, home: Home, scope: Scope) -> Charge:
        of_class: dict[str, Tariff] = {}
        if home.parts:
            home = by_class_rule(home, self.kinds[scope].tariff.values.midseason_class_rule)
            scope = self._in_class(scope, home.price_class)
            of_class = {
                part.price_class: self.kinds[self._in_class(scope, part.price_class)].tariff for part in home.parts
            }
        own_price = self._own_price(home, scope)
        rated = rate_by(self.kinds[scope].tariff, home, of_class=of_class, own_price=own_price)
        amount_fen = rated.amount_fen
        if amount_fen > FEN_MAX:
            raise ChargeTooLarge(
                f"{format_yuan(amount_fen)} is more than anybody can owe", amount=format_yuan(amount_fen)
            )
        parts = due_parts(self.policy, self.season, amount_fen=amount_fen, posted_on=self.posted_on, scope=scope)
        parts_json = _json([[part_fen, due_on.isoformat()] for part_fen, due_on in parts])
        return Charge(amount_fen, parts, parts_json, _json(rated.derivation["line"]), scope)


@lru_cache(maxsize=2)
def season_charges(policy: Policy, season: HeatingSeason, posted_on: date) -> SeasonCharges:
    """The same charges for every chunk of a run: what was worked out once is known to all of them."""
    return SeasonCharges(policy, season, posted_on=posted_on)

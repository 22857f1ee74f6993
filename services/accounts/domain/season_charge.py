"""A season's charges: policy and season resolved once, so that a million homes are charged fast."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from services.accounts.domain.payment_terms import due_parts, payment_terms
from services.accounts.domain.policy import Policy
from services.accounts.domain.rating import Home, rate
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.tariff import tariffs
from shared.kernel.errors import Refusal
from shared.kernel.money import FEN_MAX, format_yuan

_KNOWN_MAX = 20_000

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ChargeTooLarge(Refusal):
    code = "charge_too_large"
    remedy = "Check the area of the home."


class Charge(NamedTuple):
    """What a home pays for the season. ``parts`` are ``(amount_fen, due_on)`` in the order of the due days.

    ``derivation`` is the part of `rating.Rated.derivation` that is the home's own, as JSON; ``parts_json``
    likewise.
    """

    amount_fen: int
    parts: tuple[tuple[int, date], ...]
    parts_json: str
    derivation: str


class SeasonCharges:
    """The charges of one season under one policy, for bills posted on one day."""

    def __init__(self, policy: Policy, season: HeatingSeason, *, posted_on: date) -> None:
        self.policy, self.season, self.posted_on = policy, season, posted_on
        self.tariffs = tariffs(policy, season)
        self.terms = payment_terms(policy, season)
        self._known: dict[tuple[Any, ...], Charge] = {}

    def of(self, home: tuple[Any, ...]) -> Charge:
        """The charge of a home, given as the values of `Home` in their order: equal homes are charged once.

        Refused: what `rate` refuses, and an amount that nobody can owe.
        """
        charge = self._known.get(home)
        if charge is None:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            charge = self._known[home] = self._charge(Home(*home))
        return charge

    def _charge(self, home: Home) -> Charge:
        rated = rate(home, self.tariffs)
        amount_fen = rated.amount_fen
        if amount_fen > FEN_MAX:
            raise ChargeTooLarge(
                f"{format_yuan(amount_fen)} is more than anybody can owe", amount=format_yuan(amount_fen)
            )
        parts = due_parts(self.policy, self.season, amount_fen=amount_fen, posted_on=self.posted_on)
        parts_json = _json([[part_fen, due_on.isoformat()] for part_fen, due_on in parts])
        return Charge(amount_fen, parts, parts_json, _json(rated.derivation["line"]))


@lru_cache(maxsize=2)
def season_charges(policy: Policy, season: HeatingSeason, posted_on: date) -> SeasonCharges:
    """The same charges for every chunk of a run: what was worked out once is known to all of them."""
    return SeasonCharges(policy, season, posted_on=posted_on)

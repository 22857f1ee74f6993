"""Which homes of a list a season run bills, and what comes of the others: a bad one stops nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from services.accounts.domain.account import CHARGED, STATES
from services.accounts.domain.rating import Home
from services.accounts.domain.season_charge import Charge, SeasonCharges
from shared.kernel.errors import Refusal
from shared.messages.accounts import SELF

_ATTRIBUTES = [attribute.name for attribute in fields(Home)]
_SUSPENDED, _USE = _ATTRIBUTES.index("suspended"), _ATTRIBUTES.index("use")


class HomeToBill(NamedTuple):
    """A home as it stands. ``home`` are the values of `rating.Home`; ``already``: a live bill of the season
    is there.

    ``in_season`` is false when the home was connected after the season's end.
    """

    account_no: str
    state: str
    already: bool
    in_season: bool
    heat_station: str | None
    home: tuple[Any, ...]
    household: str = SELF

    @property
    def price_class(self) -> str:
        return str(self.home[0])

    @property
    def suspended(self) -> bool:
        return bool(self.home[_SUSPENDED]) or (len(self.home) > _USE and self.home[_USE].suspended)


class NotBillable(Refusal):
    code = "not_billable"
    remedy = "Connect the home first, or leave it out."


class Parked(NamedTuple):
    """A home that could not be billed, and why; ``reason`` is a refusal's code."""

    account_no: str
    reason: str
    detail: str


@dataclass(slots=True)
class Billed:
    """What became of a list of homes. ``sums`` are ``[number, fen]`` by price class, of the charges alone."""

    charges: list[tuple[HomeToBill, Charge]] = field(default_factory=list)
    already: int = 0
    parked: list[Parked] = field(default_factory=list)
    sums: dict[str, list[int]] = field(default_factory=dict)

    @property
    def amount_fen(self) -> int:
        return sum(fen for _, fen in self.sums.values())


def bill_homes(homes: Iterable[HomeToBill], charges: SeasonCharges) -> Billed:
    billed = Billed()
    for home in homes:
        if home.already:
            billed.already += 1
            continue
        try:
            charge = _charge(home, charges)
        except Refusal as refusal:
            billed.parked.append(Parked(home.account_no, refusal.code, refusal.detail))
            continue
        billed.charges.append((home, charge))
        of_class = billed.sums.setdefault(home.price_class, [0, 0])
        of_class[0] += 1
        of_class[1] += charge.amount_fen
    return billed


def _charge(home: HomeToBill, charges: SeasonCharges) -> Charge:
    if home.state not in CHARGED:
        raise NotBillable(f"the home is {home.state} ({STATES[home.state]})", state=home.state)
    if not home.in_season:
        raise NotBillable("the home was connected after the season", state=home.state)
    return charges.of(home.home, heat_station=home.heat_station, account_no=home.account_no)

"""What a draft policy would change: every home charged under the policy in force and under the draft, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, NamedTuple

from services.accounts.domain.bill_difference import Cause, causes_of, tell_difference
from services.accounts.domain.explanation import Told
from services.accounts.domain.season_charge import Charge, SeasonCharges
from shared.kernel.errors import Refusal

TOP = 20
_KNOWN_MAX = 20_000
_POLICY_IN_FORCE = Told("现行政策", "under the policy in force")


class Sums(NamedTuple):
    """Homes, and what they pay under the policy in force and under the draft."""

    homes: int = 0
    before_fen: int = 0
    after_fen: int = 0

    def plus(self, before_fen: int, after_fen: int) -> Sums:
        return Sums(self.homes + 1, self.before_fen + before_fen, self.after_fen + after_fen)


class Changed(NamedTuple):
    """A home that would pay another amount; ``why`` in two languages."""

    account_no: str
    compound: str
    price_class: str
    before_fen: int
    after_fen: int
    why: Told

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


class NotCharged(NamedTuple):
    """A home that the policy in force, or the draft, cannot charge; ``under`` is ``policy`` or ``draft``."""

    account_no: str
    under: str
    reason: str
    detail: str


@dataclass(slots=True)
class Rehearsal:
    """The sums of many homes. ``causes`` are ``[homes, fen]`` by cause; ``top`` the largest changes, largest first."""

    whole: Sums = field(default_factory=Sums)
    more: Sums = field(default_factory=Sums)
    less: Sums = field(default_factory=Sums)
    by_class: dict[str, Sums] = field(default_factory=dict)
    by_compound: dict[str, Sums] = field(default_factory=dict)
    causes: dict[str, list[int]] = field(default_factory=dict)
    top: list[Changed] = field(default_factory=list)
    parked: list[NotCharged] = field(default_factory=list)


class HomeToRehearse(NamedTuple):
    """A home as it uses the season of each of the two policies: the values of `rating.Home`."""

    account_no: str
    compound: str
    heat_station: str | None
    before: tuple[Any, ...]
    after: tuple[Any, ...]

    @property
    def price_class(self) -> str:
        return str(self.before[0])


class Rehearsing:
    """Compares home after home; equal homes are compared once."""

    def __init__(self, before: SeasonCharges, after: SeasonCharges) -> None:
        self.before, self.after = before, after
        self._known: dict[tuple[Any, ...], tuple[list[Cause], Told]] = {}

    def of(self, homes: Iterable[HomeToRehearse], *, top: int = TOP) -> Rehearsal:
        """A home that one of the two policies cannot charge is told apart and not added up."""
        found = Rehearsal()
        changed = []
        for home in homes:
            before = _charge(home, home.before, self.before, "policy", found)
            after = _charge(home, home.after, self.after, "draft", found)
            if before is None or after is None:
                continue
            change = self._add(found, home, before, after)
            if change:
                changed.append(change)
        found.top = nlargest(top, changed, key=lambda change: abs(change.difference_fen))
        return found

    def _add(self, found: Rehearsal, home: HomeToRehearse, before: Charge, after: Charge) -> Changed | None:
        both = before.amount_fen, after.amount_fen
        found.whole = found.whole.plus(*both)
        for sums, key in ((found.by_class, home.price_class), (found.by_compound, home.compound)):
            sums[key] = sums.get(key, Sums()).plus(*both)
        if both[0] == both[1]:
            return None
        if both[0] < both[1]:
            found.more = found.more.plus(*both)
        else:
            found.less = found.less.plus(*both)
        causes, why = self._why(home, before, after)
        for cause in causes:
            of_cause = found.causes.setdefault(cause.code, [0, 0])
            of_cause[0] += 1
            of_cause[1] += cause.fen
        return Changed(home.account_no, home.compound, home.price_class, *both, why)

    def _why(self, home: HomeToRehearse, before: Charge, after: Charge) -> tuple[list[Cause], Told]:
        key = (before.scope, after.scope, home.before, home.after)
        if key not in self._known:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            causes = causes_of(_derivation(before, self.before), _derivation(after, self.after))
            why = tell_difference(before.amount_fen, after.amount_fen, causes, than=_POLICY_IN_FORCE)
            self._known[key] = causes, why
        return self._known[key]


def _charge(
    home: HomeToRehearse, values: tuple[Any, ...], charges: SeasonCharges, under: str, found: Rehearsal
) -> Charge | None:
    try:
        return charges.of(values, heat_station=home.heat_station, account_no=home.account_no)
    except Refusal as refusal:
        found.parked.append(NotCharged(home.account_no, under, refusal.code, refusal.detail))
        return None


def _derivation(charge: Charge, charges: SeasonCharges) -> dict[str, Any]:
    return {"tariff": charges.kinds[charge.scope].tariff.facts, "line": json.loads(charge.derivation)}

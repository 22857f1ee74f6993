"""Two homes become one, or one becomes two: whose area is whose from that day on, to the hundredth of a square metre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.account_facts import DISCONNECTED, LIFECYCLE, AccountFacts, InactivePeriod
from services.accounts.domain.home_parts import Areas, FormerHome, areas_of
from services.accounts.domain.new_account import NewAccount
from shared.kernel.errors import InvalidInput, Refusal


class AreaTakenApart(Refusal):
    code = "area_taken_apart"
    status = 409
    remedy = "Say that the home has no parts any more (an empty list of parts), then measure what there is afterwards."


class AreasDoNotAddUp(Refusal):
    code = "areas_do_not_add_up"
    remedy = "Measure again, or correct the area of the home first: both parts together are what it was."


class MergedWithItself(InvalidInput):
    code = "merged_with_itself"
    remedy = "Name two accounts: the one that stays and the one that ends in it."


class Merger(NamedTuple):
    """``other_no`` ends in ``account_no``, which has both areas from then on."""

    account_no: str
    other_no: str


class Part(NamedTuple):
    """What is told of a part that becomes a home; what is None is as it is of the home that it came out of."""

    room: str
    areas: Areas
    account_no: str | None = None
    unit: str | None = None
    price_class: str | None = None
    name: str | None = None
    id_type: str | None = None
    id_no: str | None = None
    phone: str | None = None

    def opened_like(self, origin: NewAccount) -> NewAccount:
        """The account to open; an owner of its own is told with the name."""
        if self.name is not None:
            origin = replace(origin, name=self.name, id_type=self.id_type, id_no=self.id_no, phone=self.phone)
        building, inner, usable, certified = (None if dm2 is None else Decimal(dm2) / 100 for dm2 in self.areas)
        return replace(
            origin, account_no=self.account_no, room=self.room, unit=origin.unit if self.unit is None else self.unit,
            price_class=self.price_class or origin.price_class, building_area=building or Decimal(0), inner_area=inner,
            usable_area=usable, certified_area=certified)  # fmt: skip


class Division(NamedTuple):
    """``part`` becomes a home with an account of its own; ``remaining`` is what the divided home keeps."""

    account_no: str
    remaining: Areas
    part: Part


def merged(stays: AccountFacts, ends: AccountFacts, *, today: date) -> tuple[AccountFacts, AccountFacts]:
    """Both accounts as they are from today on. Refuses `transition_refused`, `area_taken_apart`."""
    LIFECYCLE.after("merge", stays.state_on(today))
    state = LIFECYCLE.after("merge_away", ends.state_on(today))
    _assert_whole(stays, ends)
    one, other = areas_of(stays.home), areas_of(ends.home)
    building_dm2 = one.building_area_dm2 + other.building_area_dm2
    both = Areas(building_dm2, *(_sum(*pair) for pair in zip(one[1:], other[1:], strict=True)))
    grown = _with_areas(stays, both, today=today)
    gone = InactivePeriod(None, state, today, None)
    return grown, replace(ends, merged_on=today, periods=(*ends.periods, gone))


def divided(facts: AccountFacts, division: Division, *, today: date) -> AccountFacts:
    """The divided home as it is from today on.

    Refuses `transition_refused`, `area_taken_apart`, `areas_do_not_add_up`: each area that is known of the home is told
    for both parts, and no other.
    """
    LIFECYCLE.after("split", facts.state_on(today))
    _assert_whole(facts)
    whole = areas_of(facts.home)
    for name, was, remains, leaves in zip(Areas._fields, whole, division.remaining, division.part.areas, strict=True):
        area = name.removesuffix("_dm2")
        if (was is None) != (remains is None) or (was is None) != (leaves is None):
            told = "is not known of the home" if was is None else "is needed of both parts"
            raise AreasDoNotAddUp(f"the {area.replace('_', ' ')} {told}", place=f"remaining/{area}")
        if was is not None and remains is not None and leaves is not None and remains + leaves != was:
            raise AreasDoNotAddUp(f"{_m2(remains)} and {_m2(leaves)} are not {_m2(was)}", place=f"remaining/{area}",
                                  whole=_m2(was), remaining=_m2(remains), part=_m2(leaves))  # fmt: skip
    return _with_areas(facts, division.remaining, today=today)


def assert_each_once(account_nos: Sequence[str], *, place: str) -> None:
    """Refuses an account that takes part in two mergers of one list."""
    for number, account_no in enumerate(account_nos):
        if account_no in account_nos[:number]:
            same = number % 2 and account_nos[number - 1] == account_no
            refusal = MergedWithItself if same else InvalidInput
            raise refusal("this account stands twice in the list", place=f"{place}/{number // 2}", value=account_no)


def _with_areas(facts: AccountFacts, areas: Areas, *, today: date) -> AccountFacts:
    former = FormerHome(today, areas=areas_of(facts.home))
    return replace(facts, home=replace(facts.home, **areas._asdict()), formers=(*facts.formers, former))


def _assert_whole(*accounts: AccountFacts) -> None:
    for facts in accounts:
        if facts.home.components:
            raise AreaTakenApart("the area of the home is taken apart", account_no=facts.account_no)


def _sum(one_dm2: int | None, other_dm2: int | None) -> int | None:
    """Unknown when one of both is: the policy's factor stands in for it."""
    return None if one_dm2 is None or other_dm2 is None else one_dm2 + other_dm2


def _m2(area_dm2: int) -> str:
    return f"{area_dm2 // 100}.{area_dm2 % 100:02d}"


ENDED = DISCONNECTED
"""The state of an account that ended in another one; `AccountFacts.merged_on` tells it from a home that left."""

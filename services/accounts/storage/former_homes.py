"""How homes were before a change that counts by days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.home_parts import FormerHome
from services.accounts.storage.heat_readings import VARIES
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of

NEW_CLASS = Change(
    "UPDATE heat_accounts a SET price_class = v.price_class, varies_from = least(a.varies_from, v.varies_from)"
    " FROM {rows} AS v (account_no, price_class, varies_from) WHERE a.account_no = v.account_no",
    ("text", "text", "smallint"),
)


@row_of("former_homes")
class FormerHomeRow(NamedTuple):
    former_id: int
    command_id: int
    account_no: str
    cause: str
    until_on: date
    price_class: str | None
    building_area: Decimal | None
    inner_area: Decimal | None
    usable_area: Decimal | None
    certified_area: Decimal | None
    reason: str


def add_former_classes(
    work: Work, changed: Sequence[tuple[AccountFacts, FormerHome]], *, season: int, reason: str
) -> None:
    """``changed`` are accounts as they are now, each with how it was; ``season`` is the first whose charge may change."""
    _add(work, changed, "class", reason)
    work.change(NEW_CLASS, [(facts.account_no, facts.home.price_class, season) for facts, _ in changed])


def add_former_areas(
    work: Work, changed: Sequence[tuple[AccountFacts, FormerHome]], *, cause: str, season: int, reason: str
) -> None:
    _add(work, changed, cause, reason)
    work.change(VARIES, [(facts.account_no, season) for facts, _ in changed])


def _add(work: Work, changed: Sequence[tuple[AccountFacts, FormerHome]], cause: str, reason: str) -> None:
    rows = []
    for former_id, (facts, former) in zip(work.new_ids(len(changed)), changed, strict=True):
        building, inner, usable, certified = (_m2(area_dm2) for area_dm2 in former.areas or (None,) * 4)
        rows.append(FormerHomeRow(former_id, work.command_id, facts.account_no, cause, former.until_on,
                                  former.price_class, building, inner, usable, certified, reason))  # fmt: skip
    work.add(rows)


def _m2(area_dm2: int | None) -> Decimal | None:
    return None if area_dm2 is None else Decimal(area_dm2) / 100

"""The areas of homes over time: a version from each day on which they were corrected, and the one before the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.storage.rows import NEW_AREAS, AreaRow
from shared.chassis.unit_of_work import Work

OPENED = "as opened"


def add_areas(work: Work, before: Sequence[AccountFacts], after: Sequence[AccountFacts], *, reason: str) -> None:
    """From today on these homes have other areas; the account numbers of both lists are the same, in the same order."""
    known = {row[0] for row in work.rows(
        "SELECT DISTINCT premises_id FROM premises_areas WHERE premises_id = ANY(%s)",
        ([facts.premises_id for facts in before],),
    )}  # fmt: skip
    opened_on = dict(work.rows(
        "SELECT premises_id, min(opened_on) FROM heat_accounts WHERE premises_id = ANY(%s) GROUP BY premises_id",
        ([facts.premises_id for facts in before if facts.premises_id not in known],),
    ))  # fmt: skip
    for old, new in zip(before, after, strict=True):
        if old.premises_id not in known:
            work.add([_row(work, old, opened_on[old.premises_id], OPENED)])
        work.add([_row(work, new, work.today, reason)])
    work.change(NEW_AREAS, [(facts.premises_id, *_areas(facts)) for facts in after])


def _row(work: Work, facts: AccountFacts, day: date, reason: str) -> AreaRow:
    building, inner, usable, certified = _areas(facts)
    return AreaRow(work.new_ids(1)[0], work.command_id, facts.premises_id, day, building or Decimal(0), inner, usable,
                   certified, reason)  # fmt: skip


def _areas(facts: AccountFacts) -> tuple[Decimal | None, ...]:
    home = facts.home
    areas = (home.building_area_dm2, home.inner_area_dm2, home.usable_area_dm2, home.certified_area_dm2)
    return tuple(None if area_dm2 is None else Decimal(area_dm2) / 100 for area_dm2 in areas)

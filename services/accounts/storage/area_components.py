"""Writing the parts that the areas of homes are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.storage.heat_readings import VARIES
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("premises_components")
class ComponentsRow(NamedTuple):
    version_id: int
    command_id: int
    premises_id: int
    valid_from: date
    components: str
    reason: str


def add_components(work: Work, accounts: Sequence[AccountFacts], *, season: int, reason: str) -> None:
    """From today on the homes are made of these parts; ``season`` is the first whose charge they change."""
    work.add(
        ComponentsRow(
            version_id, work.command_id, facts.premises_id, work.today, json.dumps(facts.home.components), reason
        )
        for version_id, facts in zip(work.new_ids(len(accounts)), accounts, strict=True)
    )
    work.change(VARIES, [(facts.account_no, season) for facts in accounts])

"""A home is used otherwise: the season that runs is charged by days of each class, later ones by the class then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.accounts.domain.class_change import ClassChanged, NewClass, changed_class
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import add_moves, locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.former_homes import add_former_classes
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "changes"


@dataclass(frozen=True, slots=True)
class ChangeClass:
    changes: tuple[NewClass, ...]
    reason: str
    preview: bool = False


def change_class(command: ChangeClass, work: Work) -> dict[str, Any]:
    """Change all homes of the list, or none; seasons before the current one stay as they were billed.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `class_unchanged`.
    """
    account_nos = [change.account_no for change in command.changes]
    assert_once(account_nos, place=PLACE)
    accounts = locked_facts(work, account_nos, place=PLACE, verb="change_class")
    in_force = InForce(work)
    season = in_force.current_season
    earliest = in_force.season(season - 1).end_on + timedelta(days=1)
    changed: list[ClassChanged] = []
    for number, (facts, asked) in enumerate(zip(accounts, command.changes, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            changed.append(changed_class(facts, asked, earliest=earliest, today=work.today))
    corrections = corrections_due(work, [each.facts for each in changed], from_season=season)
    if not command.preview:
        add_former_classes(work, changed, season=season, reason=command.reason)
        for facts, former in changed:
            state = facts.state_on(work.today)
            add_moves(work, [(facts, state)], verb="change_class", to_state=state, day=former.until_on,
                      reason=command.reason)  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": facts.account_no, "price_class": facts.home.price_class, "since": former.until_on.isoformat(),
         "corrections": told.get(facts.account_no, [])}
        for facts, former in changed
    ]}  # fmt: skip

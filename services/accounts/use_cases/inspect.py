"""The valve of a suspended home was found open: the full fee of the current season is owed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.account_facts import SUSPENDED
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.rows import MOVE, InspectionRow
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.lifecycle import TransitionRefused
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class Inspect:
    """``account_nos`` are suspended homes that were found using heat."""

    account_nos: tuple[str, ...]
    reason: str
    preview: bool = False


def inspect(command: Inspect, work: Work) -> dict[str, Any]:
    """Charge all homes of the list, or none; a home that was charged for this season is charged nothing more.

    Refuses `unknown_account`, `account_locked`, and `transition_refused` for a home that is not suspended.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    accounts = locked_facts(work, account_nos, verb="inspect")
    season = InForce(work).current_season
    for number, facts in enumerate(accounts):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            if (state := facts.state_on(work.today)) != SUSPENDED:
                raise TransitionRefused(
                    f"the home is {state}: what it uses is charged anyway", state=state, verb="inspect"
                )
    after = [replace(facts, valve_open=facts.valve_open | {season}) for facts in accounts]
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        found = [facts.account_no for facts in accounts if season not in facts.valve_open]
        work.add(
            InspectionRow(inspection_id, work.command_id, account_no, season, work.today, command.reason)
            for inspection_id, account_no in zip(work.new_ids(len(found)), found, strict=True)
        )
        work.change(MOVE, [(facts.account_no, SUSPENDED, _from_season(facts.periods), season) for facts in accounts])
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="inspect", note=command.reason)
    told = told_by_account(corrections)
    charged = {
        number: sum(each.amount_fen for each in corrections if each.account_no == number) for number in account_nos
    }
    return {"accounts": [
        {"account_no": number, "state": SUSPENDED, "charged": format_yuan(charged[number]), "corrections": told.get(number, [])}
        for number in account_nos
    ]}  # fmt: skip


def _from_season(periods: Any) -> int | None:
    return next((period.from_season for period in reversed(periods) if period.state == SUSPENDED), None)

"""A home that should have no heat was found using it: a suspended one owes the full fee, any other what the policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import ACTIVE, SUSPENDED, AccountFacts
from services.accounts.domain.illegal_use import VALVE_OPEN, IllegalUse
from services.accounts.domain.inspection import BilledByOldSystem, found_in
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.bills_now import bill_now, billed_already, ground_in_force
from services.accounts.storage.heat_readings import VARIES
from services.accounts.storage.illegal_uses import add_illegal_uses
from services.accounts.storage.in_force import InForce
from services.accounts.storage.rows import MOVE, InspectionRow
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.lifecycle import TransitionRefused
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import SELF


@dataclass(frozen=True, slots=True)
class Inspect:
    """``account_nos`` are homes that were found using heat: suspended, cut off, disconnected or never connected.

    ``used_since`` is the day from which use is proven, where a policy charges by days; None: since it was possible.
    """

    account_nos: tuple[str, ...]
    reason: str
    preview: bool = False
    finding: str = VALVE_OPEN
    used_since: date | None = None


def inspect(command: Inspect, work: Work) -> dict[str, Any]:
    """Charge all homes of the list for the current season, or none; the state of a home stays as it is.

    A home that no run bills is billed by this. One that was charged the season already is charged nothing more.

    Refuses `unknown_account`, `account_locked`, `transition_refused` for a home with a right to heat, `season_not_begun`,
    and `billed_by_old_system`.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    accounts = locked_facts(work, account_nos, verb="inspect")
    in_force = InForce(work)
    season = in_force.current_season
    after = []
    for number, facts in enumerate(accounts):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            state = facts.state_on(work.today)
            if state == ACTIVE:
                raise TransitionRefused(
                    "the home is active: what it uses is charged anyway", state=state, verb="inspect"
                )
            if state == SUSPENDED:
                after.append(replace(facts, valve_open=facts.valve_open | {season}))
            else:
                use = found_in(facts, in_force.season(season), since=command.used_since, today=work.today)
                after.append(replace(facts, illegal_uses=(*facts.illegal_uses, use)))
    corrections = corrections_due(work, after, from_season=season)
    to_bill = _without_bill(work, after, season)
    charged = {
        number: sum(each.amount_fen for each in corrections if each.account_no == number) for number in account_nos
    }
    billed: dict[str, list[dict[str, str]]] = {}
    if to_bill:
        amounts = bill_now(work, to_bill, ground_in_force(work, season))
        charged |= {facts.account_no: fen for facts, fen in zip(to_bill, amounts, strict=True)}
        billed = {
            facts.account_no: [{"season": season_label(season), "payer": SELF, "amount": format_yuan(fen)}]
            for facts, fen in zip(to_bill, amounts, strict=True)
        }
    if not command.preview:
        _write(work, command, accounts, after, season)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": facts.account_no, "state": facts.state_on(work.today),
         "charged": format_yuan(charged[facts.account_no]), "billed": billed.get(facts.account_no, []),
         "corrections": told.get(facts.account_no, [])}
        for facts in accounts
    ]}  # fmt: skip


def _without_bill(work: Work, after: Sequence[AccountFacts], season: int) -> list[AccountFacts]:
    """Those found without a right to heat that have no bill to correct. A suspended home without one is the run's."""
    found = [facts for facts in after if any(use.season == season for use in facts.illegal_uses)]
    by_season_run = billed_already(work, [facts.account_no for facts in found], season) if found else {}
    for number, facts in enumerate(after):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            if by_season_run.get(facts.account_no) is False:
                raise BilledByOldSystem("a debt of this season came from the old system")
    return [facts for facts in found if facts.account_no not in by_season_run]


def _write(
    work: Work, command: Inspect, accounts: Sequence[AccountFacts], after: Sequence[AccountFacts], season: int
) -> None:
    pairs = list(zip(accounts, after, strict=True))
    valves = [(facts, facts.state_on(work.today)) for facts, now in pairs if now.valve_open != facts.valve_open]
    work.add(
        InspectionRow(inspection_id, work.command_id, facts.account_no, season, work.today, command.reason)
        for inspection_id, (facts, _) in zip(work.new_ids(len(valves)), valves, strict=True)
    )
    suspended = [facts for facts in accounts if facts.state_on(work.today) == SUSPENDED]
    work.change(MOVE, [(facts.account_no, SUSPENDED, _from_season(facts), season) for facts in suspended])
    uses: list[tuple[str, str, IllegalUse]] = [
        (facts.account_no, facts.state_on(work.today), now.illegal_uses[-1])
        for facts, now in pairs if now.illegal_uses != facts.illegal_uses
    ]  # fmt: skip
    add_illegal_uses(work, uses, finding=command.finding, reason=command.reason)
    work.change(VARIES, [(account_no, season) for account_no, _, _ in uses])
    open_work(work, list(command.account_nos), verb="inspect", note=command.reason)


def _from_season(facts: AccountFacts) -> int | None:
    return next((period.from_season for period in reversed(facts.periods) if period.state == SUSPENDED), None)

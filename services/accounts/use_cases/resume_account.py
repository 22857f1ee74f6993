"""A suspended or cut-off home has heat again, from today on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import ACTIVE, CUT, LIFECYCLE, SUSPENDED, AccountFacts
from services.accounts.domain.resumption import assert_may_resume
from services.accounts.domain.suspension import assert_no_debt
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import add_moves, end_period, locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.supply import tell_restored
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class ResumeAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    account_nos: tuple[str, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def resume_account(command: ResumeAccount, work: Work) -> dict[str, Any]:
    """Resume all homes of the list, or none; today is a day with heat.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `resumption_not_allowed`, `debt_outstanding`, `payments_unavailable`.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, verb="resume")
    in_force = InForce(work)
    before = [facts.state_on(work.today) for facts in accounts]
    for number, (facts, state) in enumerate(zip(accounts, before, strict=True)):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            LIFECYCLE.after("resume", state)
            if state == SUSPENDED:
                _assert_rule_allows(facts, in_force, work)
            assert_no_debt(household_overdue_fen(overdue.get(facts.account_no, [])))
    season = in_force.current_season
    after = [end_period(work, facts, work.today, season=season) for facts in accounts]
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        add_moves(work, zip(accounts, before, strict=True), verb="resume", to_state=ACTIVE, day=work.today,
                  reason=command.reason)  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="resume", note=command.reason)
        tell_restored(work, [f.account_no for f, state in zip(accounts, before, strict=True) if state == CUT])
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": number, "state": ACTIVE, "corrections": told.get(number, [])} for number in account_nos
    ]}  # fmt: skip


def _assert_rule_allows(facts: AccountFacts, in_force: InForce, work: Work) -> None:
    values = in_force.values(facts, in_force.current_season)
    assert_may_resume(in_force.season(in_force.current_season), values, today=work.today)

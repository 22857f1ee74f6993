"""Two homes are knocked into one: one account has both areas from today on, the other ends; each season by its days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import AccountFacts, InactivePeriod
from services.accounts.domain.division import ENDED, Merger, assert_each_once, merged
from services.accounts.domain.suspension import assert_no_debt
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import add_moves, locked_facts, replace_period
from services.accounts.storage.account_joins import MERGE, add_joins
from services.accounts.storage.areas import add_areas
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.former_homes import add_former_areas
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "mergers"


@dataclass(frozen=True, slots=True)
class MergeAccounts:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    mergers: tuple[Merger, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def merge_accounts(command: MergeAccounts, work: Work) -> dict[str, Any]:
    """Merge all pairs of the list from today on, or none.

    What the ended account owes and is not overdue stays its own; what is overdue is settled first.

    Refuses `unknown_account`, `account_locked`, `transition_refused` (both are active), `area_taken_apart`,
    `debt_outstanding`, `payments_unavailable`.
    """
    account_nos = [account_no for merger in command.mergers for account_no in merger]
    assert_each_once(account_nos, place=PLACE)
    overdue = command.overdue_of([merger.other_no for merger in command.mergers])
    accounts = locked_facts(work, account_nos, place=PLACE, verb="merge")
    after: list[tuple[AccountFacts, AccountFacts]] = []
    for number, (stays, ends) in enumerate(zip(accounts[::2], accounts[1::2], strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=ends.account_no):
            pair = merged(stays, ends, today=work.today)
            assert_no_debt(household_overdue_fen(overdue.get(ends.account_no, [])))
            after.append(pair)
    season = InForce(work).current_season
    corrections = corrections_due(work, [facts for pair in after for facts in pair], from_season=season)
    if not command.preview:
        _write(work, command, accounts, after, season)
        post_corrections(work, corrections, reason=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": facts.account_no, "state": facts.state_on(work.today), "corrections": told.get(facts.account_no, [])}
        for pair in after for facts in pair
    ]}  # fmt: skip


def _write(work: Work, command: MergeAccounts, before: list[AccountFacts], after: list[tuple[AccountFacts, AccountFacts]],
           season: int) -> None:  # fmt: skip
    reason, stayed = command.reason, before[::2]
    grown = [stays for stays, _ in after]
    add_joins(work, MERGE, [(stays.account_no, ends.account_no) for stays, ends in after], reason=reason)
    add_former_areas(work, [(facts, facts.formers[-1]) for facts in grown], cause=MERGE, season=season, reason=reason)
    add_areas(work, stayed, grown, reason=reason)
    for ends in before[1::2]:
        replace_period(work, ends, InactivePeriod(None, ENDED, work.today, None), season=season)
    states = [(facts, facts.state_on(work.today)) for facts in before]
    add_moves(work, states[::2], verb="merge", to_state=states[0][1], day=work.today, reason=reason)
    add_moves(work, states[1::2], verb="merge_away", to_state=ENDED, day=work.today, reason=reason)

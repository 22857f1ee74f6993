"""A home is cut off for arrears: after notices, and only for what the household itself owes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import CUT, LIFECYCLE, InactivePeriod
from services.accounts.domain.dunning import assert_noticed, household_late
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, late_of
from services.accounts.storage.account_facts import add_moves, add_period, locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.supply import tell_cut
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class CutAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    account_nos: tuple[str, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def cut_account(command: CutAccount, work: Work) -> dict[str, Any]:
    """Cut all homes of the list off, or none; today is the first day without heat.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `nothing_overdue`, `not_this_payer`, `notice_missing`,
    `payments_unavailable`.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, verb="cut")
    in_force, notices = InForce(work), _notices(work, account_nos)
    season = in_force.current_season
    for number, facts in enumerate(accounts):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            LIFECYCLE.after("cut", facts.state_on(work.today))
            late = household_late(late_of(overdue.get(facts.account_no, [])))
            served_on = notices[facts.account_no, facts.household]
            assert_noticed(served_on, late.since, in_force.values(facts, season), today=work.today)
    before = [(facts, facts.state_on(work.today)) for facts in accounts]
    cut = InactivePeriod(None, CUT, work.today, None)
    after = [add_period(work, facts, cut, season=season) for facts in accounts]
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        add_moves(work, before, verb="cut", to_state=CUT, day=work.today, reason=command.reason)
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="cut", note=command.reason)
        tell_cut(work, account_nos)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": number, "state": CUT, "corrections": told.get(number, [])} for number in account_nos
    ]}  # fmt: skip


def _notices(work: Work, account_nos: Sequence[str]) -> defaultdict[tuple[str, str], list[date]]:
    """By account and payer, the days on which notices were served."""
    found: defaultdict[tuple[str, str], list[date]] = defaultdict(list)
    rows = work.rows(
        "SELECT account_no, payer, served_on FROM notices WHERE account_no = ANY(%s)", (list(account_nos),)
    )
    for account_no, payer, served_on in rows:
        found[account_no, payer].append(served_on)
    return found

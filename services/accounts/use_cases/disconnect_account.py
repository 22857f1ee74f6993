"""A home leaves for good: demolished, heated by itself. What was used is paid; before the season nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import DISCONNECTED, LIFECYCLE, InactivePeriod
from services.accounts.domain.suspension import assert_no_debt
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import add_moves, locked_facts, replace_period
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, told_by_account
from services.accounts.storage.in_force import InForce
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class DisconnectAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    account_nos: tuple[str, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def disconnect_account(command: DisconnectAccount, work: Work) -> dict[str, Any]:
    """Disconnect all homes of the list from today on, or none; a home comes back only by a new connection.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `debt_outstanding`, `payments_unavailable`.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, verb="disconnect")
    before = [facts.state_on(work.today) for facts in accounts]
    for number, (facts, state) in enumerate(zip(accounts, before, strict=True)):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            LIFECYCLE.after("disconnect", state)
            assert_no_debt(household_overdue_fen(overdue.get(facts.account_no, [])))
    season = InForce(work).current_season
    gone = InactivePeriod(None, DISCONNECTED, work.today, None)
    after = [replace_period(work, facts, gone, season=season) for facts in accounts]
    corrections = corrections_due(work, after, from_season=season)
    if not command.preview:
        add_moves(work, zip(accounts, before, strict=True), verb="disconnect", to_state=DISCONNECTED, day=work.today,
                  reason=command.reason)  # fmt: skip
        post_corrections(work, corrections, reason=command.reason)
        open_work(work, account_nos, verb="disconnect", note=command.reason)
    told = told_by_account(corrections)
    return {"accounts": [
        {"account_no": number, "state": DISCONNECTED, "corrections": told.get(number, [])} for number in account_nos
    ]}  # fmt: skip

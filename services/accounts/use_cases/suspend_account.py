"""Heat is suspended for one or more seasons: only the share that the policy keeps of the fee is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.suspension import assert_no_debt
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.in_force import InForce
from services.accounts.storage.suspensions import decided, suspend_homes
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at

PLACE = "suspensions"


@dataclass(frozen=True, slots=True)
class Suspension:
    """``seasons`` None: as the policy renews, until it is cancelled or for one season."""

    account_no: str
    season: int
    seasons: int | None = None


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`); ``after_deadline``: an exception was agreed to."""

    suspensions: tuple[Suspension, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False
    after_deadline: bool = False


def suspend_account(command: SuspendAccount, work: Work) -> dict[str, Any]:
    """Suspend all homes of the list from today on, or none.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `warranty`, `first_season`, `deadline_passed`, `debt_outstanding`,
    `payments_unavailable`.
    """
    account_nos = [asked.account_no for asked in command.suspensions]
    assert_once(account_nos, place=PLACE)
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, place=PLACE, verb="suspend")
    in_force = InForce(work)
    suspended = []
    for number, (facts, asked) in enumerate(zip(accounts, command.suspensions, strict=True)):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            suspended.append(decided(
                facts, asked.season, asked.seasons, in_force, asked_on=work.today, today=work.today,
                after_deadline=command.after_deadline,
            ))  # fmt: skip
            if in_force.values(facts, asked.season).suspend_requires_no_debt:
                assert_no_debt(household_overdue_fen(overdue.get(facts.account_no, [])))
    return {"accounts": suspend_homes(work, suspended, reason=command.reason, preview=command.preview)}

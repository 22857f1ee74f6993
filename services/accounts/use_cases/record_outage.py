"""Supply was interrupted: every home concerned is credited for the days, in one go for a building or a station."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.accounts.domain.account_facts import ACTIVE
from services.accounts.domain.place import Place
from services.accounts.domain.refund_entitlement import assert_supplied, assert_within, outage_claims
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts, unlocked_facts
from services.accounts.storage.entitlements import Claimed, billed_seasons, credit_claims, told_of_refunds
from services.accounts.storage.in_force import InForce
from services.accounts.storage.places import account_nos_at
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class RecordOutage:
    """An interruption of ``hours`` that ended today: of the accounts named, or of all supplied homes at a place.

    Of a place at most ``limit`` homes are credited, those after ``after`` in the order of their numbers.
    """

    hours: Decimal
    reason: str
    account_nos: tuple[str, ...] | None = None
    place: Place | None = None
    after: str = ""
    limit: int = 1000
    preview: bool = False


def record_outage(command: RecordOutage, work: Work) -> dict[str, Any]:
    """Credit all homes, or none; at a place those without supply or bill are passed over.

    ``next`` is what to ask ``after`` while a place has more homes, ``locked`` are those at the place that a lock holds back.
    Refuses `unknown_account`, `not_supplied`, `not_billed` and `account_locked` of accounts that are named,
    `claim_outside_season`.
    """
    named = command.account_nos is not None
    account_nos = list(command.account_nos or ())
    if command.place is not None:
        account_nos = account_nos_at(work, command.place, after=command.after, limit=command.limit)
    assert_once(account_nos, place="accounts")
    accounts, locked = (locked_facts(work, account_nos), []) if named else unlocked_facts(work, account_nos)
    billed = billed_seasons(work, accounts, season=InForce(work).current_season)
    source = {"reported": "outage", "hours": str(command.hours)}
    claimed = []
    for number, facts in enumerate(accounts):
        state = facts.state_on(work.today)
        if named:
            with refused_at(f"accounts/{number}", account_no=facts.account_no):
                assert_supplied(state, billed=facts.account_no in billed)
        elif state != ACTIVE or facts.account_no not in billed:
            continue
        home = billed[facts.account_no]
        values = home.charges.kinds[home.charge.scope].tariff.values
        claims = outage_claims(values, command.hours, last_day=work.today)
        assert_within(home.charges.season, claims)
        claimed.append(Claimed(home, claims, source))
    notes = credit_claims(work, claimed, reason=command.reason, preview=command.preview)
    supplied = [each.billed.facts.account_no for each in claimed]
    more = not named and len(account_nos) == command.limit
    return {"accounts": told_of_refunds(supplied, notes), "next": account_nos[-1] if more else None, "locked": locked}

"""The work is accepted and heat is let in: the application becomes an active account, connected today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.account_facts import ACTIVE
from services.accounts.domain.connection import CONNECTION, Acceptance, Application
from services.accounts.domain.connection_charge import ContractUnpaid
from services.accounts.domain.new_account import NewAccount, assert_may_be_opened
from services.accounts.domain.occupancy import assert_gate_open
from services.accounts.storage.account_facts import add_moves, locked_facts
from services.accounts.storage.bill_corrections import corrections_due, post_corrections, rest_for_next
from services.accounts.storage.buildings import occupancies
from services.accounts.storage.connection_charges import asked_of
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.in_force import InForce
from services.accounts.storage.known_homes import as_connected, connect_known, never_connected, taken_over
from services.accounts.storage.new_accounts import add_accounts
from services.accounts.storage.ownerships import new_owners
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class ConnectAccount:
    acceptances: tuple[Acceptance, ...]
    reason: str


def connect_account(command: ConnectAccount, work: Work) -> dict[str, Any]:
    """Connect all homes of the list, or none; nothing is billed by it. A home that was known keeps its account.

    Refuses `not_found`, `transition_refused`, `contract_unpaid`, `occupancy_too_low`, `account_no_taken`, `flat_taken`,
    `warranty_before_connection`.
    """
    application_ids = [acceptance.application_id for acceptance in command.acceptances]
    applications = locked_applications(work, application_ids, place="acceptances")
    in_force = InForce(work)
    _assert_paid_and_wanted(work, applications, in_force)
    accounts = [
        replace(application.account, connected_on=work.today,
                warranty_until=acceptance.warranty_until or application.account.warranty_until)
        for application, acceptance in zip(applications, command.acceptances, strict=True)
    ]  # fmt: skip
    for number, account in enumerate(accounts):
        assert_may_be_opened(account, today=work.today, place=f"acceptances/{number}")
    account_nos = _connected(work, accounts, in_force.current_season, command.reason)
    move_applications(
        work, applications, verb="accept", place="acceptances", note=command.reason, account_nos=account_nos
    )
    return {"applications": [
        {"application_id": application_id, "state": "accepted", "account_no": account_no}
        for application_id, account_no in zip(application_ids, account_nos, strict=True)
    ]}  # fmt: skip


def _connected(work: Work, accounts: Sequence[NewAccount], season: int, reason: str) -> list[str]:
    """The numbers in the order of the list; only flats that nobody has get a new one."""
    known = never_connected(work, [account.flat for account in accounts])
    new = [account for account in accounts if account.flat not in known]
    numbers = dict(
        zip((account.flat for account in new), add_accounts(work, new, verb="connect", reason=reason), strict=True)
    )
    again = [account for account in accounts if account.flat in known]
    if again:
        before = locked_facts(work, [known[account.flat] for account in again], place="acceptances", verb="connect")
        after = [as_connected(facts, account) for facts, account in zip(before, again, strict=True)]
        moves = taken_over(work, before, again)
        owners = new_owners(work, moves)
        corrections = corrections_due(
            work, [facts for facts in after if facts.account_no not in owners], from_season=season
        )
        for facts in after:
            if facts.account_no in owners:
                corrections += rest_for_next(work, facts, season, owners[facts.account_no][1])
        connect_known(work, before, after, owners, season=season, reason=reason)
        moved = [(facts, facts.state_on(work.today)) for facts in before]
        add_moves(work, moved, verb="connect", to_state=ACTIVE, day=work.today, reason=reason)
        post_corrections(work, corrections, reason=reason)
    return [known.get(account.flat) or numbers[account.flat] for account in accounts]


def _assert_paid_and_wanted(work: Work, applications: Sequence[Application], in_force: InForce) -> None:
    """What contracts ask for has come, and enough homes of each building whose number is known want heat."""
    asked = asked_of(work, [each.application_id for each in applications])
    buildings = occupancies(work, [(each.account.compound, each.account.building) for each in applications])
    for number, each in enumerate(applications):
        with refused_at(f"acceptances/{number}", application_id=each.application_id):
            CONNECTION.after("accept", each.state)
            of_contract = asked.get(each.application_id)
            if of_contract is not None and of_contract.receipt is None:
                total = format_yuan(of_contract.charge.total_fen)
                raise ContractUnpaid(f"the contract asks for {total}, and no receipt is recorded", asked=total)
            occupancy = buildings.get((each.account.compound, each.account.building))
            if occupancy is not None:
                assert_gate_open(occupancy, in_force.values_today(each.account).occupancy_gate_pct)

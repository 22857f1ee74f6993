"""The work is accepted and heat is let in: the application becomes an active account, connected today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.connection import CONNECTION, Acceptance, Application
from services.accounts.domain.connection_charge import ContractUnpaid
from services.accounts.domain.new_account import assert_may_be_opened
from services.accounts.domain.occupancy import assert_gate_open
from services.accounts.storage.buildings import occupancies
from services.accounts.storage.connection_charges import asked_of
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.in_force import InForce
from services.accounts.storage.new_accounts import add_accounts
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class ConnectAccount:
    acceptances: tuple[Acceptance, ...]
    reason: str


def connect_account(command: ConnectAccount, work: Work) -> dict[str, Any]:
    """Connect all homes of the list, or none; nothing is billed by it.

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
    account_nos = add_accounts(work, accounts, verb="connect", reason=command.reason)
    move_applications(
        work, applications, verb="accept", place="acceptances", note=command.reason, account_nos=account_nos
    )
    return {"applications": [
        {"application_id": application_id, "state": "accepted", "account_no": account_no}
        for application_id, account_no in zip(application_ids, account_nos, strict=True)
    ]}  # fmt: skip


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

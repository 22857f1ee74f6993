"""The work is accepted and heat is let in: the application becomes an active account, connected today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.connection import CONNECTION, Acceptance
from services.accounts.domain.new_account import assert_may_be_opened
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.new_accounts import add_accounts
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class ConnectAccount:
    acceptances: tuple[Acceptance, ...]
    reason: str


def connect_account(command: ConnectAccount, work: Work) -> dict[str, Any]:
    """Connect all homes of the list, or none; nothing is billed by it.

    Refuses `not_found`, `transition_refused`, `account_no_taken`, `flat_taken`, `warranty_before_connection`.
    """
    application_ids = [acceptance.application_id for acceptance in command.acceptances]
    applications = locked_applications(work, application_ids, place="acceptances")
    accounts = [
        replace(application.account, connected_on=work.today,
                warranty_until=acceptance.warranty_until or application.account.warranty_until)
        for application, acceptance in zip(applications, command.acceptances, strict=True)
    ]  # fmt: skip
    for number, (application, account) in enumerate(zip(applications, accounts, strict=True)):
        with refused_at(f"acceptances/{number}", application_id=application.application_id):
            CONNECTION.after("accept", application.state)
        assert_may_be_opened(account, today=work.today, place=f"acceptances/{number}")
    account_nos = add_accounts(work, accounts, verb="connect", reason=command.reason)
    move_applications(
        work, applications, verb="accept", place="acceptances", note=command.reason, account_nos=account_nos
    )
    return {"applications": [
        {"application_id": application_id, "state": "accepted", "account_no": account_no}
        for application_id, account_no in zip(application_ids, account_nos, strict=True)
    ]}  # fmt: skip

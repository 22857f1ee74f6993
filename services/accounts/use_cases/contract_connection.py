"""The heat supply contract of a connection was signed by both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.connection import Application
from services.accounts.domain.connection_charge import Charge, assert_fee_allowed
from services.accounts.domain.deadline import CONTRACT_PAYMENT, MET, NOTICE, deadline, told
from services.accounts.storage.calendar import calendar_now
from services.accounts.storage.connection_charges import add_charges
from services.accounts.storage.connections import locked_applications, move_applications
from services.accounts.storage.deadlines import CONNECTION, add_deadlines, end_deadlines
from services.accounts.storage.in_force import InForce
from services.accounts.storage.work_orders import open_joins
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class ContractConnection:
    """``reason`` names the contract; ``charges`` are by application, of those that ask for something."""

    application_ids: tuple[int, ...]
    reason: str
    charges: Mapping[int, Charge] = field(default_factory=dict)


def contract_connection(command: ContractConnection, work: Work) -> dict[str, Any]:
    """All of the list, or none; what a contract asks for is to be paid within the days of the policy.

    Refuses `not_found`, `transition_refused`, `connection_fee_forbidden`.
    """
    applications = locked_applications(work, command.application_ids, place="applications")
    in_force, calendar = InForce(work), calendar_now(work)
    asked = []
    for number, each in enumerate(applications):
        charge = command.charges.get(each.application_id, Charge())
        if charge.total_fen:
            with refused_at(f"applications/{number}", application_id=each.application_id):
                values = in_force.values_today(each.account)
                assert_fee_allowed(charge, values)
            due = deadline(CONTRACT_PAYMENT, values, begun_on=work.today, calendar=calendar)
            asked.append((each, charge, due))
    move_applications(work, applications, verb="contract", place="applications", note=command.reason)
    end_deadlines(work, command.application_ids, [NOTICE], of=CONNECTION, outcome=MET)
    open_joins(work, applications, note=command.reason)
    add_charges(work, [(each.application_id, charge, _document(in_force, each, charge)) for each, charge, _ in asked])
    add_deadlines(work, [(each.application_id, due) for each, _, due in asked], of=CONNECTION)
    dues = {each.application_id: told(due) for each, _, due in asked}
    return {"applications": [
        {"application_id": each.application_id, "state": "contracted", "deadline": dues.get(each.application_id)}
        for each in applications
    ]}  # fmt: skip


def _document(in_force: InForce, application: Application, charge: Charge) -> str | None:
    return in_force.ground_today("connection_fee_enabled", application.account) if charge.connection_fen else None

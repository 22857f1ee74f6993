"""What contracts for connections asked for was paid: their receipts are recorded, and heat may be let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from services.accounts.domain.connection import CONTRACTED
from services.accounts.domain.connection_charge import ContractPaid, NothingAskedFor, ReceiptTaken
from services.accounts.domain.deadline import CONTRACT_PAYMENT, MET
from services.accounts.storage.connection_charges import add_receipts, asked_of
from services.accounts.storage.connections import locked_applications
from services.accounts.storage.deadlines import CONNECTION, end_deadlines
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.lifecycle import TransitionRefused
from shared.kernel.money import format_yuan


class Receipt(NamedTuple):
    """``receipt`` is the number of the paper that the money was taken with."""

    application_id: int
    receipt: str


@dataclass(frozen=True, slots=True)
class RecordContractPayment:
    payments: tuple[Receipt, ...]
    reason: str


def record_contract_payment(command: RecordContractPayment, work: Work) -> dict[str, Any]:
    """All of the list, or none; one that comes late is taken as long as nobody let the application lapse.

    Refuses `not_found`, `transition_refused`, `nothing_asked_for`, `contract_paid`, `receipt_taken`.
    """
    numbers = [each.application_id for each in command.payments]
    applications = locked_applications(work, numbers, place="payments")
    asked = asked_of(work, numbers)
    receipts: set[str] = set()
    for number, (application, paid) in enumerate(zip(applications, command.payments, strict=True)):
        with refused_at(f"payments/{number}", application_id=application.application_id):
            if application.application_id not in asked:
                raise NothingAskedFor("the contract asks for nothing")
            if (known := asked[application.application_id].receipt) is not None:
                raise ContractPaid("this contract was paid", receipt=known)
            if application.state != CONTRACTED:
                raise TransitionRefused(f"the application is {application.state}", state=application.state, verb="pay")
            if paid.receipt in receipts:
                raise ReceiptTaken("this receipt stands twice in the list", receipt=paid.receipt)
            receipts.add(paid.receipt)
    add_receipts(work, command.payments)
    end_deadlines(work, numbers, [CONTRACT_PAYMENT], of=CONNECTION, outcome=MET)
    return {"applications": [
        {"application_id": number, "state": CONTRACTED, "paid": format_yuan(asked[number].charge.total_fen)}
        for number in numbers
    ]}  # fmt: skip

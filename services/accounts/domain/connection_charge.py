"""What a contract for a connection asks for: a connection fee where a document allows one, a first season in advance."""

from __future__ import annotations

from typing import NamedTuple

from services.accounts.domain.policy_parameters import PolicyInForce
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan


class ConnectionFeeForbidden(Refusal):
    code = "connection_fee_forbidden"
    status = 409
    remedy = "Leave the fee out; it is taken only where the policy names a document that allows it, until its last day."


class ContractUnpaid(Refusal):
    code = "contract_unpaid"
    status = 409
    remedy = (
        "Record the receipt of what the contract asks for, or let the application lapse when its last day has passed."
    )


class NothingAskedFor(Refusal):
    code = "nothing_asked_for"
    status = 409
    remedy = "The contract asks for nothing, so there is nothing to record."


class ContractPaid(Refusal):
    code = "contract_paid"
    status = 409
    remedy = "A receipt stands there already; look at the application."


class ReceiptTaken(Refusal):
    code = "receipt_taken"
    status = 409
    remedy = "Compare the number: another contract was paid by this receipt."


class NotOverdue(Refusal):
    code = "not_overdue"
    status = 409
    remedy = "It lapses when its last day has passed and what it waits for has not come."


class Charge(NamedTuple):
    """``connection_fen`` for being connected, ``first_season_fen`` for a season in advance; whole fen."""

    connection_fen: int = 0
    first_season_fen: int = 0

    @property
    def total_fen(self) -> int:
        return self.connection_fen + self.first_season_fen


def assert_fee_allowed(charge: Charge, values: PolicyInForce) -> None:
    """Refuses `connection_fee_forbidden`."""
    if charge.connection_fen and not values.connection_fee_enabled:
        raise ConnectionFeeForbidden(
            f"no document allows a connection fee of {format_yuan(charge.connection_fen)} today",
            connection_fee=format_yuan(charge.connection_fen),
        )

"""A home has another owner: what must hold of him, and of the home."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.domain import ledger_values as values
from services.accounts.domain.new_account import ID_NUMBERS, assert_number
from shared.kernel.errors import InvalidInput, Refusal
from shared.messages.accounts import is_household

BY_DAYS = "days"


class InBankCollection(Refusal):
    code = "in_bank_collection"
    status = 409
    remedy = "Wait for the bank's result, or take the item back before the file is handed over."


class SeasonNotBilled(Refusal):
    code = "not_billed"
    remedy = "Bill the season first; what is not billed cannot be divided."


@dataclass(frozen=True, slots=True)
class NewOwner:
    """``assumed_by`` names the signed agreement by which he takes the debt over; ``split`` divides the season by days."""

    account_no: str
    name: str
    id_type: str | None = None
    id_no: str | None = None
    phone: str | None = None
    split: str | None = None
    assumed_by: str | None = None


def assert_may_own(owner: NewOwner) -> None:
    """Refuse numbers that cannot be right (`number_wrong`), and a name that payers are called by in the books."""
    if is_household(owner.name):
        raise InvalidInput("this is no name", place="name", value=owner.name)
    if (owner.id_type is None) != (owner.id_no is None):
        raise InvalidInput("an ID number needs its type, and a type its number", place="id_no")
    if owner.id_type is not None and owner.id_no is not None:
        assert_number(ID_NUMBERS[owner.id_type], owner.id_no, place="id_no")
    if owner.phone is not None:
        assert_number(values.phone, owner.phone, place="phone")

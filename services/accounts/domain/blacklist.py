"""Persons with whom nothing new is begun (黑名单): told by their ID number, or by the customer where none is known.

What a person has goes on: nobody is cut off or charged otherwise for being listed. A new connection, a home that is
bought and a part that is split off are refused; a suspension is granted with a warning to the clerk.
"""

from __future__ import annotations

from typing import NamedTuple

from services.accounts.domain.new_account import ID_NUMBERS, assert_number
from shared.kernel.errors import InvalidInput, NotFound, Refusal


class Blacklisted(Refusal):
    code = "blacklisted"
    status = 409
    remedy = "Settle with the person what led to the entry; a supervisor takes it off the list."


class AlreadyBlacklisted(Refusal):
    code = "already_blacklisted"
    status = 409
    remedy = "The person is on the list; look at the entry."


class UnknownEntry(NotFound):
    code = "unknown_blacklist_entry"
    remedy = "Look at the list: each entry has a number."


class NotBlacklisted(Refusal):
    code = "not_blacklisted"
    status = 409
    remedy = "The entry was taken off before; look at the list."


class Person(NamedTuple):
    """``account_no`` None: the person is told by the number alone; else it is the account's present owner."""

    account_no: str | None = None
    id_type: str | None = None
    id_no: str | None = None


class Identity(NamedTuple):
    """By what a person is on the list: a number, or a customer without one."""

    id_type: str | None = None
    id_no: str | None = None
    customer_id: int | None = None


class Listed(NamedTuple):
    entry_id: int
    identity: Identity
    since: str
    reason: str


def assert_told(person: Person) -> None:
    """Refuses a person that is told by nothing or by both, and a number that cannot be right."""
    if (person.account_no is None) == (person.id_no is None) or (person.id_no is None) != (person.id_type is None):
        raise InvalidInput("name an account, or an ID number with its type", place="id_no")
    if person.id_type is not None and person.id_no is not None:
        assert_number(ID_NUMBERS[person.id_type], person.id_no, place="id_no")


def refusal_of(listed: Listed) -> Blacklisted:
    return Blacklisted(f"the person is on the blacklist since {listed.since}: {listed.reason}", entry_id=listed.entry_id,
                       since=listed.since)  # fmt: skip

"""Persons come onto the blacklist: nothing new is begun with them until they are taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.blacklist import AlreadyBlacklisted, Identity, Person, assert_told
from services.accounts.storage.account_facts import assert_known
from services.accounts.storage.blacklist import add_entries, listed_among, owners_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at

PLACE = "persons"


@dataclass(frozen=True, slots=True)
class BlacklistCustomer:
    persons: tuple[Person, ...]
    reason: str


def blacklist_customer(command: BlacklistCustomer, work: Work) -> dict[str, Any]:
    """List all persons, or none. Refuses `unknown_account`, `number_wrong`, `already_blacklisted`."""
    for number, person in enumerate(command.persons):
        with refused_at(f"{PLACE}/{number}"):
            assert_told(person)
    account_nos = [person.account_no for person in command.persons if person.account_no is not None]
    assert_known(work, account_nos, place=PLACE)
    owners = owners_of(work, account_nos)
    identities = [
        owners[person.account_no] if person.account_no is not None else Identity(person.id_type, person.id_no)
        for person in command.persons
    ]
    listed = listed_among(work, identities)
    for number, identity in enumerate(identities):
        with refused_at(f"{PLACE}/{number}"):
            if identity in identities[:number]:
                raise InvalidInput("this person stands twice in the list")
            if identity in listed:
                raise AlreadyBlacklisted(f"listed since {listed[identity].since}", entry_id=listed[identity].entry_id)
    return {"entries": [
        {"entry_id": entry_id, "since": work.today.isoformat()}
        for entry_id in add_entries(work, identities, reason=command.reason)
    ]}  # fmt: skip

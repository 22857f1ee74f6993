"""The blacklist: who is on it, and its history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.blacklist import Identity, Listed, NotBlacklisted, UnknownEntry, refusal_of
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.errors import refused_at

_LISTED = """
SELECT e.entry_id, e.id_type, e.id_no, e.customer_id, e.listed_on::text, e.reason FROM blacklist_entries e
WHERE (e.id_no = ANY(%s) OR e.customer_id = ANY(%s)) AND NOT EXISTS (SELECT FROM blacklist_removals WHERE entry_id = e.entry_id)
ORDER BY e.entry_id
"""
_OWNERS = """
SELECT a.account_no, c.id_type, c.id_no, CASE WHEN c.id_no IS NULL THEN c.customer_id END
FROM heat_accounts a JOIN customers c USING (customer_id) WHERE a.account_no = ANY(%s)
"""
_REMOVABLE = """
SELECT e.entry_id, r.entry_id IS NOT NULL FROM blacklist_entries e LEFT JOIN blacklist_removals r USING (entry_id)
WHERE e.entry_id = ANY(%s)
"""


@row_of("blacklist_entries")
class EntryRow(NamedTuple):
    entry_id: int
    command_id: int
    id_type: str | None
    id_no: str | None
    customer_id: int | None
    listed_on: date
    reason: str


@row_of("blacklist_removals")
class RemovalRow(NamedTuple):
    entry_id: int
    command_id: int
    removed_on: date
    reason: str


def listed_among(work: Work, identities: Collection[Identity]) -> dict[Identity, Listed]:
    """Those of the identities that are on the list now."""
    numbers = [each.id_no for each in identities if each.id_no is not None]
    customers = [each.customer_id for each in identities if each.customer_id is not None]
    if not numbers and not customers:
        return {}
    rows = work.rows(_LISTED, (numbers, customers))
    entries = (Listed(row[0], Identity(*row[1:4]), *row[4:]) for row in rows)
    return {entry.identity: entry for entry in entries if entry.identity in set(identities)}


def owners_of(work: Work, account_nos: Collection[str]) -> dict[str, Identity]:
    """By what the present owners of accounts would be on the list."""
    return {account_no: Identity(*identity) for account_no, *identity in work.rows(_OWNERS, (list(account_nos),))}


def owners_listed(work: Work, account_nos: Collection[str]) -> dict[str, Listed]:
    """Those of the accounts whose present owner is on the list."""
    owners = owners_of(work, account_nos)
    listed = listed_among(work, set(owners.values()))
    return {account_no: listed[identity] for account_no, identity in owners.items() if identity in listed}


def assert_not_blacklisted(work: Work, people: Sequence[tuple[str | None, str | None]], *, place: str) -> None:
    """Refuses `blacklisted`; ``people`` are ID type and number of each in a list, None where no number is told."""
    identities = [Identity(*person) for person in people]
    listed = listed_among(work, {each for each in identities if each.id_no is not None})
    for number, identity in enumerate(identities):
        if identity in listed:
            with refused_at(f"{place}/{number}"):
                raise refusal_of(listed[identity])


def add_entries(work: Work, identities: Sequence[Identity], *, reason: str) -> list[int]:
    ids = list(work.new_ids(len(identities)))
    work.add(
        EntryRow(entry_id, work.command_id, *identity, work.today, reason)
        for entry_id, identity in zip(ids, identities, strict=True)
    )
    return ids


def add_removals(work: Work, entry_ids: Sequence[int], *, reason: str) -> None:
    """Refuses `unknown_blacklist_entry`, `not_blacklisted`."""
    known = dict(work.rows(_REMOVABLE, (list(entry_ids),)))
    for number, entry_id in enumerate(entry_ids):
        with refused_at(f"entries/{number}"):
            if entry_id not in known:
                raise UnknownEntry("there is no such entry", entry_id=entry_id)
            if known[entry_id]:
                raise NotBlacklisted("the entry was taken off", entry_id=entry_id)
    work.add(RemovalRow(entry_id, work.command_id, work.today, reason) for entry_id in entry_ids)

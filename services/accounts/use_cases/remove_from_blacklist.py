"""Persons are taken off the blacklist; that they were on it stays in its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.blacklist import add_removals
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RemoveFromBlacklist:
    entry_ids: tuple[int, ...]
    reason: str


def remove_from_blacklist(command: RemoveFromBlacklist, work: Work) -> dict[str, Any]:
    """Take all entries off, or none. Refuses `unknown_blacklist_entry`, `not_blacklisted`."""
    if len(set(command.entry_ids)) < len(command.entry_ids):
        raise InvalidInput("an entry stands twice in the list", place="entries")
    add_removals(work, command.entry_ids, reason=command.reason)
    return {"entries": [{"entry_id": entry_id, "removed": work.today.isoformat()} for entry_id in command.entry_ids]}

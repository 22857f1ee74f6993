"""Somebody asks for heat in a home that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.connection import CONNECTION
from services.accounts.domain.new_account import NewAccount, assert_may_be_opened
from services.accounts.storage.connections import add_applications
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ApplyForConnection:
    """``accounts`` are those that are asked for; they have no day of connection yet."""

    accounts: tuple[NewAccount, ...]
    reason: str


def apply_for_connection(command: ApplyForConnection, work: Work) -> dict[str, Any]:
    """Record them all, or none. Refuses what `assert_may_be_opened` refuses; a flat is looked at when it is accepted."""
    for number, account in enumerate(command.accounts):
        assert_may_be_opened(account, today=work.today, place=f"applications/{number}")
    ids = add_applications(work, command.accounts, note=command.reason)
    return {"applications": [{"application_id": application_id, "state": CONNECTION.initial} for application_id in ids]}

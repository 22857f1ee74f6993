"""Somebody asks for heat in a home that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.connection import CONNECTION
from services.accounts.domain.deadline import SURVEY, deadline, told
from services.accounts.domain.new_account import NewAccount, assert_may_be_opened
from services.accounts.storage.blacklist import assert_not_blacklisted
from services.accounts.storage.calendar import calendar_now
from services.accounts.storage.connections import add_applications
from services.accounts.storage.deadlines import CONNECTION as OF_CONNECTION
from services.accounts.storage.deadlines import add_deadlines
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ApplyForConnection:
    """``accounts`` are those that are asked for; they have no day of connection yet."""

    accounts: tuple[NewAccount, ...]
    reason: str


def apply_for_connection(command: ApplyForConnection, work: Work) -> dict[str, Any]:
    """Record them all, or none; each place is to be surveyed within the days of the policy.

    Refuses what `assert_may_be_opened` refuses, `blacklisted`; a flat is looked at when it is accepted.
    """
    for number, account in enumerate(command.accounts):
        assert_may_be_opened(account, today=work.today, place=f"applications/{number}")
    _assert_once(command.accounts)
    people = [(account.id_type, account.id_no) for account in command.accounts]
    assert_not_blacklisted(work, people, place="applications")
    in_force, calendar = InForce(work), calendar_now(work)
    ids = add_applications(work, command.accounts, note=command.reason)
    due = [
        deadline(SURVEY, in_force.values_today(account), begun_on=work.today, calendar=calendar)
        for account in command.accounts
    ]
    add_deadlines(work, zip(ids, due, strict=True), of=OF_CONNECTION)
    return {"applications": [
        {"application_id": application_id, "state": CONNECTION.initial, "deadline": told(each)}
        for application_id, each in zip(ids, due, strict=True)
    ]}  # fmt: skip


def _assert_once(accounts: tuple[NewAccount, ...]) -> None:
    seen: set[tuple[str | None, ...]] = set()
    for number, account in enumerate(accounts):
        home = (account.compound, account.building, account.unit, account.room)
        known = {home} | ({(account.account_no,)} if account.account_no else set())
        if known & seen:
            raise InvalidInput("this home or this number stands twice in the list", place=f"applications/{number}")
        seen |= known

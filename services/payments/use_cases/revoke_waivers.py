"""Waivers that should not have been given are taken back: everything is as if they had never been approved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.payments.domain.waiver_request import WaiverNotInForce
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import debts_of_bills
from services.payments.storage.waivers import (
    ApprovedWaiver,
    WaiverRevocationRow,
    accounts_of_waivers,
    approved_waivers,
)
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at


@dataclass(frozen=True, slots=True)
class RevokeWaivers:
    waiver_ids: tuple[int, ...]
    reason: str


def revoke_waivers(command: RevokeWaivers, work: Work) -> dict[str, Any]:
    """All of the list, or none, each before its last day is over. What it had taken off is owed again.

    Refuses `unknown_waiver`, `waiver_not_in_force` (it has ended, was revoked, or was never approved).
    """
    account_of = accounts_of_waivers(work, command.waiver_ids)
    books = Books(work, lock_accounts(work, set(account_of.values())))
    found = approved_waivers(work, command.waiver_ids)
    for place, waiver_id in enumerate(command.waiver_ids):
        with refused_at(f"/waivers/{place}", waiver_id=waiver_id):
            _assert_in_force(found.get(waiver_id), work.today)
    _owe_again(books, found)
    work.add(WaiverRevocationRow(number, work.command_id, work.today, command.reason) for number in command.waiver_ids)
    return {"waivers": [{"waiver_id": number, "account_no": account_of[number]} for number in command.waiver_ids]}


def _owe_again(books: Books, revoked: dict[int, ApprovedWaiver]) -> None:
    """The debts without these waivers: one that was settled by them is open again."""
    bill_nos = {bill_no for waiver in revoked.values() for bill_no in waiver.bill_nos}
    for of_account in debts_of_bills(books.work, books.accounts, bill_nos).values():
        for debt in of_account:
            left = tuple(waiver for waiver in debt.waivers if waiver.waiver_id not in revoked)
            if left != debt.waivers:
                books.changed(replace(debt, waivers=left), {}, day=books.work.today)
    books.close()


def _assert_in_force(waiver: ApprovedWaiver | None, today: date) -> None:
    if waiver is None or waiver.revoked or waiver.until_on < today:
        raise WaiverNotInForce("this waiver does not hold")

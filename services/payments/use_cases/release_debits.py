"""A claim is given back before the file left: the batch, or some of its items, was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from services.payments.storage.holds import end_holds, holds_of, settle_forced
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ReleaseDebits:
    batch_no: int
    item_nos: tuple[int, ...]


def release_debits(command: ReleaseDebits, work: Work) -> dict[str, Any]:
    """Lift the holds that are open; items that have none are passed over, so that a repeat changes nothing."""
    account_nos = {hold.account_no for hold in holds_of(work, command.batch_no, command.item_nos).values()}
    accounts = lock_accounts(work, account_nos)
    holds = [hold for hold in holds_of(work, command.batch_no, command.item_nos).values() if hold.state == "open"]
    debts = open_debts(work, account_nos)
    books = Books(work, accounts)
    end_holds(work, books, holds, state="released")
    settle_forced(work, books, holds, debts)
    books.close()
    return {"released": sorted(hold.item_no for hold in holds)}

"""Heat accounts that `accounts` opened may be paid for from now on."""

from __future__ import annotations

from services.payments.storage.rows import AccountRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsOpened


def open_accounts(event: AccountsOpened, work: Work) -> None:
    work.add(AccountRow(item.account_no, item.opened_on) for item in event.items)

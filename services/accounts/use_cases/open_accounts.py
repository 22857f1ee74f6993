"""Connected, active accounts, as if they had been there for years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.new_account import NewAccount, assert_may_be_opened
from services.accounts.storage.new_accounts import add_accounts
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    accounts: tuple[NewAccount, ...]


def open_accounts(command: OpenAccounts, work: Work) -> dict[str, Any]:
    """Open them all, or none. Numbers are assigned where none is given.

    Refused: `account_no_taken` and `flat_taken`, also within the list; what `assert_may_be_opened` refuses.
    """
    for number, account in enumerate(command.accounts):
        assert_may_be_opened(account, today=work.today, place=f"accounts/{number}")
    return {"account_nos": add_accounts(work, command.accounts, verb="open", reason="opened")}

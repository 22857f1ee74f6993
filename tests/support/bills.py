"""Bills as `accounts` would issue them, for tests of payments."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.open_receivables import open_receivables
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import (
    SELF,
    AccountsOpened,
    BillsIssued,
    DiscountWindow,
    IssuedBill,
    OpenedAccount,
    PaymentTerms,
)  # fmt: skip

ACCOUNTS = Caller("bus:accounts")
BILL_NOS = itertools.count(1)

REFERENCE_TERMS = PaymentTerms(
    policy="default@test",
    discount_windows=(
        DiscountWindow(date(2025, 7, 26), date(2025, 9, 15), Decimal("1.5")),
        DiscountWindow(date(2025, 9, 16), date(2025, 9, 30), Decimal("1.0")),
    ),
)


def open_home(runtime: Runtime, *account_nos: str) -> None:
    opened = tuple(OpenedAccount(number, date(2020, 7, 1), "residential") for number in account_nos)
    runtime.commands.run(open_accounts, AccountsOpened(opened), caller=ACCOUNTS)


def issue(runtime: Runtime, account_no: str, amount_fen: int, *, season: int = 2025, payer: str = SELF,
          due_on: date | None = None, posted_on: date = date(2025, 7, 2), terms: PaymentTerms = REFERENCE_TERMS,
          parts: tuple[tuple[int, date], ...] = ()) -> int:  # fmt: skip
    """Issue one share; the number of its bill."""
    bill_no = next(BILL_NOS)
    due = due_on or date(season, 12, 31)
    bill = IssuedBill(account_no, bill_no, season, payer, "season", "residential", False, "t1", posted_on,
                      parts or ((amount_fen, due),))  # fmt: skip
    runtime.commands.run(open_receivables, BillsIssued({"t1": terms}, (bill,)), caller=ACCOUNTS)
    return bill_no

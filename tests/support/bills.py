"""Bills as `accounts` would issue them, for tests of payments."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

from services.payments.use_cases.correct_bills import correct_bills
from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.open_receivables import open_receivables
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import (
    SELF,
    AccountsOpened,
    BillsCorrected,
    BillsIssued,
    CorrectedBill,
    DiscountWindow,
    IssuedBill,
    OpenedAccount,
    PaymentTerms,
)  # fmt: skip

ACCOUNTS = Caller("bus:accounts")
BILL_NOS = itertools.count(1)
CORRECTION_IDS = itertools.count(1)

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
    name = _name_of(terms)
    bill = IssuedBill(account_no, bill_no, season, payer, "season", "residential", False, name, posted_on,
                      parts or ((amount_fen, due),))  # fmt: skip
    runtime.commands.run(open_receivables, BillsIssued({name: terms}, (bill,)), caller=ACCOUNTS)
    return bill_no


def correction(account_no: str, bill_no: int, amount_fen: int, *, posted_on: date, season: int = 2025,
               payer: str = SELF, kind: str = "correction", suspended: bool = False, due_on: date | None = None,
               terms: PaymentTerms = REFERENCE_TERMS, credited: str | None = None) -> CorrectedBill:  # fmt: skip
    """A correction of one share, posted on ``posted_on``, with a number of its own."""
    due = max(due_on or date(season, 12, 31), posted_on)
    return CorrectedBill(account_no, bill_no, next(CORRECTION_IDS), season, payer, kind, "residential", suspended,
                         _name_of(terms), posted_on, due, amount_fen, credited)  # fmt: skip


def correct(runtime: Runtime, *items: CorrectedBill, terms: PaymentTerms = REFERENCE_TERMS) -> None:
    """Tell payments of corrections, in one event."""
    event = BillsCorrected({_name_of(terms): terms}, items)
    runtime.commands.run(correct_bills, event, caller=ACCOUNTS)


def _name_of(terms: PaymentTerms) -> str:
    return f"t{hash(terms):x}"

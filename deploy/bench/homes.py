"""Accounts with a bill each, made by the code that takes events, for benchmarks of payments.

Every fourth home is late with a bill of last season and pays it with its late fee; the others pay this
season's bill early, with the discount.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from services.payments.domain.owed import owed
from services.payments.storage.debts import open_debts
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
)

CALLER = Caller("bus:accounts", "bench")
AMOUNT_FEN = 233038
DAY = date(2025, 9, 1)
TERMS = PaymentTerms(
    policy="bench", discount_windows=(DiscountWindow(date(2025, 7, 26), date(2025, 9, 15), Decimal("1.5")),)
)
CHUNK = 1000
LATE_ONE_IN = 4


def account_no(number: int) -> str:
    return f"{number:010d}"


def open_homes(runtime: Runtime, first: int, count: int) -> None:
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        opened = tuple(OpenedAccount(account_no(number), date(2020, 7, 1), "residential") for number in numbers)
        runtime.commands.run(open_accounts, AccountsOpened(opened), caller=CALLER)


def bills(first: int, count: int) -> BillsIssued:
    return BillsIssued({"bench": TERMS}, tuple(_bill(number) for number in range(first, first + count)))


def _bill(number: int) -> IssuedBill:
    season = DAY.year - (number % LATE_ONE_IN == 0)
    return IssuedBill(
        account_no(number), number, season, SELF, "season", "residential", False, "bench",
        date(season, 7, 2), ((AMOUNT_FEN, date(season, 12, 31)),),
    )  # fmt: skip


def bill_homes(runtime: Runtime, first: int, count: int) -> None:
    for start in range(first, first + count, CHUNK):
        runtime.commands.run(open_receivables, bills(start, min(CHUNK, first + count - start)), caller=CALLER)


def payable_fen(runtime: Runtime, *numbers: int) -> list[int]:
    """What each of these homes would pay on `DAY`."""
    wanted = [account_no(number) for number in numbers]
    with runtime.commands.reading() as work:
        debts = open_debts(work, wanted)
    return [owed(debts[each], DAY).total_fen for each in wanted]

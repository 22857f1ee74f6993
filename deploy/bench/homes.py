"""Accounts with a bill each, made by the code that takes events, for benchmarks of payments."""

from __future__ import annotations

from datetime import date

from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.open_receivables import open_receivables
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import SELF, AccountsOpened, BillsIssued, IssuedBill, OpenedAccount, PaymentTerms

CALLER = Caller("bus:accounts", "bench")
AMOUNT_FEN = 233038
TERMS = PaymentTerms(policy="bench")
CHUNK = 1000


def account_no(number: int) -> str:
    return f"{number:010d}"


def open_homes(runtime: Runtime, first: int, count: int) -> None:
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        opened = tuple(OpenedAccount(account_no(number), date(2020, 7, 1), "residential") for number in numbers)
        runtime.commands.run(open_accounts, AccountsOpened(opened), caller=CALLER)


def bills(first: int, count: int, *, season: int = 2025) -> BillsIssued:
    due_on, posted_on = date(season, 12, 31), date(season, 7, 2)
    return BillsIssued({"bench": TERMS}, tuple(
        IssuedBill(account_no(number), season * 10**9 + number, season, SELF, "season", "residential", False, "bench",
                   posted_on, ((AMOUNT_FEN, due_on),))
        for number in range(first, first + count)
    ))  # fmt: skip


def bill_homes(runtime: Runtime, first: int, count: int, *, season: int = 2025) -> None:
    for start in range(first, first + count, CHUNK):
        runtime.commands.run(open_receivables, bills(start, min(CHUNK, first + count - start), season=season), caller=CALLER)

"""What payments knows after a stream of events, without the numbers it made up itself: for comparing two ways there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.open_receivables import open_receivables
from services.payments.use_cases.post_debits import post_debits
from services.payments.use_cases.take_over_prepayments import take_over_prepayments
from shared.chassis.consumer import Handler, by_account
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime
from shared.messages.accounts import (
    SELF,
    AccountsOpened,
    BillsIssued,
    CarriedOverPrepayment,
    IssuedBill,
    PaymentTerms,
    PrepaymentsCarriedOver,
)  # fmt: skip
from shared.messages.bank_gateway import DebitResult, DebitsReturned

HANDLERS: dict[str, Handler] = {
    "AccountsOpened": by_account(AccountsOpened, open_accounts),
    "BillsIssued": by_account(BillsIssued, open_receivables),
    "PrepaymentsCarriedOver": by_account(PrepaymentsCarriedOver, take_over_prepayments),
    "DebitsReturned": by_account(DebitsReturned, post_debits),
}
"""Everything that payments takes, as if one producer told it all."""

_BOOKS = {
    "accounts": "SELECT account_no, opened_on, hold_id IS NULL FROM accounts",
    "receivables": "SELECT account_no, bill_no, part, season, payer, kind, terms_id, amount_fen, due_on, posted_on,"
                   " settled_fen, closed FROM receivables",
    "payments": "SELECT account_no, payer, channel, amount_fen, received_on, partner, serial FROM payments",
    "settlements": "SELECT bill_no, part, settled_on, paid_fen, discount_fen, rounding_fen, late_fee_fen, by_credit"
                   " FROM settlements JOIN receivables USING (receivable_id)",
    "credits": "SELECT account_no, payer, received_on, amount_fen, used_fen FROM credits",
    "postings": "SELECT posted_on, debit, credit, amount_fen, account_no, payer, season FROM postings",
}  # fmt: skip


def books_of(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    with transaction(runtime.engine) as cursor:
        return {table: sorted(cursor.execute(sql.encode()).fetchall(), key=repr) for table, sql in _BOOKS.items()}


def bills(*shares: tuple[str, int, int], terms: str = "t1", season: int = 2025) -> BillsIssued:
    """``(account_no, bill_no, amount_fen)`` each, due at the end of the year."""
    return BillsIssued({terms: PaymentTerms(policy=terms)}, tuple(
        IssuedBill(account_no, bill_no, season, SELF, "season", "residential", False, terms, date(season, 7, 2),
                   ((amount_fen, date(season, 12, 31)),))
        for account_no, bill_no, amount_fen in shares
    ))  # fmt: skip


def prepaid(*amounts: tuple[str, int]) -> PrepaymentsCarriedOver:
    return PrepaymentsCarriedOver(tuple(CarriedOverPrepayment(a, fen, date(2025, 6, 1)) for a, fen in amounts))


def returned(batch_no: int, *results: tuple[str, int, int]) -> DebitsReturned:
    """``(account_no, item_no, collected_fen)`` each."""
    return DebitsReturned("BOC", batch_no, date(2025, 10, 19), tuple(
        DebitResult(account_no, item_no, fen, "ok" if fen else "insufficient") for account_no, item_no, fen in results
    ))  # fmt: skip


def numbered(numbers: Iterable[int]) -> list[str]:
    return [f"{number:010d}" for number in numbers]

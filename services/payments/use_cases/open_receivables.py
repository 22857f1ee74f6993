"""Bills that `accounts` issued become receivables; credit that is there meets them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from services.payments.domain import ledger
from services.payments.domain.credit import Credit, use_credit
from services.payments.domain.debt import Debt, Receivable
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.credits import open_credits
from services.payments.storage.debts import keep_terms, open_debts
from services.payments.storage.group_payments import keep_payers, meet_group_credit
from services.payments.storage.rows import ReceivableRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import BillsIssued, IssuedBill

SOURCE = {"season": ledger.HEAT_INCOME, "opening": ledger.OPENING_BALANCE}


def open_receivables(event: BillsIssued, work: Work) -> None:
    """Every part of every bill is a receivable with its posting; credit of the same payer is used, oldest first."""
    keep_terms(work, event.terms)
    account_nos = {item.account_no for item in event.items}
    accounts = lock_accounts(work, account_nos)
    ids = iter(work.new_ids(sum(len(item.parts) for item in event.items)))
    new_debts = [_debt(item, event, ids) for item in event.items]
    books = Books(work, accounts)
    for item, debt in zip(event.items, new_debts, strict=True):
        books.open(_receivable_rows(work, item, debt))
        books.post(
            ledger.Posting(ledger.RECEIVABLE, SOURCE[item.kind], part.amount_fen, item.account_no, item.payer,
                           item.season, part.receivable_id)
            for part in debt.receivables
        )  # fmt: skip
    keep_payers(work, {(item.payer, item.account_no) for item in event.items})
    meet_group_credit(books, _met_by_credit(work, books, new_debts, account_nos))
    books.close()


def _debt(item: IssuedBill, event: BillsIssued, ids: Iterator[int]) -> Debt:
    parts = tuple(Receivable(next(ids), amount_fen, due_on, item.posted_on) for amount_fen, due_on in item.parts)
    return Debt(item.bill_no, item.account_no, item.season, item.payer, item.price_class, item.suspended,
                event.terms[item.terms], parts)  # fmt: skip


def _receivable_rows(work: Work, item: IssuedBill, debt: Debt) -> list[ReceivableRow]:
    return [
        ReceivableRow(part.receivable_id, work.command_id, item.account_no, item.bill_no, number, item.season,
                      item.payer, item.kind, item.price_class, item.suspended, item.terms, part.amount_fen,
                      part.due_on, part.posted_on)
        for number, part in enumerate(debt.receivables, start=1)
    ]  # fmt: skip


def _met_by_credit(work: Work, books: Books, new_debts: list[Debt], account_nos: set[str]) -> list[Debt]:
    """The new debts as the credit of their own accounts leaves them."""
    credits = open_credits(work, account_nos)
    if not credits:
        return new_debts
    older = open_debts(work, {account_no for account_no, _ in credits})
    mine: defaultdict[tuple[str, str], list[Debt]] = defaultdict(list)
    for debt in new_debts:
        if (debt.account_no, debt.payer) in credits:
            mine[debt.account_no, debt.payer].append(debt)
    after = {(debt.bill_no, debt.payer): debt for debt in new_debts}
    for (account_no, payer), debts in mine.items():
        used = _use(books, credits[account_no, payer], debts, older.get(account_no, []))
        after.update(((debt.bill_no, debt.payer), debt) for debt in used)
    return list(after.values())


def _use(books: Books, credits: list[Credit], debts: list[Debt], others: list[Debt]) -> list[Debt]:
    for use in use_credit(debts, credits, others=others):
        debts = books.settle(use.payment_id, use.settlements, debts, day=use.used_on, source=ledger.CREDIT,
                             by_credit=True, credit_id=use.credit_id)  # fmt: skip
    return debts

"""Money that an old system held becomes credit of its accounts."""

from __future__ import annotations

from services.payments.domain.allocation import Allocation
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.rows import PaymentRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import SELF, PrepaymentsCarriedOver

LEGACY = "legacy"


def take_over_prepayments(event: PrepaymentsCarriedOver, work: Work) -> None:
    accounts = lock_accounts(work, {item.account_no for item in event.items})
    books = Books(work, accounts)
    ids = work.new_ids(len(event.items))
    for payment_id, item in zip(ids, event.items, strict=True):
        row = PaymentRow(payment_id, work.command_id, item.account_no, SELF, LEGACY, item.amount_fen,
                         item.received_on, LEGACY, item.account_no)  # fmt: skip
        books.receive(row, Allocation(settlements=[], credit_fen=item.amount_fen, rounding_fen=0), [],
                      day=item.received_on)  # fmt: skip
    books.close()

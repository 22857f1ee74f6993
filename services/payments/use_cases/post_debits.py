"""A bank's results: what it collected settles as of the day of sending, what it did not is free again."""

from __future__ import annotations

from services.payments.channels import channel
from services.payments.domain.allocation import allocate
from services.payments.domain.hold import BANK
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from services.payments.storage.holds import OtherAccount, end_holds, holds_of, settle_forced
from services.payments.storage.rows import PaymentRow
from shared.chassis.unit_of_work import Work
from shared.messages.bank_gateway import DebitsReturned
from shared.messages.payments import DebitsPosted, PostedDebit

MORE_THAN_OPEN = "the bank took more than was open when its result came"


def post_debits(event: DebitsReturned, work: Work) -> None:
    """Every item is taken: money that meets no debt any more becomes credit, whatever the reason.

    An item need not have been claimed here (the batch was taken over from an old system). Refuses `other_account`.
    """
    account_nos = {item.account_no for item in event.items}
    accounts = lock_accounts(work, account_nos)
    holds = holds_of(work, event.batch_no, [item.item_no for item in event.items])
    for item in event.items:
        if item.item_no in holds and holds[item.item_no].account_no != item.account_no:
            raise OtherAccount("this item was claimed for another account", item_no=item.item_no, value=item.account_no)
    debts = open_debts(work, account_nos)
    books = Books(work, accounts)
    collected = [item for item in event.items if item.collected_fen]
    posted = []
    for payment_id, item in zip(work.new_ids(len(collected)), collected, strict=True):
        owing = debts.get(item.account_no, [])
        payer = accounts[item.account_no].household
        decided = allocate(owing, day=event.as_of, amount_fen=item.collected_fen, channel=channel(BANK), payer=payer,
                           take_any=True)  # fmt: skip
        row = PaymentRow(payment_id, work.command_id, item.account_no, payer, BANK, item.collected_fen, event.as_of,
                         event.bank, f"{event.batch_no}/{item.item_no}",
                         reason=MORE_THAN_OPEN if decided.credit_fen else None)  # fmt: skip
        debts[item.account_no] = books.receive(row, decided, owing, day=event.as_of)
        posted.append(PostedDebit(item.account_no, books.version_of(item.account_no), item.item_no, payment_id,
                                  item.collected_fen - decided.credit_fen, decided.credit_fen))  # fmt: skip
    took = {item.item_no for item in collected}
    open_holds = [hold for hold in holds.values() if hold.state == "open"]
    end_holds(work, books, [hold for hold in open_holds if hold.item_no in took], state="settled")
    end_holds(work, books, [hold for hold in open_holds if hold.item_no not in took], state="released")
    settle_forced(work, books, open_holds, debts)
    books.close()
    if posted:
        work.emit(DebitsPosted(event.batch_no, tuple(posted)))

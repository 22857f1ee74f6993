"""Homes have another owner: from now on he is the household; a debt that he assumed moves to him with its history."""

from __future__ import annotations

from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsTransferred, TransferredAccount

_NAME = """
INSERT INTO owners (account_no, payer, name, since) SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[])
ON CONFLICT (account_no, payer) DO NOTHING RETURNING payer
"""
_MOVE_IN = """
UPDATE accounts a SET household = v.household FROM unnest(%s::text[], %s::text[]) AS v (account_no, household)
WHERE a.account_no = v.account_no RETURNING a.account_no
"""


def transfer_accounts(event: AccountsTransferred, work: Work) -> None:
    """Each transfer in the order of the list. What the former owner paid and holds as credit stays his."""
    accounts = lock_accounts(work, {item.account_no for item in event.items})
    names = [(i.account_no, i.former, i.former_name, None) for i in event.items]
    names += [(i.account_no, i.household, i.name, i.transferred_on) for i in event.items]  # type: ignore[misc]
    work.rows(_NAME, [list(column) for column in zip(*names, strict=True)])
    last = {item.account_no: item.household for item in event.items}
    work.rows(_MOVE_IN, [list(last), list(last.values())])
    if assumed := [item for item in event.items if item.assumed]:
        books = Books(work, accounts)
        _assume(work, books, assumed)
        books.close()


def _assume(work: Work, books: Books, items: list[TransferredAccount]) -> None:
    debts = open_debts(work, {item.account_no for item in items})
    for item in items:
        left = []
        for debt in debts.get(item.account_no, []):
            if debt.payer == item.former:
                books.assume(debt, item.household, day=item.transferred_on)
            else:
                left.append(debt)
        debts[item.account_no] = left

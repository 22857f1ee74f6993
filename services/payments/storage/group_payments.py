"""Payments of one payer for all of its shares: what they settled, and the credit that is left of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.allocation import Allocation
from services.payments.domain.debt import Debt
from services.payments.domain.group_allocation import ShareOfAccount, allocate_to_shares
from services.payments.storage.books import Books
from services.payments.storage.rows import (
    USE_GROUP_CREDIT,
    GroupCreditRow,
    GroupPaymentRow,
    GroupShareRow,
    PaymentRow,
)  # fmt: skip
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import is_household

_KEEP_PAYERS = """
INSERT INTO payer_accounts (payer, account_no) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING
RETURNING payer
"""
_KNOWN = """
SELECT g.group_payment_id, g.payer, g.channel, g.amount_fen, g.credit_fen, coalesce(c.used_fen, 0), g.reverses,
       back.group_payment_id, k.business_on, k.actor
FROM group_payments g JOIN commands k USING (command_id) LEFT JOIN group_credits c USING (group_payment_id)
LEFT JOIN group_payments back ON back.reverses = g.group_payment_id
WHERE g.group_payment_id = ANY(%s)
"""
_CREDITS = """
SELECT c.group_payment_id, c.payer, g.channel, c.amount_fen - c.used_fen
FROM group_credits c JOIN group_payments g USING (group_payment_id)
WHERE c.payer = ANY(%s) AND c.used_fen < c.amount_fen ORDER BY c.received_on, c.group_payment_id FOR UPDATE OF c
"""


class GroupPayment(NamedTuple):
    """``credit_fen`` met no share when it came, ``used_fen`` of that did later."""

    group_payment_id: int
    payer: str
    channel: str
    amount_fen: int
    credit_fen: int
    used_fen: int
    reverses: int | None
    reversed_by: int | None
    booked_on: date
    booked_by: str


class MemberPayment(NamedTuple):
    payment_id: int
    group_payment_id: int
    by_credit: bool


def accounts_of_payer(work: Work, payer: str) -> list[str]:
    """The accounts in which the payer has, or had, a share."""
    return [row[0] for row in work.rows("SELECT account_no FROM payer_accounts WHERE payer = %s", (payer,))]


def keep_payers(work: Work, shares: Collection[tuple[str, str]]) -> None:
    """Remember in which accounts payers who are no household have a share: ``(payer, account_no)``."""
    others = sorted({share for share in shares if not is_household(share[0])})
    if others:
        work.rows(_KEEP_PAYERS, [list(column) for column in zip(*others, strict=True)])


def group_payments(work: Work, group_payment_ids: Collection[int]) -> dict[int, GroupPayment]:
    rows = work.rows(_KNOWN, (list(group_payment_ids),))
    return {row[0]: GroupPayment(*row) for row in rows}


def lock_group_credits(work: Work, group_payment_ids: Collection[int]) -> None:
    """What is left of these payments meets no bill until the work ends. In the order in which bills lock them."""
    work.rows(
        "SELECT 1 FROM group_credits WHERE group_payment_id = ANY(%s) ORDER BY received_on, group_payment_id FOR UPDATE",
        (list(group_payment_ids),),
    )


def members_of(work: Work, group_payment_ids: Collection[int]) -> list[MemberPayment]:
    rows = work.rows(
        "SELECT payment_id, group_payment_id, by_credit FROM group_shares WHERE group_payment_id = ANY(%s)"
        " ORDER BY payment_id",
        (list(group_payment_ids),),
    )
    return [MemberPayment(*row) for row in rows]


def group_of(work: Work, payment_ids: Collection[int]) -> dict[int, int]:
    """Those of the payments that belong to a group payment, and to which."""
    return dict(work.rows("SELECT payment_id, group_payment_id FROM group_shares WHERE payment_id = ANY(%s)",
                          (list(payment_ids),)))  # fmt: skip


def receive_group(books: Books, row: GroupPaymentRow, debts: dict[str, list[Debt]],
                  shares: dict[str, ShareOfAccount]) -> None:  # fmt: skip
    """Write the payment, what it settles of each account, and the credit that is left."""
    work = books.work
    work.add([row])
    _settle_shares(books, row.group_payment_id, row.payer, row.channel, debts, shares, by_credit=False)
    if row.credit_fen:
        work.add([GroupCreditRow(row.group_payment_id, row.payer, row.received_on, row.credit_fen)])
        books.post(ledger.moved(channel(row.channel).ledger, ledger.GROUP_CREDIT, row.credit_fen, account_no="",
                                payer=row.payer, season=None, reference=row.group_payment_id))  # fmt: skip


def meet_group_credit(books: Books, new_debts: Iterable[Debt]) -> dict[tuple[int, str], Debt]:
    """Credit of payers meets the shares that were posted for them; by bill and payer, the debts after it.

    The rows stay locked until the work ends: two bills never use the same money.
    """
    of_payers = {debt.payer for debt in new_debts if not is_household(debt.payer) and debt.open_principal_fen}
    if not of_payers:
        return {}
    after = {(debt.bill_no, debt.payer): debt for debt in new_debts if debt.payer in of_payers}
    for group_payment_id, payer, code, left_fen in books.work.rows(_CREDITS, (sorted(of_payers),)):
        mine = [debt for debt in after.values() if debt.payer == payer and debt.open_principal_fen]
        shares, rest_fen = allocate_to_shares(mine, left_fen)
        if not shares:
            continue
        debts: dict[str, list[Debt]] = {}
        for debt in mine:
            debts.setdefault(debt.account_no, []).append(debt)
        for settled in _settle_shares(books, group_payment_id, payer, code, debts, shares, by_credit=True):
            after[settled.bill_no, settled.payer] = settled
        books.work.change(USE_GROUP_CREDIT, [(group_payment_id, left_fen - rest_fen)])
    return after


def take_group_back(books: Books, group: GroupPayment, *, reason: str, today: date) -> int:
    """The group payment's own rows the other way round, after its members were taken back; the reversal's number."""
    work, new_id = books.work, books.work.new_ids(1)[0]
    work.add([GroupPaymentRow(new_id, work.command_id, group.payer, group.channel, -group.amount_fen, -group.credit_fen,
                              today, reverses=group.group_payment_id, reason=reason)])  # fmt: skip
    if group.credit_fen:
        books.post(ledger.moved(channel(group.channel).ledger, ledger.GROUP_CREDIT, -group.credit_fen, account_no="",
                                payer=group.payer, season=None, reference=group.group_payment_id))  # fmt: skip
        left_fen = group.credit_fen - group.used_fen
        work.change(USE_GROUP_CREDIT, [(group.group_payment_id, left_fen)] if left_fen else [])
    return new_id


def _settle_shares(books: Books, group_payment_id: int, payer: str, code: str, debts: dict[str, list[Debt]],
                   shares: dict[str, ShareOfAccount], *, by_credit: bool) -> list[Debt]:  # fmt: skip
    """A payment of each account for its part; money that waited comes out of credit. The debts after it."""
    work, after = books.work, []
    ids = work.new_ids(len(shares)) if shares else range(0)
    for payment_id, (account_no, share) in zip(ids, shares.items(), strict=True):
        row = PaymentRow(payment_id, work.command_id, account_no, payer, code, share.amount_fen, work.today)
        kept = Allocation(share.settlements, credit_fen=0, rounding_fen=0)
        after += books.receive(row, kept, debts[account_no], day=work.today,
                               source=ledger.GROUP_CREDIT if by_credit else None)  # fmt: skip
        books.add([GroupShareRow(payment_id, group_payment_id, by_credit)])
    return after

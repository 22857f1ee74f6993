"""Holds of a debit batch, and the money that was taken by force while they were open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.allocation import NewSettlement, allocate
from services.payments.domain.debt import Debt
from services.payments.domain.hold import frozen
from services.payments.storage.books import Books
from services.payments.storage.rows import END_HOLD
from shared.chassis.collection_rules import LAST_VERSION, declaration_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Hold:
    hold_id: int
    account_no: str
    item_no: int
    amount_fen: int
    as_of: date
    state: str


class OtherAccount(Refusal):
    code = "other_account"
    status = 409
    remedy = "Compare the result with what was sent: this item of the batch was claimed for another account."


def holds_of(work: Work, batch_no: int, item_nos: Collection[int]) -> dict[int, Hold]:
    """The holds of these items of a batch, by item number."""
    rows = work.rows(
        "SELECT hold_id, account_no, item_no, amount_fen, as_of, state FROM holds"
        " WHERE batch_no = %s AND item_no = ANY(%s)",
        (batch_no, list(item_nos)),
    )
    return {row[2]: Hold(*row) for row in rows}


def freeze_held(work: Work, hold_ids: Collection[int], debts: dict[str, list[Debt]]) -> None:
    """The debts of accounts with these open holds stand still as of the day on which the bank was sent for them."""
    if not hold_ids:
        return
    rows = work.rows(
        "SELECT account_no, as_of FROM holds WHERE hold_id = ANY(%s) AND state = 'open'", (list(hold_ids),)
    )
    for account_no, as_of in rows:
        if account_no in debts:
            debts[account_no] = frozen(debts[account_no], as_of)


def end_holds(work: Work, books: Books, holds: Collection[Hold], *, state: str) -> None:
    """``settled`` or ``released``: the accounts are free again."""
    work.change(END_HOLD, [(hold.hold_id, state) for hold in holds])
    for hold in holds:
        books.lift_hold(hold.account_no, hold.hold_id)


def settle_forced(work: Work, books: Books, holds: Collection[Hold], debts: dict[str, list[Debt]]) -> None:
    """Money that waited for these holds settles what the bank left open, as of its own day; the rest stays credit.

    Where the late fee stood still meanwhile, it settles what was asked for then: nothing grew since the day of sending.
    """
    sent_on = {hold.hold_id: hold.as_of for hold in holds}
    rows = work.rows(
        f"SELECT p.payment_id, p.account_no, p.payer, p.channel, p.received_on, c.amount_fen - c.used_fen, p.under_hold, {LAST_VERSION}"
        " FROM payments p JOIN credits c ON c.credit_id = p.payment_id"
        " WHERE p.under_hold = ANY(%s) AND c.used_fen < c.amount_fen ORDER BY p.payment_id",
        ([hold.hold_id for hold in holds],),
    )
    for payment_id, account_no, payer, code, received_on, credit_fen, hold_id, declared in rows:
        owing = debts.get(account_no, [])
        if declaration_of(work, declared).on(received_on).in_transit_freeze_late_fee:
            owing = frozen(owing, sent_on[hold_id])
        counts_on = owing[0].as_it_stands(received_on) if owing else received_on
        decided = allocate(owing, day=received_on, amount_fen=credit_fen, channel=channel(code), payer=payer,
                           take_any=True)  # fmt: skip
        settlements = _cut_to(credit_fen, decided.settlements)
        after = books.settle(payment_id, settlements, owing, day=counts_on, source=ledger.CREDIT)
        debts[account_no] = [replace(debt, frozen_on=None) for debt in after]


def _cut_to(credit_fen: int, settlements: list[NewSettlement]) -> list[NewSettlement]:
    """Cash may settle some fen more than it is, by rounding; credit cannot: these fen of late fee stay open."""
    over_fen = sum(part.paid_fen + part.late_fee_fen for part in settlements) - credit_fen
    for part in reversed(settlements):
        cut_fen = max(0, min(part.late_fee_fen, over_fen))
        part.late_fee_fen -= cut_fen
        over_fen -= cut_fen
    return [
        part for part in settlements if part.paid_fen or part.discount_fen or part.rounding_fen or part.late_fee_fen
    ]

"""A payment is taken back: posted to the wrong home, bounced, never charged by the bank. As if it had never been made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.debt import Debt
from services.payments.domain.hold import InBankCollection
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import debts_of_bills
from services.payments.storage.rows import PaymentRow, SettlementRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound, Refusal
from shared.kernel.money import format_yuan
from shared.messages.payments import PaymentsReversed, ReversedPayment


class AlreadyReversed(Refusal):
    code = "already_reversed"
    status = 409
    remedy = "Nothing is left to do: this payment was taken back before."


class ReversalWindowClosed(Refusal):
    code = "reversal_window_closed"
    status = 409
    remedy = "After the day of payment a supervisor takes it back in the hall."


@dataclass(frozen=True, slots=True)
class Reversal:
    """``in_hall``: a supervisor does it, on any later day too."""

    payment_id: int
    reason: str
    in_hall: bool = False


@dataclass(frozen=True, slots=True)
class Reverse:
    reversals: tuple[Reversal, ...]


class _Paid(NamedTuple):
    payment_id: int
    account_no: str
    payer: str
    channel: str
    amount_fen: int
    partner: str | None
    booked_on: date
    reverses: int | None
    reversed_by: int | None
    credit_fen: int
    credit_used_fen: int


class _Settled(NamedTuple):
    settlement_id: int
    receivable_id: int
    payment_id: int
    paid_fen: int
    discount_fen: int
    rounding_fen: int
    late_fee_fen: int
    by_credit: bool
    from_credit: bool
    bill_no: int
    season: int


def reverse(command: Reverse, work: Work) -> dict[str, Any]:
    """Take all payments of the list back, or none: settlements, credit, rounding and discount go with them.

    Refuses `not_found`, `already_reversed`, `reversal_window_closed`, `in_bank_collection`.
    """
    wanted = {reversal.payment_id: reversal for reversal in command.reversals}
    account_of = dict(work.rows(
        "SELECT payment_id, account_no FROM payments WHERE payment_id = ANY(%s)", (list(wanted),)
    ))  # fmt: skip
    for payment_id in wanted:
        if payment_id not in account_of:
            raise NotFound("there is no such payment", payment_id=payment_id)
    accounts = lock_accounts(work, set(account_of.values()))
    for account in accounts.values():
        if account.hold_id is not None:
            raise InBankCollection("a bank is collecting from this account", account_no=account.account_no)
    paid = {payment.payment_id: payment for payment in _paid(work, list(wanted))}
    books = Books(work, accounts)
    told = []
    ids = work.new_ids(len(wanted))
    for (payment_id, reversal), new_id in zip(wanted.items(), ids, strict=True):
        _assert_open(paid[payment_id], reversal, work.today)
        told.append(_take_back(books, work, paid[payment_id], reversal, new_id))
    books.close()
    work.emit(PaymentsReversed(tuple(told)))
    return {"reversals": [
        {"payment_id": t.payment_id, "reverses": t.reverses, "account_no": t.account_no, "amount": format_yuan(t.amount_fen)}
        for t in told
    ]}  # fmt: skip


def _assert_open(payment: _Paid, reversal: Reversal, today: date) -> None:
    if payment.reversed_by is not None:
        raise AlreadyReversed("this payment was taken back before", payment_id=payment.payment_id)
    if payment.reverses is not None:
        raise AlreadyReversed("this is itself a reversal", payment_id=payment.payment_id)
    if payment.booked_on != today and not reversal.in_hall:
        raise ReversalWindowClosed(
            "this payment is of an earlier day", payment_id=payment.payment_id, booked_on=payment.booked_on.isoformat()
        )


def _take_back(books: Books, work: Work, payment: _Paid, reversal: Reversal, new_id: int) -> ReversedPayment:
    source = channel(payment.channel).ledger
    settled = _settled(work, payment.payment_id)
    work.add([PaymentRow(
        new_id, work.command_id, payment.account_no, payment.payer, payment.channel, -payment.amount_fen, work.today,
        payment.partner, None, None, None, payment.payment_id, reversal.reason,
    )])  # fmt: skip
    ids = work.new_ids(len(settled))
    work.add(
        SettlementRow(settlement_id, work.command_id, s.receivable_id, payment.payment_id, work.today, -s.paid_fen,
                      -s.discount_fen, -s.rounding_fen, -s.late_fee_fen, s.by_credit, s.settlement_id)
        for settlement_id, s in zip(ids, settled, strict=True)
    )  # fmt: skip
    _reopen(books, work, payment, settled)
    _post_back(books, payment, settled, source)
    return ReversedPayment(payment.account_no, books.version_of(payment.account_no), new_id, payment.payment_id,
                           payment.amount_fen, work.today, reversal.reason)  # fmt: skip


def _reopen(books: Books, work: Work, payment: _Paid, settled: list[_Settled]) -> None:
    """Drop the settlements from the histories; what is open follows."""
    bills = {s.bill_no for s in settled}
    gone = {(s.receivable_id, s.payment_id) for s in settled}
    for debt in debts_of_bills(work, [payment.account_no], bills).get(payment.account_no, []):
        if debt.payer == payment.payer:
            books.changed(_without(debt, gone), _given_back(debt, settled), day=work.today)


def _without(debt: Debt, gone: set[tuple[int, int]]) -> Debt:
    left = tuple(s for s in debt.settlements if (s.receivable_id, s.payment_id) not in gone)
    return dataclasses.replace(debt, settlements=left)


def _given_back(debt: Debt, settled: list[_Settled]) -> dict[int, int]:
    back: dict[int, int] = {}
    for s in settled:
        if s.bill_no == debt.bill_no:
            principal_fen = s.paid_fen + s.discount_fen + s.rounding_fen
            back[s.receivable_id] = back.get(s.receivable_id, 0) - principal_fen
    return back


def _post_back(books: Books, payment: _Paid, settled: list[_Settled], source: str) -> None:
    """The payment's postings the other way round; money that was credit goes back to credit, and from there out."""
    directly_fen = 0
    for s in settled:
        directly_fen += 0 if s.from_credit else s.paid_fen + s.late_fee_fen
        books.post(ledger.settlement_postings(
            ledger.CREDIT if s.from_credit else source, paid_fen=-s.paid_fen, discount_fen=-s.discount_fen,
            rounding_fen=-s.rounding_fen, late_fee_fen=-s.late_fee_fen, account_no=payment.account_no,
            payer=payment.payer, season=s.season, reference=payment.payment_id,
        ))  # fmt: skip
    rounding_fen = payment.amount_fen - directly_fen - payment.credit_fen
    for account, amount_fen in ((ledger.CREDIT, payment.credit_fen), (ledger.ROUNDING, rounding_fen)):
        books.post(ledger.moved(source, account, -amount_fen, account_no=payment.account_no, payer=payment.payer,
                                season=None, reference=payment.payment_id))  # fmt: skip
    if payment.credit_fen:
        books.use_credit(payment.payment_id, payment.credit_fen - payment.credit_used_fen)


def _paid(work: Work, payment_ids: list[int]) -> list[_Paid]:
    rows = work.rows(
        "SELECT p.payment_id, p.account_no, p.payer, p.channel, p.amount_fen, p.partner, c.business_on, p.reverses,"
        " back.payment_id, coalesce(k.amount_fen, 0), coalesce(k.used_fen, 0)"
        " FROM payments p JOIN commands c USING (command_id) LEFT JOIN payments back ON back.reverses = p.payment_id"
        " LEFT JOIN credits k ON k.payment_id = p.payment_id WHERE p.payment_id = ANY(%s)",
        (payment_ids,),
    )
    return [_Paid(*row) for row in rows]


def _settled(work: Work, payment_id: int) -> list[_Settled]:
    """What the payment settles now. Money from its credit is told by the command: not the payment's own."""
    rows = work.rows(
        "SELECT s.settlement_id, s.receivable_id, s.payment_id, s.paid_fen, s.discount_fen, s.rounding_fen,"
        " s.late_fee_fen, s.by_credit, s.command_id <> p.command_id, r.bill_no, r.season"
        " FROM settlements s JOIN payments p USING (payment_id) JOIN receivables r USING (receivable_id)"
        " WHERE s.payment_id = %s AND s.reverses IS NULL"
        " AND NOT EXISTS (SELECT FROM settlements back WHERE back.reverses = s.settlement_id) ORDER BY s.settlement_id",
        (payment_id,),
    )
    return [_Settled(*row) for row in rows]

"""A payment is taken back: posted to the wrong home, bounced, never charged by the bank. As if it had never been made."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.debt import Debt
from services.payments.domain.hold import InBankCollection
from services.payments.domain.reversal import AlreadyReversed, Reversal
from services.payments.storage.accounts import LockedAccount, lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.corrections import FreeCredit, free_credits, settle_again
from services.payments.storage.debts import debts_of_bills
from services.payments.storage.group_payments import GroupPayment
from services.payments.storage.group_reversals import GroupReversals
from services.payments.storage.refunds import assert_not_paid_back
from services.payments.storage.rows import PaymentRow, SettlementRow
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound, Refusal, refused_at
from shared.kernel.money import format_yuan
from shared.messages.accounts import CollectionRules
from shared.messages.payments import PaymentsReversed, ReversedPayment


class ReversalWindowClosed(Refusal):
    code = "reversal_window_closed"
    status = 409
    remedy = "A supervisor takes it back in the hall; a cashier's own payments are his to take back on their day."


class NothingWasReceived(Refusal):
    code = "nothing_was_received"
    status = 409
    remedy = "A subsidy follows the bill: take back the payment that settled the bill."


@dataclass(frozen=True, slots=True)
class Reverse:
    reversals: tuple[Reversal, ...]


_Share = tuple[int, str]


class _Paid(NamedTuple):
    payment_id: int
    account_no: str
    payer: str
    channel: str
    amount_fen: int
    partner: str | None
    booked_on: date
    booked_by: str
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
    payer: str


def reverse(command: Reverse, work: Work) -> dict[str, Any]:
    """Take all payments of the list back, or none: settlements, credit, rounding and discount go with them.

    The receipt number stays with the payment: a number that was given out is never given out again.

    Refuses `not_found`, `already_reversed`, `reversal_window_closed`, `in_bank_collection`,
    `nothing_was_received`, `part_of_group_payment`; ``place`` says which. `paid_back` where money of one of them was paid
    back, or is promised; `busy` where a bill used a group payment's credit a moment ago.
    """
    groups = GroupReversals(work, command.reversals)
    command = Reverse(groups.reversals)
    payment_ids = [reversal.payment_id for reversal in command.reversals]
    accounts = lock_accounts(work, _accounts_of(work, command, groups))
    groups.assert_as_read(work)
    paid = {payment.payment_id: payment for payment in _paid(work, payment_ids)}
    rules = rules_on(work, work.today)
    for place, group, asked in groups.taken():  # the window is that of the whole
        with refused_at(f"/reversals/{place}", payment_id=asked.payment_id):
            if not asked.in_hall:
                _assert_in_window(group, work, rules)
    for place, reversal in enumerate(command.reversals):
        with refused_at(f"/reversals/{groups.place(place)}", payment_id=reversal.payment_id):
            if reversal.payment_id not in groups.members:
                _assert_open(paid[reversal.payment_id], reversal, work, accounts, rules)
    assert_not_paid_back(work, payment_ids)
    settled = _settled(work, payment_ids)
    debts = _debts(work, accounts, settled)
    free = free_credits(work, {bill_no for bill_no, _ in debts}, payment_ids)
    books = Books(work, accounts)
    told = []
    for reversal, new_id in zip(command.reversals, work.new_ids(len(payment_ids)), strict=True):
        payment = paid[reversal.payment_id]
        told.append(_take_back(books, payment, settled.get(payment.payment_id, []), reversal, new_id, debts, free,
                                payment_ids, _source(payment, groups)))  # fmt: skip
    whole = groups.take_back(books)
    books.close()
    if told:
        work.emit(PaymentsReversed(tuple(told)))
    return {"reversals": [
        {"payment_id": t.payment_id, "reverses": t.reverses, "account_no": t.account_no, "amount": format_yuan(t.amount_fen)}
        for t in told if t.reverses not in groups.members
    ] + whole}  # fmt: skip


def _source(payment: _Paid, groups: GroupReversals) -> str:
    """Where the money goes back to."""
    return ledger.GROUP_CREDIT if groups.had_waited(payment.payment_id) else channel(payment.channel).ledger


def _accounts_of(work: Work, command: Reverse, groups: GroupReversals) -> set[str]:
    """The accounts to lock: known before anything is read that may change."""
    account_of = dict(work.rows(
        "SELECT payment_id, account_no FROM payments WHERE payment_id = ANY(%s)", ([r.payment_id for r in command.reversals],)
    ))  # fmt: skip
    for place, reversal in enumerate(command.reversals):
        with refused_at(f"/reversals/{groups.place(place)}", payment_id=reversal.payment_id):
            if reversal.payment_id not in account_of:
                raise NotFound("there is no such payment")
    return set(account_of.values())


def _assert_open(payment: _Paid, reversal: Reversal, work: Work, accounts: dict[str, LockedAccount],
                 rules: CollectionRules) -> None:  # fmt: skip
    if payment.reversed_by is not None:
        raise AlreadyReversed("this payment was taken back before", reversed_by=payment.reversed_by)
    if payment.reverses is not None:
        raise AlreadyReversed("this is itself a reversal", reverses=payment.reverses)
    if not channel(payment.channel).moves_money:
        raise NothingWasReceived("no money came with this", channel=payment.channel)
    if accounts[payment.account_no].hold_id is not None and rules.in_transit_blocks_other_channels:
        raise InBankCollection("a bank is collecting from this account", account_no=payment.account_no)
    if not reversal.in_hall:
        _assert_in_window(payment, work, rules)


def _assert_in_window(payment: _Paid | GroupPayment, work: Work, rules: CollectionRules) -> None:
    """Both windows end with the day. Nobody opens and closes shifts so far: a shift is one's own payments of a day."""
    if payment.booked_on != work.today:
        raise ReversalWindowClosed("this payment is of an earlier day", booked_on=payment.booked_on.isoformat())
    if rules.cashier_reverse_window == "SAME_SHIFT" and payment.booked_by != work.caller.actor:
        raise ReversalWindowClosed("this payment was taken in somebody else's shift", booked_by=payment.booked_by)


def _take_back(books: Books, payment: _Paid, settled: list[_Settled], reversal: Reversal, new_id: int,
               debts: dict[_Share, Debt], free: list[FreeCredit], taken_back: Collection[int],
               source: str) -> ReversedPayment:  # fmt: skip
    work = books.work
    work.add([PaymentRow(
        new_id, work.command_id, payment.account_no, payment.payer, payment.channel, -payment.amount_fen, work.today,
        payment.partner, None, None, None, payment.payment_id, reversal.reason,
    )])  # fmt: skip
    ids = work.new_ids(len(settled))
    books.take_back(
        SettlementRow(settlement_id, work.command_id, s.receivable_id, payment.payment_id, work.today, -s.paid_fen,
                      -s.discount_fen, -s.rounding_fen, -s.late_fee_fen, s.by_credit, s.settlement_id)
        for settlement_id, s in zip(ids, settled, strict=True)
    )  # fmt: skip
    _reopen(books, payment, settled, debts)
    for credit in [credit for credit in free if credit.payment_id == payment.payment_id]:
        books.use_credit(credit.credit_id, credit.left_fen)
        free.remove(credit)
    shares = {(s.bill_no, s.payer) for s in settled}
    for credit in [credit for credit in free if credit.share in shares and credit.payment_id not in taken_back]:
        left_fen, debts[credit.share] = settle_again(books, debts[credit.share], credit)
        free[free.index(credit)] = credit._replace(left_fen=left_fen)
    _post_back(books, payment, settled, source)
    return ReversedPayment(payment.account_no, books.version_of(payment.account_no), new_id, payment.payment_id,
                           payment.amount_fen, work.today, reversal.reason)  # fmt: skip


def _debts(work: Work, account_nos: Collection[str], settled: dict[int, list[_Settled]]) -> dict[_Share, Debt]:
    """By bill and payer: the shares that the payments settle, with everything that was settled of them."""
    bills = {s.bill_no for of_payment in settled.values() for s in of_payment}
    found = debts_of_bills(work, account_nos, bills) if bills else {}
    return {(debt.bill_no, debt.payer): debt for of_account in found.values() for debt in of_account}


def _reopen(books: Books, payment: _Paid, settled: list[_Settled], debts: dict[_Share, Debt]) -> None:
    """Drop the payment's settlements from the histories, so that the next one of the list sees them without; what is
    open follows."""
    for share in sorted({(s.bill_no, s.payer) for s in settled}):
        left = tuple(s for s in debts[share].settlements if s.payment_id != payment.payment_id)
        debts[share] = dataclasses.replace(debts[share], settlements=left)
        books.changed(debts[share], _given_back(share[0], settled), day=books.work.today)


def _given_back(bill_no: int, settled: list[_Settled]) -> dict[int, int]:
    back: dict[int, int] = {}
    for s in settled:
        if s.bill_no == bill_no:
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
            payer=s.payer, season=s.season, reference=payment.payment_id,
        ))  # fmt: skip
    rounding_fen = payment.amount_fen - directly_fen - payment.credit_fen
    for account, amount_fen in ((ledger.CREDIT, payment.credit_fen), (ledger.ROUNDING, rounding_fen)):
        books.post(ledger.moved(source, account, -amount_fen, account_no=payment.account_no, payer=payment.payer,
                                season=None, reference=payment.payment_id))  # fmt: skip
    if payment.credit_fen:
        books.use_credit(payment.payment_id, payment.credit_fen - payment.credit_used_fen)


def _paid(work: Work, payment_ids: list[int]) -> list[_Paid]:
    rows = work.rows(
        "SELECT p.payment_id, p.account_no, p.payer, p.channel, p.amount_fen, p.partner, c.business_on, c.actor, p.reverses,"
        " back.payment_id, coalesce(k.amount_fen, 0), coalesce(k.used_fen, 0)"
        " FROM payments p JOIN commands c USING (command_id) LEFT JOIN payments back ON back.reverses = p.payment_id"
        " LEFT JOIN credits k ON k.credit_id = p.payment_id WHERE p.payment_id = ANY(%s)",
        (payment_ids,),
    )
    return [_Paid(*row) for row in rows]


def _settled(work: Work, payment_ids: list[int]) -> dict[int, list[_Settled]]:
    """By payment, what it settles now. Money from its credit is told by the command: not the payment's own."""
    rows = work.rows(
        "SELECT s.settlement_id, s.receivable_id, s.payment_id, s.paid_fen, s.discount_fen, s.rounding_fen,"
        " s.late_fee_fen, s.by_credit, s.command_id <> p.command_id, r.bill_no, r.season, r.payer"
        " FROM settlements s JOIN payments p USING (payment_id) JOIN receivables r USING (receivable_id)"
        " WHERE s.payment_id = ANY(%s) AND s.reverses IS NULL"
        " AND NOT EXISTS (SELECT FROM settlements back WHERE back.reverses = s.settlement_id) ORDER BY s.settlement_id",
        (payment_ids,),
    )
    by_payment: defaultdict[int, list[_Settled]] = defaultdict(list)
    for row in rows:
        settled = _Settled(*row)
        by_payment[settled.payment_id].append(settled)
    return by_payment

"""Corrections of bills in the books: those that are there, and what a reduction writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.allocation import open_parts
from services.payments.domain.correction import REIMBURSEMENT, Correction, Lowered
from services.payments.domain.credit import Credit
from services.payments.domain.debt import Debt, Settlement
from services.payments.storage.books import Books
from services.payments.storage.rows import CreditRow, ReductionRow, SettlementRow
from shared.chassis.unit_of_work import Work


def known_corrections(work: Work, correction_ids: Collection[int]) -> set[int]:
    """Those of the corrections that are in the books."""
    rows = work.rows("SELECT correction_id FROM corrections WHERE correction_id = ANY(%s)", (list(correction_ids),))
    return {row[0] for row in rows}


def corrections_of(work: Work, bill_nos: Collection[int]) -> dict[int, Correction]:
    """Every correction of these bills, by its number."""
    rows = work.rows(
        "SELECT correction_id, amount_fen, kind, suspended FROM corrections WHERE correction_id IN"
        " (SELECT s.correction_id FROM receivables r JOIN settlements s USING (receivable_id)"
        "  WHERE r.bill_no = ANY(%s) AND s.correction_id IS NOT NULL)",
        (list(bill_nos),),
    )
    return {row[0]: Correction(*row) for row in rows}


def lower_debt(books: Books, debt: Debt, correction: Correction, lowered: Lowered, *,
               day: date) -> tuple[Debt, list[Credit]]:  # fmt: skip
    """Write what a reduction does; the debt after it, and the credit that it set free."""
    work, correction_id = books.work, correction.correction_id
    gone = [
        Settlement(part.receivable_id, part.payment_id, day, -taken.paid_fen, -taken.discount_fen, -taken.rounding_fen,
                   by_credit=part.by_credit, correction_id=correction_id)
        for part, taken in lowered.taken_back.items()
    ]  # fmt: skip
    settlement_ids = work.new_ids(len(gone)) if gone else range(0)
    credit_ids = work.new_ids(len(lowered.credits)) if lowered.credits else range(0)
    free = list(zip(credit_ids, lowered.credits.items(), strict=True))
    books.take_back(
        [SettlementRow(settlement_id, work.command_id, s.receivable_id, s.payment_id, day, s.paid_fen, s.discount_fen,
                       s.rounding_fen, 0, s.by_credit, None, correction_id)
         for settlement_id, s in zip(settlement_ids, gone, strict=True)],
        [CreditRow(credit_id, payment_id, debt.account_no, debt.payer, day, fen, 0, correction_id, lowered.refund_via)
         for credit_id, (payment_id, fen) in free],
    )  # fmt: skip
    _post(books, debt, correction, gone)
    after = _after(debt, correction, lowered, gone, day)
    settled_fen: defaultdict[int, int] = defaultdict(int)
    for settlement in gone:
        settled_fen[settlement.receivable_id] += settlement.principal_fen
    rows = [ReductionRow(correction_id, key, fen, day) for key, fen in sorted(lowered.reductions.items())]
    books.correct(after, settled_fen, rows, day=day)
    channel_of = _channels(work, lowered.credits) if free else {}
    return after, [
        Credit(credit_id, payment_id, fen, day, channel(channel_of[payment_id]))
        for credit_id, (payment_id, fen) in free
    ]


def _after(debt: Debt, correction: Correction, lowered: Lowered, gone: list[Settlement], day: date) -> Debt:
    parts = tuple(
        replace(part, reductions=(*part.reductions, (day, lowered.reductions[part.receivable_id])))
        if part.receivable_id in lowered.reductions else part
        for part in debt.receivables
    )  # fmt: skip
    return replace(debt, suspended=correction.suspended, receivables=parts, settlements=(*debt.settlements, *gone))


def _post(books: Books, debt: Debt, correction: Correction, gone: list[Settlement]) -> None:
    where: dict[str, Any] = {"account_no": debt.account_no, "payer": debt.payer, "season": debt.season,
             "reference": correction.correction_id}  # fmt: skip
    books.post(ledger.moved(ledger.RECEIVABLE, billed_from(correction.kind), correction.amount_fen, **where))
    for s in gone:
        books.post(ledger.settlement_postings(
            ledger.CREDIT, paid_fen=s.paid_fen, discount_fen=s.discount_fen, rounding_fen=s.rounding_fen,
            late_fee_fen=0, **where,
        ))  # fmt: skip


def billed_from(kind: str) -> str:
    """The ledger account that a correction of this kind bills from: a reimbursement is no further income."""
    return ledger.SUBSIDY if kind == REIMBURSEMENT else ledger.HEAT_INCOME


class FreeCredit(NamedTuple):
    """Money of a payment that a correction set free, as far as it is not used; ``share`` is the bill and the payer."""

    credit_id: int
    payment_id: int
    left_fen: int
    correction_id: int
    corrected_on: date
    share: tuple[int, str]


def free_credits(work: Work, bill_nos: Collection[int], payment_ids: Collection[int]) -> list[FreeCredit]:
    """What corrections of these bills, or of any bill that these payments met, set free and nobody used so far."""
    rows = work.rows(
        "SELECT k.credit_id, k.payment_id, k.amount_fen - k.used_fen, k.correction_id, k.received_on, c.bill_no, c.payer"
        " FROM credits k JOIN corrections c USING (correction_id, account_no)"
        " WHERE k.account_no IN (SELECT account_no FROM payments WHERE payment_id = ANY(%s)) AND k.used_fen < k.amount_fen"
        " AND (c.bill_no = ANY(%s) OR k.payment_id = ANY(%s)) ORDER BY k.received_on, k.credit_id",
        (list(payment_ids), list(bill_nos), list(payment_ids)),
    )
    return [FreeCredit(row[0], row[1], row[2], row[3], row[4], (row[5], row[6])) for row in rows]


def settle_again(books: Books, debt: Debt, credit: FreeCredit) -> tuple[int, Debt]:
    """Money that a correction set free goes back to its bill, of which another payment was taken back.

    As if that payment had never been made: less would have become free. What is left of the credit, and the debt.
    """
    left_fen = credit.left_fen
    met: list[Settlement] = []
    for part, open_fen in open_parts(debt):
        paid_fen = min(open_fen, left_fen)
        if paid_fen:
            met.append(Settlement(part.receivable_id, credit.payment_id, credit.corrected_on, paid_fen,
                                  correction_id=credit.correction_id))  # fmt: skip
            left_fen -= paid_fen
    if met:
        debt = _taken_again(books, debt, credit, met)
    return left_fen, debt


def _taken_again(books: Books, debt: Debt, credit: FreeCredit, met: list[Settlement]) -> Debt:
    work = books.work
    books.take_back(
        [SettlementRow(settlement_id, work.command_id, s.receivable_id, s.payment_id, s.settled_on, s.paid_fen, 0, 0, 0,
                       False, None, s.correction_id)
         for settlement_id, s in zip(work.new_ids(len(met)), met, strict=True)],
        [],
    )  # fmt: skip
    books.use_credit(credit.credit_id, sum(s.paid_fen for s in met))
    for s in met:
        books.post(ledger.moved(ledger.CREDIT, ledger.RECEIVABLE, s.paid_fen, account_no=debt.account_no,
                                payer=debt.payer, season=debt.season, reference=credit.payment_id))  # fmt: skip
    after = replace(debt, settlements=(*debt.settlements, *met))
    books.changed(after, {s.receivable_id: s.paid_fen for s in met}, day=work.today)
    return after


def _channels(work: Work, payment_ids: Collection[int]) -> dict[int, str]:
    return dict(work.rows("SELECT payment_id, channel FROM payments WHERE payment_id = ANY(%s)", (list(payment_ids),)))

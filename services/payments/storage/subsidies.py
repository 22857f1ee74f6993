"""Reimbursements in the books: what other payers bear of bills that households settled, as credit of these households.

The two sides of a reimbursement meet in one ledger account: the other payer's share is billed from it, the household's
credit is paid into it. It is empty when everything has been told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from services.payments.domain import ledger
from services.payments.domain.allocation import Allocation
from services.payments.domain.correction import REIMBURSEMENT
from services.payments.storage.books import Books
from services.payments.storage.rows import PaymentRow, SubsidyRow
from shared.messages.accounts import CorrectedBill

SUBSIDY = "subsidy"
"""The channel by which no money comes."""

_LEFT = """
SELECT s.bill_no, s.payer, k.credit_id, k.amount_fen - k.used_fen
FROM subsidies s JOIN credits k ON k.credit_id = s.payment_id
WHERE s.bill_no = ANY(%s) AND s.amount_fen > 0 AND k.used_fen < k.amount_fen ORDER BY k.credit_id
"""


class Subsidies:
    """What was left of the credit that the bills of these corrections brought; it is read once for all of them."""

    def __init__(self, books: Books, items: Iterable[CorrectedBill]) -> None:
        self._books = books
        self._left: defaultdict[tuple[int, str], list[list[int]]] = defaultdict(list)
        bills = {item.bill_no for item in items if item.kind == REIMBURSEMENT and item.amount_fen < 0}
        for bill_no, payer, *left in books.work.rows(_LEFT, (sorted(bills),)) if bills else ():
            self._left[bill_no, payer].append(left)

    def give(self, item: CorrectedBill, household: str, *, refund_via: int | None) -> None:
        """The amount of the correction becomes credit of the household."""
        books, payment_id = self._books, self._books.work.new_ids(1)[0]
        row = PaymentRow(payment_id, books.work.command_id, item.account_no, household, SUBSIDY, item.amount_fen,
                         item.posted_on)  # fmt: skip
        kept = Allocation(settlements=[], credit_fen=item.amount_fen, rounding_fen=0)
        books.receive(row, kept, [], day=item.posted_on, refund_via=refund_via)
        self._write(item, payment_id, household, item.amount_fen)
        self._left[item.bill_no, item.payer].append([payment_id, item.amount_fen])

    def take_back(self, item: CorrectedBill, household: str) -> int:
        """Take what is left of that credit, the youngest first; how much of what is to be taken was gone already."""
        gone_fen = -item.amount_fen
        for left in reversed(self._left[item.bill_no, item.payer]):
            taken_fen = min(left[1] - self._books.used_fen(left[0]), gone_fen)
            if taken_fen:
                self._books.use_credit(left[0], taken_fen)
                self._write(item, left[0], household, -taken_fen)
                gone_fen -= taken_fen
        self._books.post(ledger.moved(
            ledger.CREDIT, ledger.SUBSIDY, -item.amount_fen - gone_fen, account_no=item.account_no, payer=household,
            season=item.season, reference=item.correction_id,
        ))  # fmt: skip
        return gone_fen

    def _write(self, item: CorrectedBill, payment_id: int, household: str, amount_fen: int) -> None:
        work = self._books.work
        self._books.add([SubsidyRow(item.correction_id, payment_id, work.command_id, item.account_no, item.bill_no, item.payer,
                             household, amount_fen)])  # fmt: skip

"""Bills that `accounts` corrected: an extra line is owed on top, a reduction lowers what is open or becomes credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from services.payments.domain import ledger
from services.payments.domain.correction import REIMBURSEMENT, Correction, last_payment, lower
from services.payments.domain.credit import Credit, use_credit_on_line
from services.payments.domain.debt import Debt, Receivable
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.corrections import billed_from, corrections_of, known_corrections, lower_debt
from services.payments.storage.credits import open_credits
from services.payments.storage.debts import debts_of_bills, keep_terms, open_debts
from services.payments.storage.group_payments import keep_payers, meet_group_credit
from services.payments.storage.rows import CorrectionRow, ReceivableRow
from services.payments.storage.subsidies import Subsidies
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.messages.accounts import SELF, BillsCorrected, CorrectedBill, PaymentTerms

SEASON = "season"
"""The kind of bills that are corrected; an opening balance is what an old system said, and stays."""

_Share = tuple[int, str]
_Payer = tuple[str, str]


class NotBilled(Refusal):
    code = "not_billed"
    remedy = "Look at the bills of the account; what was never billed cannot be lowered."


def correct_bills(event: BillsCorrected, work: Work) -> None:
    """Each correction once, in the order of the list; one that is in the books is passed over.

    Refuses `not_billed`, `correction_too_large`.
    """
    keep_terms(work, event.terms)
    known = known_corrections(work, [item.correction_id for item in event.items])
    items = [item for item in event.items if item.correction_id not in known]
    if not items:
        return
    desk = _Desk(work, items, event.terms)
    keep_payers(work, {(item.payer, item.account_no) for item in items if item.amount_fen > 0})
    for item in items:
        desk.correct(item)
    meet_group_credit(desk.books, [desk.debts[share] for share in desk.raised])
    desk.books.close()


class _Desk:
    """The shares and credits that a list of corrections concerns, as each correction leaves them."""

    def __init__(self, work: Work, items: list[CorrectedBill], terms: Mapping[str, PaymentTerms]) -> None:
        account_nos, bill_nos = {item.account_no for item in items}, {item.bill_no for item in items}
        self.work, self.terms = work, terms
        self.books = Books(work, lock_accounts(work, account_nos))
        found = debts_of_bills(work, account_nos, bill_nos)
        self.debts: dict[_Share, Debt] = {(d.bill_no, d.payer): d for of_account in found.values() for d in of_account}
        self.subsidies = Subsidies(self.books, items)
        self.raised: dict[_Share, None] = {}
        self.earlier = corrections_of(work, bill_nos) if any(item.amount_fen < 0 for item in items) else {}
        self.credits: defaultdict[_Payer, list[Credit]] = defaultdict(list)
        self.others: dict[str, list[Debt]] = {}
        if any(item.amount_fen > 0 or item.kind == REIMBURSEMENT for item in items):
            self.credits.update(open_credits(work, account_nos))
            self.others = open_debts(work, {account_no for account_no, _ in self.credits}) if self.credits else {}

    def correct(self, item: CorrectedBill) -> None:
        self.work.add([CorrectionRow(
            item.correction_id, self.work.command_id, item.account_no, item.bill_no, item.payer, item.season, item.kind,
            item.amount_fen, item.suspended, item.posted_on,
        )])  # fmt: skip
        share = (item.bill_no, item.payer)
        if item.amount_fen > 0:
            self.debts[share] = self._raised(item, self.debts.get(share))
        elif share not in self.debts:
            if item.amount_fen:
                raise NotBilled("this payer was not billed", account_no=item.account_no, payer=item.payer)
        elif item.amount_fen < 0:
            self.debts[share] = self._lowered(item, self.debts[share])
        else:
            self.debts[share] = replace(self.debts[share], suspended=item.suspended)
            self.books.correct(self.debts[share], {}, [], day=item.posted_on)
        if item.kind == REIMBURSEMENT and item.amount_fen:
            self._reimburse(item, item.credited or SELF)

    def _reimburse(self, item: CorrectedBill, household: str) -> None:
        """The household's side: credit, or credit taken back; of what is gone of it already it owes a line."""
        share = (item.bill_no, household)
        if item.amount_fen > 0:
            settled = self.debts.get(share)
            self.subsidies.give(item, household, refund_via=last_payment(settled) if settled else None)
            return
        gone_fen = self.subsidies.take_back(item, household)
        if gone_fen:
            line = replace(item, payer=household, amount_fen=gone_fen)
            self.debts[share] = self._raised(line, self.debts.get(share))

    def _raised(self, item: CorrectedBill, debt: Debt | None) -> Debt:
        """An extra line, or the first of a share that was not billed so far; the payer's credit meets it."""
        line = Receivable(self.work.new_ids(1)[0], item.amount_fen, item.due_on, item.posted_on)
        if debt is None:
            debt = Debt(item.bill_no, item.account_no, item.season, item.payer, item.price_class, item.suspended,
                        self.terms[item.terms], ())  # fmt: skip
        parts = sorted([*debt.receivables, line], key=lambda part: (part.due_on, part.posted_on, part.receivable_id))
        debt = replace(debt, suspended=item.suspended, receivables=tuple(parts))
        self.books.open([ReceivableRow(
            line.receivable_id, self.work.command_id, item.account_no, item.bill_no, len(parts), item.season,
            item.payer, SEASON, item.price_class, item.suspended, item.terms, item.amount_fen, item.due_on,
            item.posted_on,
        )])  # fmt: skip
        self.books.correct(debt, {}, [], day=item.posted_on)
        self.books.post([ledger.Posting(ledger.RECEIVABLE, billed_from(item.kind), item.amount_fen, item.account_no,
                                        item.payer, item.season, line.receivable_id)])  # fmt: skip
        self.raised[debt.bill_no, debt.payer] = None
        return self._met_by_credit(debt, line)

    def _met_by_credit(self, debt: Debt, line: Receivable) -> Debt:
        read = self.credits[debt.account_no, debt.payer]
        left = [replace(each, amount_fen=each.amount_fen - self.books.used_fen(each.credit_id)) for each in read]
        credits = [each for each in left if each.amount_fen]
        if not credits:
            return debt
        uses = use_credit_on_line(debt, line, credits, others=self._others(debt))
        for use in uses:
            (debt,) = self.books.settle(use.payment_id, use.settlements, [debt], day=use.used_on, by_credit=True,
                                        source=ledger.CREDIT, credit_id=use.credit_id)  # fmt: skip
        return debt

    def _others(self, debt: Debt) -> list[Debt]:
        """The account's other open debts, as the corrections before this one left them."""
        mine = {(other.bill_no, other.payer): other for other in self.others.get(debt.account_no, [])}
        mine.update((share, other) for share, other in self.debts.items() if other.account_no == debt.account_no)
        mine.pop((debt.bill_no, debt.payer), None)
        return list(mine.values())

    def _lowered(self, item: CorrectedBill, debt: Debt) -> Debt:
        correction = Correction(item.correction_id, item.amount_fen, item.kind, item.suspended)
        lowered = lower(debt, correction, self.earlier)
        self.earlier[item.correction_id] = correction
        debt, credits = lower_debt(self.books, debt, correction, lowered, day=item.posted_on)
        self.credits[debt.account_no, debt.payer] += credits
        return debt

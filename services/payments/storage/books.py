"""Writing money into the books: payments, what they settle, the postings, and what the others are told.

Every command that moves money goes through here, so that rows, running sums, ledger and events cannot differ.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.payments.channels import channel
from services.payments.domain import ledger
from services.payments.domain.allocation import Allocation, NewSettlement
from services.payments.domain.debt import Debt, Settlement
from services.payments.domain.late_fee import nothing_open
from services.payments.storage.accounts import LockedAccount
from services.payments.storage.rows import (
    CORRECT,
    LIFT_HOLD,
    LIFT_HOLD_WITH_NEXT_VERSION,
    NEXT_VERSION,
    SETTLE,
    USE_CREDIT,
    CreditRow,
    PaymentRow,
    PostingRow,
    ReceivableRow,
    ReductionRow,
    SettlementRow,
)  # fmt: skip
from shared.chassis.unit_of_work import Work
from shared.messages.payments import ChangedDebt, DebtsChanged, PaymentsReceived, ReceivedPayment, SettledDebt


class Books:
    """The open books of one work. ``accounts`` are locked; call `close` once, at the end."""

    def __init__(self, work: Work, accounts: dict[str, LockedAccount]) -> None:
        self.work, self.accounts = work, accounts
        self._received: list[ReceivedPayment] = []
        self._changed: dict[tuple[int, str], ChangedDebt] = {}
        self._share_of: dict[int, tuple[int, str]] = {}
        self._versions: dict[str, int] = {}
        self._lifted: dict[str, int] = {}
        self._postings: list[ledger.Posting] = []
        self._receivables: dict[int, tuple[int, bool]] = {}
        self._credits: dict[int, int] = {}
        self._payments: list[PaymentRow] = []
        self._settlements: list[SettlementRow] = []
        self._new_credits: dict[int, CreditRow] = {}
        self._opened: list[ReceivableRow] = []
        self._corrected: dict[int, tuple[int, bool]] = {}
        self._reductions: list[ReductionRow] = []
        self._others: list[Any] = []

    def open(self, receivables: Iterable[ReceivableRow]) -> None:
        """New receivables; credit may meet them before the books are closed."""
        self._opened += receivables

    def receive(self, payment: PaymentRow, allocation: Allocation, debts: list[Debt], *, day: date,
                refund_via: int | None = None, source: str | None = None) -> list[Debt]:  # fmt: skip
        """Money in: the payment, what it settles as of ``day``, its credit. Returns the debts as they are after it.

        ``refund_via``: the payment through whose channel its credit would be refunded, if not through its own.
        ``source``: where the ledger takes the money from, if it did not come through the channel just now.
        """
        through = channel(payment.channel)
        source = source or through.ledger
        self._payments.append(payment)
        after = self.settle(payment.payment_id, allocation.settlements, debts, day=day, source=source)
        dimensions: dict[str, Any] = {"account_no": payment.account_no, "payer": payment.payer, "season": None,
                      "reference": payment.payment_id}  # fmt: skip
        if allocation.credit_fen:
            self._new_credits[payment.payment_id] = CreditRow(
                payment.payment_id, payment.payment_id, payment.account_no, payment.payer, payment.received_on,
                allocation.credit_fen, refund_via=refund_via,
            )  # fmt: skip
            self._post(source, ledger.CREDIT, allocation.credit_fen, **dimensions)
        if surplus_fen := _kept_by_rounding(payment, allocation):
            self._post(source, ledger.ROUNDING, surplus_fen, **dimensions)
        version = self._version(payment.account_no)
        if through.moves_money:
            self._received.append(
                ReceivedPayment(payment.account_no, version, payment.payment_id, payment.payer, payment.channel,
                                payment.amount_fen, payment.received_on, allocation.credit_fen)
            )  # fmt: skip
        return after

    def settle(self, payment_id: int, settlements: Iterable[NewSettlement], debts: list[Debt], *, day: date,
               source: str, by_credit: bool = False, credit_id: int | None = None) -> list[Debt]:  # fmt: skip
        """Money of a payment meets debts as of ``day``; ``source`` is where the ledger takes it from.

        ``credit_id``: which of the payment's credits is used, its own unless another is named.
        """
        by_bill: dict[tuple[int, str], list[NewSettlement]] = {}
        owner = {r.receivable_id: (debt.bill_no, debt.payer) for debt in debts for r in debt.receivables}
        for settlement in settlements:
            by_bill.setdefault(owner[settlement.receivable_id], []).append(settlement)
        return [
            self._settle_debt(debt, by_bill[debt.bill_no, debt.payer], payment_id, day, source, by_credit,
                              credit_id or payment_id)
            if (debt.bill_no, debt.payer) in by_bill else debt
            for debt in debts
        ]  # fmt: skip

    def _settle_debt(self, debt: Debt, parts: list[NewSettlement], payment_id: int, day: date, source: str,
                     by_credit: bool, credit_id: int) -> Debt:  # fmt: skip
        ids = self.work.new_ids(len(parts))
        for settlement_id, part in zip(ids, parts, strict=True):
            self._settlements.append(
                SettlementRow(settlement_id, self.work.command_id, part.receivable_id, payment_id, day, part.paid_fen,
                              part.discount_fen, part.rounding_fen, part.late_fee_fen, by_credit)
            )  # fmt: skip
            self._postings += ledger.settlement_postings(
                source, paid_fen=part.paid_fen, discount_fen=part.discount_fen, rounding_fen=part.rounding_fen,
                late_fee_fen=part.late_fee_fen, account_no=debt.account_no, payer=debt.payer, season=debt.season,
                reference=settlement_id,
            )  # fmt: skip
            if source == ledger.CREDIT:
                self.use_credit(credit_id, part.paid_fen + part.late_fee_fen)
        after = dataclasses.replace(debt, settlements=(*debt.settlements, *(
            Settlement(part.receivable_id, payment_id, day, part.paid_fen, part.discount_fen, part.rounding_fen,
                       part.late_fee_fen, by_credit) for part in parts)))  # fmt: skip
        self.changed(after, _principal_fen(parts), day=day)
        return after

    def changed(self, debt: Debt, settled_fen: dict[int, int], *, day: date) -> None:
        """A debt after settlements came or went: its parts' running sums, and whether anything is open still."""
        closed = nothing_open(debt, day)
        for receivable in debt.receivables:
            self._share_of[receivable.receivable_id] = (debt.bill_no, debt.payer)
            change_fen, _ = self._receivables.get(receivable.receivable_id, (0, False))
            change_fen += settled_fen.get(receivable.receivable_id, 0)
            self._receivables[receivable.receivable_id] = (change_fen, closed)
        self._changed[debt.bill_no, debt.payer] = ChangedDebt(
            debt.account_no, self._version(debt.account_no), debt.bill_no, debt.payer, debt.open_principal_fen,
            closed,
        )  # fmt: skip

    def correct(
        self, debt: Debt, settled_fen: dict[int, int], reductions: Iterable[ReductionRow], *, day: date
    ) -> None:
        """A debt after a correction: its parts' running sums, and whether its home is suspended now."""
        self.changed(debt, settled_fen, day=day)
        for receivable in debt.receivables:
            reduced_fen, _ = self._corrected.get(receivable.receivable_id, (0, False))
            self._corrected[receivable.receivable_id] = (reduced_fen, debt.suspended)
        for row in reductions:
            reduced_fen, suspended = self._corrected[row.receivable_id]
            self._corrected[row.receivable_id] = (reduced_fen + row.amount_fen, suspended)
            self._reductions.append(row)

    def assume(self, debt: Debt, payer: str, *, day: date) -> None:
        """Another payer owes the debt from now on, with its history; what is open moves in the ledger too."""
        after = dataclasses.replace(debt, payer=payer)
        self.work.rows("SELECT assume_debts(%s, %s)", ([part.receivable_id for part in debt.receivables], payer))
        for debit, credit, of in ((ledger.DEBT_ASSUMED, ledger.RECEIVABLE, debt.payer),
                                  (ledger.RECEIVABLE, ledger.DEBT_ASSUMED, payer)):  # fmt: skip
            self._post(debit, credit, debt.open_principal_fen, account_no=debt.account_no, payer=of, season=debt.season,
                       reference=debt.bill_no)  # fmt: skip
        self.changed(after, {}, day=day)
        self._changed[debt.bill_no, debt.payer] = ChangedDebt(
            debt.account_no, self._version(debt.account_no), debt.bill_no, debt.payer, 0, False
        )

    def take_back(self, settlements: Iterable[SettlementRow], credits: Iterable[CreditRow] = ()) -> None:
        """Money that leaves its settlements (rows below zero) and the credit that it becomes."""
        self._settlements += settlements
        self._new_credits.update((row.credit_id, row) for row in credits)

    def add(self, rows: Iterable[Any]) -> None:
        """Rows that refer to payments of this work, or to what they settle."""
        self._others += rows

    def post(self, postings: Iterable[ledger.Posting]) -> None:
        self._postings += postings

    def use_credit(self, credit_id: int, used_fen: int) -> None:
        """Credit that is used (or, below zero, comes back)."""
        self._credits[credit_id] = self._credits.get(credit_id, 0) + used_fen

    def used_fen(self, credit_id: int) -> int:
        """What this work used of a credit so far: what was read of it before is so much more than what is left."""
        return self._credits.get(credit_id, 0)

    def lift_hold(self, account_no: str, hold_id: int) -> None:
        """The account is free again of this hold."""
        self._lifted[account_no] = hold_id

    def version_of(self, account_no: str) -> int:
        return self._version(account_no)

    def close(self) -> None:
        """Hand everything to the work; nothing is in the books before."""
        work, command_id = self.work, self.work.command_id
        for credit_id in self._credits.keys() & self._new_credits.keys():
            used_fen = self._credits.pop(credit_id)
            self._new_credits[credit_id] = self._new_credits[credit_id]._replace(used_fen=used_fen)
        if self._receivables:
            self._opened = [self._met(row) for row in self._opened]
        work.add(self._opened)
        work.add(self._payments)
        work.add(self._settlements)
        work.add(self._new_credits.values())
        work.add(self._reductions)
        work.add(self._others)
        ids = work.new_ids(len(self._postings)) if self._postings else range(0)
        work.add(
            PostingRow(posting_id, command_id, work.today, *posting)
            for posting_id, posting in zip(ids, self._postings, strict=True)
        )
        corrected = sorted(self._corrected.items())
        work.change(CORRECT, [(key, *self._receivables.pop(key), *value) for key, value in corrected])
        work.change(SETTLE, [(key, *value) for key, value in sorted(self._receivables.items())])
        work.change(USE_CREDIT, [(key, used) for key, used in sorted(self._credits.items()) if used])
        self._touch_accounts()
        if self._received:
            work.emit(PaymentsReceived(tuple(self._received)))
        if self._changed:
            settled = _settled_by_share(self._settlements, self._share_of)
            work.emit(DebtsChanged(tuple(
                dataclasses.replace(changed, settlements=settled[share]) if share in settled else changed
                for share, changed in self._changed.items()
            )))  # fmt: skip

    def _touch_accounts(self) -> None:
        """Each account's row once, whatever happens to it."""
        moved, lifted = self._versions.keys(), sorted(self._lifted.items())
        self.work.change(NEXT_VERSION, [(account_no,) for account_no in sorted(moved - self._lifted.keys())])
        self.work.change(LIFT_HOLD, [each for each in lifted if each[0] not in moved])
        self.work.change(LIFT_HOLD_WITH_NEXT_VERSION, [each for each in lifted if each[0] in moved])

    def _met(self, row: ReceivableRow) -> ReceivableRow:
        """A new receivable with what credit settled of it at once."""
        settled_fen, closed = self._receivables.pop(row.receivable_id, (0, False))
        reduced_fen, suspended = self._corrected.pop(row.receivable_id, (0, row.suspended))
        if settled_fen or reduced_fen:
            row = row._replace(settled_fen=settled_fen, closed=closed, reduced_fen=reduced_fen)
        return row if row.suspended == suspended else row._replace(suspended=suspended)

    def _post(self, debit: str, credit: str, amount_fen: int, *, account_no: str, payer: str, season: int | None,
              reference: int) -> None:  # fmt: skip
        self._postings += ledger.moved(debit, credit, amount_fen, account_no=account_no, payer=payer, season=season,
                                       reference=reference)  # fmt: skip

    def _version(self, account_no: str) -> int:
        """The account's version after this work: one more than before, however often it is touched."""
        if account_no not in self._versions:
            self._versions[account_no] = self.accounts[account_no].next_version()
        return self._versions[account_no]


def _principal_fen(parts: list[NewSettlement]) -> dict[int, int]:
    """By receivable: by how much its principal falls."""
    settled_fen: dict[int, int] = {}
    for part in parts:
        principal_fen = part.paid_fen + part.discount_fen + part.rounding_fen
        settled_fen[part.receivable_id] = settled_fen.get(part.receivable_id, 0) + principal_fen
    return settled_fen


def _settled_by_share(
    rows: Iterable[SettlementRow], share_of: Mapping[int, tuple[int, str]]
) -> dict[tuple[int, str], tuple[SettledDebt, ...]]:
    """What the settlements amount to, by bill and payer and then by their day."""
    sums: defaultdict[tuple[int, str], dict[date, SettledDebt]] = defaultdict(dict)
    for row in rows:
        of_share = sums[share_of[row.receivable_id]]
        known = of_share.get(row.settled_on) or SettledDebt(row.settled_on, 0, 0, 0, 0)
        of_share[row.settled_on] = SettledDebt(
            row.settled_on, known.paid_fen + row.paid_fen, known.discount_fen + row.discount_fen,
            known.rounding_fen + row.rounding_fen, known.late_fee_fen + row.late_fee_fen,
        )  # fmt: skip
    return {share: tuple(of_share[day] for day in sorted(of_share)) for share, of_share in sums.items()}


def _kept_by_rounding(payment: PaymentRow, allocation: Allocation) -> int:
    """Cash above the payable amount that neither settles nor becomes credit: fen of rounding in our favour."""
    met = sum(s.paid_fen + s.late_fee_fen for s in allocation.settlements)
    return payment.amount_fen - met - allocation.credit_fen

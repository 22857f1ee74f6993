"""What one payer owes of one bill, and the history from which every amount of any day follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.messages.accounts import PaymentTerms, is_household


@dataclass(frozen=True, slots=True)
class Receivable:
    """A part of a bill that falls due on one day: the whole share, an instalment, or an extra line.

    ``reductions`` are what corrections of the bill took off, each with its day: ``(reduced_on, fen)``, fen above zero.
    """

    receivable_id: int
    amount_fen: int
    due_on: date
    posted_on: date
    reductions: tuple[tuple[date, int], ...] = ()

    @property
    def net_fen(self) -> int:
        """What is asked for by now."""
        return self.amount_fen - sum(fen for _, fen in self.reductions) if self.reductions else self.amount_fen


@dataclass(frozen=True, slots=True)
class Settlement:
    """Money that met a receivable. ``principal_fen`` left the debt = ``paid_fen`` + ``discount_fen`` + ``rounding_fen``.

    ``late_fee_fen`` was paid on top. ``by_credit`` marks credit that was used when the bill was issued: it is
    not an *earlier payment* in the sense of the discount rule. Reversed settlements are not in a history.
    ``correction_id``: a correction of the bill took this back; its amounts are below zero, and it works from its own
    day on.
    """

    receivable_id: int
    payment_id: int
    settled_on: date
    paid_fen: int
    discount_fen: int = 0
    rounding_fen: int = 0
    late_fee_fen: int = 0
    by_credit: bool = False
    correction_id: int | None = None

    @property
    def principal_fen(self) -> int:
        return self.paid_fen + self.discount_fen + self.rounding_fen


@dataclass(frozen=True, slots=True)
class Waiver:
    """An approved waiver of the late fee of one debt, from the day of its approval to its last day, both included.

    ``mode`` says which of the three values it is worked out from (`late_fee_waiver.MODES`). ``paid_before`` are the
    payments that had paid some of the late fee when it was approved.
    """

    mode: str
    approved_on: date
    until_on: date
    pct: Decimal | None = None
    amount_fen: int | None = None
    start_on: date | None = None
    paid_before: tuple[int, ...] = ()
    waiver_id: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """One payer's share of one bill. ``receivables`` are in the order in which they fall due.

    ``cuts`` are the days on which the home was cut off: from a day until the day before another (None: still).
    ``waivers`` are in the order in which they were approved; none begins before the one before it has ended.
    ``frozen_on``: a bank is collecting since that day, and its late fee stands still as of it.
    """

    bill_no: int
    account_no: str
    season: int
    payer: str
    price_class: str
    suspended: bool
    terms: PaymentTerms
    receivables: tuple[Receivable, ...]
    settlements: tuple[Settlement, ...] = ()
    cuts: tuple[tuple[date, date | None], ...] = ()
    frozen_on: date | None = None
    waivers: tuple[Waiver, ...] = ()

    def as_it_stands(self, day: date) -> date:
        """The day as of which the late fee of ``day`` is worked out, and money of ``day`` counts."""
        return day if self.frozen_on is None else min(day, self.frozen_on)

    @property
    def billed_fen(self) -> int:
        return sum(receivable.net_fen for receivable in self.receivables)

    def billed_on(self, day: date) -> int:
        """The share as it stood on ``day``: what was posted and taken off by then."""
        return sum(
            part.amount_fen - sum(fen for reduced_on, fen in part.reductions if reduced_on <= day)
            for part in self.receivables if part.posted_on <= day
        )  # fmt: skip

    @property
    def open_principal_fen(self) -> int:
        return self.billed_fen - sum(settlement.principal_fen for settlement in self.settlements)

    @property
    def of_household(self) -> bool:
        return is_household(self.payer)

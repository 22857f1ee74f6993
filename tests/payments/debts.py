"""Debts as plain values, for tests of the rules alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.payments.channels import channel
from services.payments.domain.allocation import Allocation, allocate
from services.payments.domain.debt import Debt, Receivable, Settlement
from shared.messages.accounts import SELF, PaymentTerms
from tests.support.bills import REFERENCE_TERMS

IDS = itertools.count(1)


def terms(**changes: Any) -> PaymentTerms:
    """The reference terms with some of them changed."""
    return replace(REFERENCE_TERMS, **changes)


def debt(amount_fen: int = 233038, *, season: int = 2025, payer: str = SELF, due_on: date | None = None,
         parts: Sequence[tuple[int, date]] = (), posted_on: date = date(2025, 7, 2), price_class: str = "residential",
         suspended: bool = False, of: PaymentTerms = REFERENCE_TERMS) -> Debt:  # fmt: skip
    due = due_on or date(season, 12, 31)
    receivables = tuple(
        Receivable(next(IDS), fen, day, posted_on)
        for fen, day in sorted(parts or [(amount_fen, due)], key=lambda p: p[1])
    )
    return Debt(next(IDS), "0110000001", season, payer, price_class, suspended, of, receivables)


def settled(debt: Debt, paid_fen: int, on: date, *, part: int = 0, **words: Any) -> Debt:
    """The debt after one settlement of its ``part``."""
    made = Settlement(debt.receivables[part].receivable_id, next(IDS), on, paid_fen, **words)
    return replace(debt, settlements=(*debt.settlements, made))


def meet(
    debts: Sequence[Debt], amount_fen: int, on: date, *, through: str = "pos", **words: Any
) -> tuple[Allocation, list[Debt]]:
    """What a payment settles, and the debts after it."""
    decided = allocate(debts, day=on, amount_fen=amount_fen, channel=channel(through), **words)
    return decided, apply(debts, decided, on)


def apply(debts: Sequence[Debt], decided: Allocation, on: date) -> list[Debt]:
    payment_id = next(IDS)
    after = []
    for each in debts:
        own = {part.receivable_id for part in each.receivables}
        made = tuple(
            Settlement(s.receivable_id, payment_id, on, s.paid_fen, s.discount_fen, s.rounding_fen, s.late_fee_fen)
            for s in decided.settlements if s.receivable_id in own
        )  # fmt: skip
        after.append(replace(each, settlements=each.settlements + made))
    return after


def open_fen(debts: Sequence[Debt]) -> list[int]:
    """The open principal of each debt."""
    return [each.open_principal_fen for each in debts]

"""A bank's day beside our book: the words of the comparison. Amounts are fen, below zero for a reversal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.kernel.lifecycle import Lifecycle, Move

CLASSES = ("matched", "bank_only", "book_only", "amount_differs", "date_differs", "duplicate_serial")
"""A line of the bank and a row of our book is in exactly one of them."""

CASE = Lifecycle(
    "reconciliation case",
    initial="open",
    moves=[Move("post", ("open",), "posted"), Move("resolve", ("open",), "resolved")],
)

_OF_A_BATCH = re.compile(r"[0-9]+/[0-9]+", re.ASCII)


class BankLine(NamedTuple):
    """One line of a day-end file. ``line`` counts from 1."""

    line: int
    serial: str
    account_no: str
    amount_fen: int


class BookRow(NamedTuple):
    """One row of our book. ``booked_on`` is our business date."""

    serial: str
    account_no: str
    amount_fen: int
    booked_on: date
    payment_id: int


@dataclass(frozen=True, slots=True)
class ClassSum:
    """How many lines are in a class, and their money on each side (0 where the class has no such side)."""

    count: int = 0
    bank_fen: int = 0
    book_fen: int = 0


def is_of_debit_batch(serial: str) -> bool:
    """Whether a serial is that of an item of a debit batch: its own result file accounts for it, not the bank's day."""
    return _OF_A_BATCH.fullmatch(serial) is not None

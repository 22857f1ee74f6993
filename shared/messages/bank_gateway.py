"""What `bank_gateway` tells the others. Amounts are whole fen; lists hold 1…1,000 items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DebitResult:
    """The bank's word on one item: ``collected_fen`` is what it took, 0 when it took nothing."""

    account_no: str
    item_no: int
    collected_fen: int
    reason: str  # ok | insufficient | account_invalid | … (the classes of docs/banks)


@dataclass(frozen=True, slots=True)
class DebitsReturned:
    """Results of a debit batch, in chunks. ``as_of`` is the day of sending: successes settle as of that day."""

    NAME: ClassVar[str] = "DebitsReturned"
    SCHEMA: ClassVar[int] = 1
    bank: str
    batch_no: int
    as_of: date
    items: tuple[DebitResult, ...]


EVENTS = (DebitsReturned,)

"""What `payments` tells the others. Amounts are whole fen; lists hold 1…1,000 items.

``version`` counts the changes of an account's money: in the log it grows by one from command to command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ReceivedPayment:
    account_no: str
    version: int
    payment_id: int
    payer: str
    channel: str
    amount_fen: int
    received_on: date
    credit_fen: int


@dataclass(frozen=True, slots=True)
class PaymentsReceived:
    """Money was taken. ``credit_fen`` is the part that met no debt."""

    NAME: ClassVar[str] = "PaymentsReceived"
    SCHEMA: ClassVar[int] = 1
    items: tuple[ReceivedPayment, ...]


@dataclass(frozen=True, slots=True)
class ReversedPayment:
    account_no: str
    version: int
    payment_id: int
    reverses: int
    amount_fen: int
    reversed_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentsReversed:
    NAME: ClassVar[str] = "PaymentsReversed"
    SCHEMA: ClassVar[int] = 1
    items: tuple[ReversedPayment, ...]


@dataclass(frozen=True, slots=True)
class SettledDebt:
    """What money did to a debt as of a day; below zero where it was taken back. The late fee is no part of the debt."""

    settled_on: date
    paid_fen: int
    discount_fen: int
    rounding_fen: int
    late_fee_fen: int


@dataclass(frozen=True, slots=True)
class ChangedDebt:
    """What is open of one payer's share of a bill now (principal only: late fee is a function of the day).

    ``settled``: nothing of it is open, late fee included. None: told before anybody asked.

    ``settlements`` is what this command settled of it, one entry for each day; empty where only the bill changed.
    """

    account_no: str
    version: int
    bill_no: int
    payer: str
    open_fen: int
    settled: bool | None = None
    settlements: tuple[SettledDebt, ...] = ()


@dataclass(frozen=True, slots=True)
class DebtsChanged:
    """Bills were settled, in part or whole, or are open again."""

    NAME: ClassVar[str] = "DebtsChanged"
    SCHEMA: ClassVar[int] = 1
    items: tuple[ChangedDebt, ...]


@dataclass(frozen=True, slots=True)
class PostedDebit:
    """One bank result as the books took it: ``settled_fen`` of debt, the rest became credit."""

    account_no: str
    version: int
    item_no: int
    payment_id: int
    settled_fen: int
    credit_fen: int


@dataclass(frozen=True, slots=True)
class DebitsPosted:
    """Results of a debit batch that are in the books."""

    NAME: ClassVar[str] = "DebitsPosted"
    SCHEMA: ClassVar[int] = 1
    batch_no: int
    items: tuple[PostedDebit, ...]


@dataclass(frozen=True, slots=True)
class ChangedRefund:
    """``state`` is approved (the money left the payer's credit), paying, unknown, paid or failed (it is credit again)."""

    account_no: str
    version: int
    refund_id: int
    payer: str
    channel: str
    amount_fen: int
    state: str
    moved_on: date


@dataclass(frozen=True, slots=True)
class RefundsChanged:
    """Money that is to be paid back, is on its way, was paid, or came back."""

    NAME: ClassVar[str] = "RefundsChanged"
    SCHEMA: ClassVar[int] = 1
    items: tuple[ChangedRefund, ...]


EVENTS = (PaymentsReceived, PaymentsReversed, DebtsChanged, DebitsPosted, RefundsChanged)

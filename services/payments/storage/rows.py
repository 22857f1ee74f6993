"""Rows that commands insert. Field names are the columns of schema_v1.sql."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from shared.chassis.writes import Change, row_of


@row_of("accounts")
class AccountRow(NamedTuple):
    account_no: str
    opened_on: date


@row_of("receivables")
class ReceivableRow(NamedTuple):
    receivable_id: int
    command_id: int
    account_no: str
    bill_no: int
    part: int
    season: int
    payer: str
    kind: str
    price_class: str
    suspended: bool
    terms_id: str
    amount_fen: int
    due_on: date
    posted_on: date
    settled_fen: int = 0
    closed: bool = False
    reduced_fen: int = 0


@row_of("corrections")
class CorrectionRow(NamedTuple):
    correction_id: int
    command_id: int
    account_no: str
    bill_no: int
    payer: str
    season: int
    kind: str
    amount_fen: int
    suspended: bool
    posted_on: date


@row_of("reductions")
class ReductionRow(NamedTuple):
    correction_id: int
    receivable_id: int
    amount_fen: int
    reduced_on: date


@row_of("payments")
class PaymentRow(NamedTuple):
    payment_id: int
    command_id: int
    account_no: str
    payer: str
    channel: str
    amount_fen: int
    received_on: date
    partner: str | None = None
    serial: str | None = None
    outlet: str | None = None
    receipt_no: int | None = None
    reverses: int | None = None
    reason: str | None = None
    under_hold: int | None = None


@row_of("settlements")
class SettlementRow(NamedTuple):
    settlement_id: int
    command_id: int
    receivable_id: int
    payment_id: int
    settled_on: date
    paid_fen: int
    discount_fen: int
    rounding_fen: int
    late_fee_fen: int
    by_credit: bool
    reverses: int | None = None
    correction_id: int | None = None


@row_of("credits")
class CreditRow(NamedTuple):
    credit_id: int
    payment_id: int
    account_no: str
    payer: str
    received_on: date
    amount_fen: int
    used_fen: int = 0
    correction_id: int | None = None
    refund_via: int | None = None


@row_of("group_payments")
class GroupPaymentRow(NamedTuple):
    group_payment_id: int
    command_id: int
    payer: str
    channel: str
    amount_fen: int
    credit_fen: int
    received_on: date
    partner: str | None = None
    serial: str | None = None
    outlet: str | None = None
    receipt_no: int | None = None
    reverses: int | None = None
    reason: str | None = None


@row_of("group_shares")
class GroupShareRow(NamedTuple):
    payment_id: int
    group_payment_id: int
    by_credit: bool


@row_of("group_credits")
class GroupCreditRow(NamedTuple):
    group_payment_id: int
    payer: str
    received_on: date
    amount_fen: int
    used_fen: int = 0


@row_of("subsidies")
class SubsidyRow(NamedTuple):
    correction_id: int
    payment_id: int
    command_id: int
    account_no: str
    bill_no: int
    payer: str
    household: str
    amount_fen: int


@row_of("holds")
class HoldRow(NamedTuple):
    hold_id: int
    command_id: int
    account_no: str
    bank: str
    batch_no: int
    item_no: int
    amount_fen: int
    as_of: date


@row_of("postings")
class PostingRow(NamedTuple):
    posting_id: int
    command_id: int
    posted_on: date
    debit: str
    credit: str
    amount_fen: int
    account_no: str
    payer: str
    season: int | None
    reference: int


SETTLE = Change(
    "UPDATE receivables r SET settled_fen = r.settled_fen + v.settled, closed = v.closed"
    " FROM {rows} AS v (receivable_id, settled, closed) WHERE r.receivable_id = v.receivable_id",
    ("bigint", "bigint", "boolean"),
)
CORRECT = Change(
    "UPDATE receivables r SET settled_fen = r.settled_fen + v.settled, closed = v.closed,"
    " reduced_fen = r.reduced_fen + v.reduced, suspended = v.suspended"
    " FROM {rows} AS v (receivable_id, settled, closed, reduced, suspended) WHERE r.receivable_id = v.receivable_id",
    ("bigint", "bigint", "boolean", "bigint", "boolean"),
)
USE_CREDIT = Change(
    "UPDATE credits c SET used_fen = c.used_fen + v.used FROM {rows} AS v (credit_id, used)"
    " WHERE c.credit_id = v.credit_id",
    ("bigint", "bigint"),
)
USE_GROUP_CREDIT = Change(
    "UPDATE group_credits c SET used_fen = c.used_fen + v.used FROM {rows} AS v (group_payment_id, used)"
    " WHERE c.group_payment_id = v.group_payment_id",
    ("bigint", "bigint"),
)
NEXT_VERSION = Change(
    "UPDATE accounts a SET version = a.version + 1 FROM {rows} AS v (account_no) WHERE a.account_no = v.account_no",
    ("text",),
)
PUT_HOLD = Change(
    "UPDATE accounts a SET hold_id = v.hold_id FROM {rows} AS v (account_no, hold_id)"
    " WHERE a.account_no = v.account_no AND a.hold_id IS NULL",
    ("text", "bigint"),
)
LIFT_HOLD = Change(
    "UPDATE accounts a SET hold_id = NULL FROM {rows} AS v (account_no, hold_id)"
    " WHERE a.account_no = v.account_no AND a.hold_id = v.hold_id",
    ("text", "bigint"),
)
LIFT_HOLD_WITH_NEXT_VERSION = Change(
    "UPDATE accounts a SET version = a.version + 1, hold_id = NULL FROM {rows} AS v (account_no, hold_id)"
    " WHERE a.account_no = v.account_no AND a.hold_id = v.hold_id",
    ("text", "bigint"),
)
END_HOLD = Change(
    "UPDATE holds h SET state = v.state FROM {rows} AS v (hold_id, state)"
    " WHERE h.hold_id = v.hold_id AND h.state = 'open'",
    ("bigint", "text"),
)

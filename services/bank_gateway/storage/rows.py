"""Rows that commands insert. Field names are the columns of schema_v1.sql."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from psycopg.types.json import Jsonb

from shared.chassis.writes import row_of


@row_of("bank_declarations")
class BankDeclarationRow(NamedTuple):
    declaration_id: int
    command_id: int
    bank: str
    body: Jsonb


@row_of("mandates")
class MandateRow(NamedTuple):
    mandate_id: int
    command_id: int
    account_no: str
    bank: str
    bank_name: str
    bank_account: str
    holder: str
    id_type: str
    id_no: str
    agreed_on: date


@row_of("files")
class FileRow(NamedTuple):
    file_id: int
    command_id: int
    sha256: bytes
    name: str
    bytes: int
    direction: str
    kind: str
    outcome: str
    bank: str | None
    batch_no: int | None
    refusal: Jsonb | None = None


@row_of("batches")
class BatchRow(NamedTuple):
    batch_no: int
    bank: str
    profile: str
    party: str
    parameters: Jsonb
    as_of: date
    file_no: str
    first_number: int
    adopted: bool
    hand_over: bool
    state: str
    next_step: str | None
    item_count: int = 0
    amount_fen: int = 0


@row_of("batch_progress")
class BatchProgressRow(NamedTuple):
    batch_no: int


@row_of("batch_moves")
class BatchMoveRow(NamedTuple):
    move_id: int
    command_id: int
    batch_no: int
    verb: str
    from_state: str
    to_state: str
    reason: str


@row_of("batch_items")
class BatchItemRow(NamedTuple):
    batch_no: int
    item_no: int
    key: str
    account_no: str
    mandate_id: int | None
    bank_account: str
    amount_fen: int
    echo: str


@row_of("claim_remarks")
class ClaimRemarkRow(NamedTuple):
    batch_no: int
    item_no: int
    account_no: str
    reason: str
    claimed_fen: int | None = None
    detail: str = ""


@row_of("withdrawals")
class WithdrawalRow(NamedTuple):
    batch_no: int
    item_no: int
    command_id: int
    reason: str


@row_of("result_files")
class ResultFileRow(NamedTuple):
    file_id: int
    batch_no: int
    succeeded_count: int
    failed_count: int
    unknown_count: int
    collected_fen: int
    classes: Jsonb
    done: bool


@row_of("reconciliations")
class ReconciliationRow(NamedTuple):
    reconciliation_no: int
    command_id: int
    bank: str
    day: date
    file_id: int | None
    bank_count: int
    bank_fen: int
    book_count: int
    book_fen: int
    matched_count: int
    matched_fen: int
    bank_only_count: int
    bank_only_fen: int
    book_only_count: int
    book_only_fen: int
    amount_differs_count: int
    amount_differs_fen: int
    amount_differs_book_fen: int
    date_differs_count: int
    date_differs_fen: int
    duplicate_serial_count: int
    duplicate_serial_fen: int


@row_of("case_moves")
class CaseMoveRow(NamedTuple):
    move_id: int
    command_id: int
    case_no: int
    verb: str
    from_state: str
    to_state: str
    reason: str

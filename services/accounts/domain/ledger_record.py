"""One record of a ledger as it stands in the file, judged: what it says, or why it is refused."""

from __future__ import annotations

from dataclasses import replace

from services.accounts.domain import ledger_misplaced as misplaced
from services.accounts.domain.ledger_columns import ACCOUNT_NO, BLANKS, HEADINGS, REMARK, Headings
from services.accounts.domain.ledger_file import LedgerRecord
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow, judge_row


def is_blank(record: LedgerRecord) -> bool:
    """A record without any content, as spreadsheets leave them below a table: counted and passed over."""
    return not any(cell.strip(BLANKS) for cell in record.cells)


def judge_record(record: LedgerRecord, headings: Headings) -> LedgerRow | Fault:
    """The row, or its fault; further faults of the same row stand in ``also``.

    A row whose values stand in the wrong place is refused for that and for nothing else: what its columns
    seem to hold says nothing then.
    """
    if len(record.cells) != headings.width:
        return _miscounted(record, headings)
    if record.formulas and (formula := _unlike_text(record, headings, record.formulas, "formula_cell")):
        return formula
    judged = judge_row(headings.arranged(record.cells), row=record.row, line=record.line)
    if isinstance(judged, LedgerRow):
        return (record.dates and _unlike_text(record, headings, record.dates, "date_cell")) or judged
    return _misplaced(record, headings, judged) or replace(judged[0], also=tuple(judged[1:]))


def _miscounted(record: LedgerRecord, headings: Headings) -> Fault:
    row, line, fields = record[:3]
    if misplaced.in_other_encoding(fields):
        return Fault(row, line, HEADINGS[ACCOUNT_NO], fields[0], "encoding_mixed", account_no=fields[0])
    if len(fields) > headings.width:
        return misplaced.shifted(fields, headings, row=row, line=line)
    return misplaced.short(fields, headings, row=row, line=line)


def _misplaced(record: LedgerRecord, headings: Headings, faults: list[Fault]) -> Fault | None:
    row, line, fields = record[:3]
    if misplaced.in_other_encoding(fields):
        return replace(faults[0], reason="encoding_mixed")
    if any(fault.reason == "id_type_unknown" for fault in faults) and (
        shifted := misplaced.shifted_unseen(fields, headings, row=row, line=line)
    ):
        return shifted
    if len(faults) > 1 and (short := misplaced.short_unseen(fields, headings, row=row, line=line)):
        return short
    return misplaced.exchanged(headings.arranged(fields), faults, row=row, line=line)


def _unlike_text(record: LedgerRecord, headings: Headings, places: tuple[int, ...], reason: str) -> Fault | None:
    """A cell of a workbook that is refused for what it is. A remark may be anything.

    What a workbook remembers as the value of a formula may be old, and what was written where a date stands
    now cannot be told.
    """
    for place in places:
        heading = headings.names[place]
        if heading in HEADINGS and heading != HEADINGS[REMARK]:
            account_no = record.cells[headings.place(ACCOUNT_NO)]
            value = record.cells[place]
            return Fault(record.row, record.line, heading, value, reason, account_no=account_no)
    return None

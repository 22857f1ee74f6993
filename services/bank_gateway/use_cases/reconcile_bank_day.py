"""A bank's day is compared with our book, line by line and to the fen; what only the bank has is posted if it fits.

Our book is asked for first and kept beside; then one transaction compares, asserts the sums and opens the cases;
then the lines that fit are posted one by one through payments, under their serials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from services.bank_gateway.domain.day_book import BankLine, BookRow, ClassSum, is_of_debit_batch
from services.bank_gateway.gateways.folder import Incoming
from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.gateways.payments import Payments
from services.bank_gateway.storage.bank_days import (
    BankOnly,
    add_move,
    bank_only_cases,
    classify,
    is_any_line_unbooked,
    open_cases,
    post_case,
    resolve_explained,
    stage_book,
    stage_lines,
    staged_sums,
    write_book,
)  # fmt: skip
from services.bank_gateway.storage.banks import bank_of, lock_bank
from services.bank_gateway.storage.files import add_file
from services.bank_gateway.storage.rows import ReconciliationRow
from services.bank_gateway.storage.staging import begin_bulk
from shared.chassis.codec import strict_json
from shared.chassis.collection_rules import rules_on
from shared.chassis.service_client import PassedOn
from shared.chassis.unit_of_work import Answer, Caller, Commands, Work
from shared.kernel.errors import InvalidInput
from shared.kernel.money import format_yuan

Lines = Callable[[], Iterable[list[BankLine]]]
"""The bank's lines in blocks, from the beginning each time it is called."""

CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ReconcileBankDay:
    """``file`` is where the lines come from, ``None`` when they were told one by one."""

    bank: str
    day: date
    lines: Lines
    file: Incoming | None = None


def reconcile_bank_day(command: ReconcileBankDay, *, commands: Commands, outside: Outside, caller: Caller, key: str,
                       request: Any) -> Answer:  # fmt: skip
    """Compare, open cases, post what fits, unless the company leaves that to a person (`post_cases`).

    The day may be compared again: what was posted then matches.

    Refuses `unknown_bank`, a day that has not come, and with `FileRefusal` a file that is not sound.
    """
    with commands.reading() as work:
        bank_of(work, command.bank)
        by_itself = rules_on(work, work.today).bank_only_autopost == "AUTO"
        if command.day > work.today:
            raise InvalidInput("this day has not come yet", place="day", value=command.day.isoformat())
    with outside.folder.scratch() as book:
        _write_book(command, book, commands=commands, payments=outside.payments)
        compared = commands.run(record_bank_day, RecordBankDay(command, book), caller=caller)
    answer = strict_json(compared.body.decode())
    posted = []
    if by_itself:
        posted = list(_post(command, answer["reconciliation_no"], commands=commands, payments=outside.payments))
    closing = CloseBankDay(answer, tuple(posted))
    return commands.run(close_bank_day, closing, caller=caller, key=key, request=request, status=201)


def _write_book(command: ReconcileBankDay, book: Path, *, commands: Commands, payments: Payments) -> None:
    """Our book of the day; of the days around it too, when the bank has something that this day has not."""
    write_book(book, _counter_rows(payments, command.bank, command.day))
    with commands.reading() as work:
        begin_bulk(work)
        stage_lines(work, command.lines())
        stage_book(work, book)
        unbooked = is_any_line_unbooked(work)
    if unbooked:
        for day in (command.day - timedelta(days=1), command.day + timedelta(days=1)):
            write_book(book, _counter_rows(payments, command.bank, day))


def _counter_rows(payments: Payments, bank: str, day: date) -> Iterator[list[BookRow]]:
    for page in payments.bank_book(bank=bank, day=day):
        yield [row for row in page if row.serial and not is_of_debit_batch(row.serial)]


@dataclass(frozen=True, slots=True)
class RecordBankDay:
    asked: ReconcileBankDay
    book: Path


def record_bank_day(command: RecordBankDay, work: Work) -> dict[str, Any]:
    """The comparison in one transaction. Sums that do not add up are a defect: nothing is kept then."""
    begin_bulk(work)
    asked = command.asked
    lock_bank(work, asked.bank)
    stage_lines(work, asked.lines())
    stage_book(work, command.book)
    totals = staged_sums(work, day=asked.day)
    sums = classify(work, day=asked.day)
    file_id = None
    if asked.file is not None:
        file_id = add_file(work, sha256=asked.file.sha256, name=asked.file.name, size=asked.file.size, kind="bank_day",
                           outcome="accepted", bank=asked.bank)  # fmt: skip
    number = work.new_ids(1)[0]
    work.add([_reconciliation(number, work.command_id, asked, file_id, totals, sums)])
    for case_no, reason in list(resolve_explained(work, bank=asked.bank, day=asked.day)):
        add_move(work, case_no, "resolve", "resolved", reason=reason)
    opened = open_cases(work, reconciliation_no=number, bank=asked.bank, day=asked.day)
    return {"reconciliation_no": number, "cases_opened": opened, **_told(sums)}


def _reconciliation(number: int, command_id: int, asked: ReconcileBankDay, file_id: int | None,
                    totals: tuple[int, int, int, int], sums: dict[str, ClassSum]) -> ReconciliationRow:  # fmt: skip
    def both(name: str) -> tuple[int, int]:
        return sums[name].count, sums[name].bank_fen or sums[name].book_fen

    differs = sums["amount_differs"]
    return ReconciliationRow(
        number, command_id, asked.bank, asked.day, file_id, *totals, *both("matched"), *both("bank_only"),
        *both("book_only"), differs.count, differs.bank_fen, differs.book_fen, *both("date_differs"),
        *both("duplicate_serial"),
    )  # fmt: skip


def _told(sums: dict[str, ClassSum]) -> dict[str, Any]:
    differs = sums["amount_differs"]
    return {
        "matched": sums["matched"].count,
        "bank_only": sums["bank_only"].count,
        "book_only": sums["book_only"].count,
        "differs": differs.count,
        "date_differs": sums["date_differs"].count,
        "duplicate_serial": sums["duplicate_serial"].count,
        "suspense": format_yuan(differs.bank_fen - differs.book_fen),
        "classes": {
            name: {"count": s.count, "bank_amount": format_yuan(s.bank_fen), "book_amount": format_yuan(s.book_fen)}
            for name, s in sums.items()
        },
    }


def _post(command: ReconcileBankDay, reconciliation_no: int, *, commands: Commands,
          payments: Payments) -> Iterator[tuple[int, int]]:  # fmt: skip
    """Post what only the bank has, if the account owed exactly that on that day and is free: case and payment."""
    after = 0
    while True:
        with commands.reading() as work:
            cases = bank_only_cases(work, bank=command.bank, day=command.day, after=after, limit=CASES_AT_ONCE)
        if not cases:
            return
        for case in cases:
            payment_id = _posted(case, command, reconciliation_no, payments)
            if payment_id is not None:
                yield case.case_no, payment_id
        after = cases[-1].case_no


def _posted(case: BankOnly, command: ReconcileBankDay, reconciliation_no: int, payments: Payments) -> int | None:
    owing = payments.owing(case.account_no, day=command.day)
    if owing is None or owing.held_by is not None or owing.total_fen != case.amount_fen:
        return None
    try:
        return payments.receive(
            [(command.bank, case.serial, case.account_no, case.amount_fen, command.day)],
            key=f"bank-day-{reconciliation_no}-{case.case_no}",
        )[0]
    except PassedOn:  # a clear no (the serial is used up, a bank collects …): the case stays for a person
        return None


@dataclass(frozen=True, slots=True)
class CloseBankDay:
    """``posted`` are case and payment numbers."""

    compared: dict[str, Any]
    posted: tuple[tuple[int, int], ...]


def close_bank_day(command: CloseBankDay, work: Work) -> dict[str, Any]:
    """What was posted is no open case any more."""
    for case_no, payment_id in command.posted:
        post_case(work, case_no, payment_id, reason=f"payment {payment_id}")
    return {**command.compared, "posted": len(command.posted)}

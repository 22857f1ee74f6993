"""A bank's result arrives: judged whole, then taken whole, or nothing of it.

First the file by itself while it is staged (name, bytes, form, its own totals), then its rows as a set against what
was sent. What is taken here is told to payments afterwards, chunk by chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.collected import collected_fen
from services.bank_gateway.domain.debit_batch import BUILT, in_words_of_a_bank
from services.bank_gateway.domain.debit_item import echoes_of, split_echo
from services.bank_gateway.domain.file_shape import FileIdentity
from services.bank_gateway.domain.result_file import ResultReader, refuse_batch
from services.bank_gateway.domain.sent_book import differing, missing, unknown
from services.bank_gateway.domain.whose_file import whose_file
from services.bank_gateway.formats import bank_format
from services.bank_gateway.gateways.folder import Incoming
from services.bank_gateway.storage.banks import Bank, bank_of, declared_banks
from services.bank_gateway.storage.batches import Batch, find_batch, move, set_unknown_count
from services.bank_gateway.storage.files import add_file, refuse_accepted
from services.bank_gateway.storage.results import (
    ClassCount,
    Fault,
    first_fault,
    first_missing,
    stage_results,
    staged_classes,
    take_all_at_once,
    take_new,
)  # fmt: skip
from services.bank_gateway.storage.rows import ResultFileRow
from services.bank_gateway.storage.staging import begin_bulk
from shared.chassis.unit_of_work import Busy, Work
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class ReturnDebits:
    """``bank`` narrows down whose file it is; ``None``: its name tells."""

    file: Incoming
    bank: str | None = None


def return_debits(command: ReturnDebits, work: Work) -> dict[str, Any]:
    """Take a result. Refuses with the reason of the file's first fault (`FileRefusal`), and `busy`."""
    begin_bulk(work)
    file = command.file
    refuse_accepted(work, sha256=file.sha256, name=file.name)
    banks = [bank_of(work, command.bank)] if command.bank else declared_banks(work)
    bank, identity = whose_file(
        file.name, ((bank, bank_format(bank.profile).answer, bank.parameters) for bank in banks)
    )
    layout = bank_format(bank.profile)
    batch = _open_batch(work, command, bank, identity)
    _stage(work, file, identity, layout)
    file_id = add_file(work, sha256=file.sha256, name=file.name, size=file.size, kind="result", outcome="accepted",
                       bank=batch.bank, batch_no=batch.batch_no)  # fmt: skip
    classes, unknown_count = _taken(work, batch, file_id, layout, file=file.name)
    if batch.state == BUILT:
        move(work, batch, "hand_over", reason="the bank's result shows that it has the file")
    move(work, batch, "take_result", reason=file.name)
    set_unknown_count(work, batch, unknown_count)
    return _answer(work, batch, file_id, classes, unknown_count)


def _open_batch(work: Work, command: ReturnDebits, bank: Bank, identity: FileIdentity) -> Batch:
    """The batch that the file names, locked: of two results at once one waits, and finds what the other has done."""
    batch = find_batch(work, profile=bank.profile, terms=bank.terms, as_of=identity.sent_on, file_no=identity.batch_no)
    refuse_accepted(work, sha256=command.file.sha256, name=command.file.name)
    if command.bank is not None and batch is not None and batch.bank != command.bank:
        batch = None
    state = None if batch is None else in_words_of_a_bank(batch.state, unknown_count=batch.unknown_count)
    refuse_batch(None if batch is None or state is None else batch.sent(state), identity=identity)
    if batch is None:
        raise FileRefusal("batch_unknown", file=identity.file)
    if batch.next_step == "claim":
        raise Busy("the claims of this batch are not complete yet", batch_no=batch.batch_no)
    return batch


def _stage(work: Work, file: Incoming, identity: FileIdentity, layout: BankFormat) -> None:
    with file.open() as content:
        reader = ResultReader(identity=identity, content=content, bank_format=layout)
        stage_results(work, _blocks(reader, layout, file=file.name))


def _blocks(reader: ResultReader, layout: BankFormat, *, file: str) -> Iterator[Sequence[Sequence[str]]]:
    for judged in reader:
        rows = judged.rows
        lines = list(map(str, range(rows.first_line, rows.first_line + len(rows))))
        reasons = [verdict.reason for verdict in judged.verdicts]
        amounts = list(map(str, collected_fen(judged, file=file)))
        echoes = echoes_of(rows, bank_format=layout)
        yield lines, judged.keys, reasons, judged.codes, amounts, echoes


def _taken(work: Work, batch: Batch, file_id: int, layout: BankFormat, *, file: str) -> tuple[list[ClassCount], int]:
    """What is taken by class, and how many items stay unknown."""
    classes = staged_classes(work)
    staged = sum(c.items for c in classes)
    certain = all(c.reason != "unknown" for c in classes)
    if certain and not batch.unknown_count and take_all_at_once(work, batch, file_id=file_id, staged=staged):
        return classes, 0
    fault = first_fault(work, batch)
    if fault is not None:
        raise _refusal(fault, layout, file=file)
    absent = first_missing(work, batch)
    if absent is not None:
        raise missing(absent, bank_format=layout, file=file)
    return take_new(work, batch, file_id=file_id)


def _refusal(fault: Fault, layout: BankFormat, *, file: str) -> FileRefusal:
    field = layout.answer.detail.field_of("key").name
    if fault.sent is None:
        return unknown(fault.key, bank_format=layout, file=file, line=fault.line)
    if fault.nth > 1:
        return FileRefusal("item_repeated", file=file, line=fault.line, field=field, value=fault.key)
    differs = differing(split_echo(fault.sent), split_echo(fault.came), bank_format=layout, file=file, line=fault.line)
    if differs is not None:
        return differs
    return FileRefusal(
        "item_contradicts", file=file, line=fault.line, field=field, value=fault.reason, expected=fault.before
    )


def _answer(work: Work, batch: Batch, file_id: int, classes: list[ClassCount], unknown_count: int) -> dict[str, Any]:
    succeeded = sum(c.items for c in classes if c.reason == "ok")
    failed = sum(c.items for c in classes if c.reason != "ok")
    amount_fen = sum(c.collected_fen for c in classes)
    by_class = {c.reason: c.items for c in classes}
    work.add([ResultFileRow(file_id, batch.batch_no, succeeded, failed, unknown_count, amount_fen, Jsonb(by_class),
                            not succeeded + failed)])  # fmt: skip
    return {
        "batch_no": batch.batch_no, "file_id": file_id, "state": batch.state, "succeeded": succeeded, "failed": failed,
        "unknown": unknown_count, "amount": format_yuan(amount_fen), "classes": by_class,
    }  # fmt: skip

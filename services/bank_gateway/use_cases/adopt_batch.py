"""A send file of an old system becomes a batch that waits for its result.

The bank collects what stands in the file, whatever we would have asked for: the file's amounts are the batch's. The
accounts are claimed in payments like those of any batch; where it holds another amount, or nothing, that is
remarked, the item stays, and money that meets no debt becomes credit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.bank_file import FileRefusal, SentBatch
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.debit_batch import HANDED_OVER, BatchKnown
from services.bank_gateway.domain.debit_item import BankTerms, echoes_of
from services.bank_gateway.domain.send_file import SendReader
from services.bank_gateway.domain.whose_file import whose_file
from services.bank_gateway.formats import bank_format
from services.bank_gateway.gateways.folder import Incoming
from services.bank_gateway.storage.adoption import first_repeated_key, first_strange_account, stage_items, take_items
from services.bank_gateway.storage.banks import Bank, bank_of, declared_banks
from services.bank_gateway.storage.batches import Batch, add_batch, find_batch, new_batch_no
from services.bank_gateway.storage.files import add_file, refuse_accepted
from services.bank_gateway.storage.items import plan_pages_of_items
from services.bank_gateway.storage.staging import begin_bulk
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class AdoptBatch:
    """``bank`` narrows down whose file it is; ``None``: its name tells."""

    file: Incoming
    bank: str | None = None


def adopt_batch(command: AdoptBatch, work: Work) -> dict[str, Any]:
    """Take a send file over. Refuses with the reason of its first fault (`FileRefusal`), and `batch_known`."""
    begin_bulk(work)
    file = command.file
    refuse_accepted(work, sha256=file.sha256, name=file.name)
    banks = [bank_of(work, command.bank)] if command.bank else declared_banks(work)
    bank, _ = whose_file(file.name, ((bank, bank_format(bank.profile).send, bank.parameters) for bank in banks))
    layout = bank_format(bank.profile)
    sent = _staged(work, file, bank, layout)
    if sent.sent_on > work.today:
        raise FileRefusal("head_differs", file=file.name, value=f"{sent.sent_on}", expected=f"{work.today} or earlier")
    batch = _batch(work, bank, sent)
    add_batch(work, batch, verb="adopt")
    take_items(work, batch.batch_no)
    plan_pages_of_items(work, batch.batch_no, items=sent.count)
    add_file(work, sha256=file.sha256, name=file.name, size=file.size, kind="adoption", outcome="accepted",
             bank=bank.code, batch_no=batch.batch_no)  # fmt: skip
    return {
        "batch_no": batch.batch_no, "bank": bank.code, "state": batch.state, "as_of": sent.sent_on.isoformat(),
        "count": sent.count, "amount": format_yuan(sent.amount_fen),
    }  # fmt: skip


def _staged(work: Work, file: Incoming, bank: Bank, layout: BankFormat) -> SentBatch:
    record = layout.send.detail
    with file.open() as content:
        reader = SendReader(name=file.name, content=content, parameters=bank.parameters, bank_format=layout)
        stage_items(work, _blocks(reader, layout))
    for fault, reason, means in (
        (first_repeated_key(work), "item_repeated", "key"),
        (first_strange_account(work), "field_format", "account_no"),
    ):
        if fault is not None:
            raise FileRefusal(reason, file=file.name, line=fault[0], field=record.field_of(means).name, value=fault[1])
    if reader.batch is None:
        raise ValueError("a send file was read and told no batch")
    return reader.batch


def _blocks(reader: SendReader, layout: BankFormat) -> Iterator[Sequence[Sequence[str]]]:
    for rows in reader:
        lines = list(map(str, range(rows.first_line, rows.first_line + len(rows))))
        amounts = list(map(str, rows.values("amount_fen")))
        echoes = echoes_of(rows, bank_format=layout)
        yield lines, rows.texts("key"), rows.texts("account_no"), rows.texts("bank_account"), amounts, echoes


def _batch(work: Work, bank: Bank, sent: SentBatch) -> Batch:
    terms = BankTerms(bank.parameters, bank.bank_codes, bank.purpose)
    known = find_batch(work, profile=bank.profile, terms=terms, as_of=sent.sent_on, file_no=sent.batch_no)
    if known is not None:
        raise BatchKnown("this batch is here already", batch_no=known.batch_no, state=known.state)
    return Batch(
        batch_no=new_batch_no(work), bank=bank.code, profile=bank.profile, terms=terms, as_of=sent.sent_on,
        file_no=sent.batch_no, first_number=0, adopted=True, hand_over=True, state=HANDED_OVER, next_step="claim",
        item_count=sent.count, amount_fen=sent.amount_fen, unknown_count=0, version=1, file_id=None, file_version=None,
    )  # fmt: skip

"""The file of a batch is written: to ``built/`` while it has not left, to ``out/`` once it was handed over.

It can be written again at any time and comes out the same, byte by byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.bank_file import SentItem
from services.bank_gateway.domain.debit_batch import BUILT, CLAIMING, HANDED_OVER
from services.bank_gateway.domain.debit_item import sent_item
from services.bank_gateway.domain.send_file import write_send
from services.bank_gateway.formats import bank_format
from services.bank_gateway.gateways.folder import BUILT as BUILT_FOLDER
from services.bank_gateway.gateways.folder import OUT, Written
from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.storage.batches import Batch, attend, lock_batch, move, read_batch, set_file, set_next_step
from services.bank_gateway.storage.files import add_file, read_file
from services.bank_gateway.storage.items import items_for_file
from shared.chassis.unit_of_work import Caller, Commands, Work


def write_debit_file(batch_no: int, *, commands: Commands, outside: Outside, caller: Caller) -> None:
    """Write the file of a batch whose claims are complete; then it is built."""
    with commands.reading() as work:
        batch = read_batch(work, batch_no)
    written = _write(batch, BUILT_FOLDER, commands=commands, outside=outside)
    commands.run(record_file, RecordFile(batch_no, batch.version, written), caller=caller)


def publish_debit_file(batch_no: int, *, commands: Commands, outside: Outside, caller: Caller) -> None:
    """Put the file of a batch that was handed over where the bank's transfer takes it."""
    with commands.reading() as work:
        batch = read_batch(work, batch_no)
        before = None if batch.file_id is None else read_file(work, batch.file_id)
    if before is not None and batch.file_version == batch.version and _moved(before.name, before.sha256, outside):
        commands.run(record_file, RecordFile(batch_no, batch.version, None), caller=caller)
        return
    written = _write(batch, OUT, commands=commands, outside=outside)
    outside.folder.drop(BUILT_FOLDER, written.path.name)
    commands.run(record_file, RecordFile(batch_no, batch.version, written), caller=caller)


def file_name(batch: Batch) -> str:
    return bank_format(batch.profile).send.named(
        parameters=batch.terms.parameters, sent_on=batch.as_of, batch_no=batch.file_no
    )


def _moved(name: str, sha256: bytes, outside: Outside) -> bool:
    """Whether the file that was built is in ``out/`` now, moved by us or by who was here before."""
    if outside.folder.holds(BUILT_FOLDER, name, sha256):
        outside.folder.hand_out(name)
    return outside.folder.holds(OUT, name, sha256)


def _write(batch: Batch, part: str, *, commands: Commands, outside: Outside) -> Written:
    layout = bank_format(batch.profile)
    return outside.folder.write(part, file_name(batch), lambda out: write_send(
        batch=batch.sent(), items=_items(batch, commands=commands), out=out, bank_format=layout
    ))  # fmt: skip


def _items(batch: Batch, *, commands: Commands) -> Iterator[SentItem]:
    for item in items_for_file(commands, batch):
        yield sent_item(item.debtor, key=item.key, item_no=item.item_no, amount_fen=item.amount_fen, terms=batch.terms)


@dataclass(frozen=True, slots=True)
class RecordFile:
    """``written`` None: the file that is known lies where it must."""

    batch_no: int
    version: int
    written: Written | None


def record_file(command: RecordFile, work: Work) -> dict[str, Any]:
    """The file is there. One that was overtaken (items withdrawn while it was written) is not taken for the batch's."""
    batch = lock_batch(work, command.batch_no)
    attend(work, batch.batch_no)
    if batch.version != command.version:
        return {"state": batch.state}
    if command.written is not None:
        _keep(work, batch, command.written)
    if batch.state == CLAIMING and batch.next_step == "write":
        move(work, batch, "build", next_step="hand_over" if batch.hand_over else None)
    elif batch.state == HANDED_OVER and batch.next_step == "publish":
        set_next_step(work, batch, None)
    return {"state": batch.state}


def _keep(work: Work, batch: Batch, written: Written) -> None:
    if batch.state not in (CLAIMING, BUILT, HANDED_OVER):
        return
    file_id = add_file(work, sha256=written.sha256, name=written.path.name, size=written.size, kind="send",
                       outcome="written", bank=batch.bank, batch_no=batch.batch_no)  # fmt: skip
    set_file(work, batch, file_id=file_id)

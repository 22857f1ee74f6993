"""The debit file: written from items, and read back as strictly as a bank would (adopt, check)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from operator import attrgetter, lt
from typing import Any, BinaryIO, ClassVar

from services.bank_gateway.domain.bank_file import FileRefusal, SentBatch, SentItem
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.declared_totals import refuse_wrong_totals
from services.bank_gateway.domain.file_shape import FileIdentity
from services.bank_gateway.domain.record import Field, Line, Rows
from services.bank_gateway.domain.sent_book import refuse_repeated_keys
from shared.kernel.errors import Refusal

_ITEMS_PER_BLOCK = 500
_ITEM_ATTRIBUTES = frozenset(field.name for field in fields(SentItem))


class ItemUnwritable(Refusal):
    """An item that this bank's file cannot carry.

    Facts: ``key``, ``field`` (of the bank's page), ``value``, ``expected`` (the form in words), ``wrong``
    (the characters that cannot be written, "" where the form is at fault).
    """

    code = "item_unwritable"
    remedy: ClassVar[str] = "Correct the item's mandate or leave the item out of this bank's batch."


def unwritable(item: SentItem, *, bank_format: BankFormat) -> ItemUnwritable | None:
    """Why the bank's file cannot carry this item, ``None`` when it can: asked before anything is written.

    Every text must have the form of its field and consist of characters that the encoding has; neither the
    separator nor a control character is among them. Nothing is replaced, shortened or left out.
    """
    for field in bank_format.send.detail.fields:
        if field.means not in _ITEM_ATTRIBUTES:
            continue
        value = field.kind.written(getattr(item, field.means))
        wrong = bank_format.layout.unwritable_in(value)
        if wrong or not field.kind.accepts(value):
            form = field.kind.form + (f" without {' '.join(wrong)}" if wrong else "")
            return ItemUnwritable(
                f"{bank_format.name}: {field.name} of item {item.key} cannot be written as {form}",
                key=item.key,
                field=field.name,
                value=value,
                expected=field.kind.form,
                wrong=wrong,
            )
    return None


def write_send(*, batch: SentBatch, items: Iterable[SentItem], out: BinaryIO, bank_format: BankFormat) -> None:
    """Write head and rows as the items come, with flat memory; ``batch`` tells count and amount beforehand.

    Refuses the first item that cannot be written. Items that do not add up to the head are a defect.
    """
    send = bank_format.send
    count, amount_fen = 0, 0
    if send.head is not None:
        head = [[field.kind.written(_head_value(batch, field))] for field in send.head.fields]
        out.write(bank_format.layout.written(send.head, head))
    coming = iter(items)
    while block := list(islice(coming, _ITEMS_PER_BLOCK)):
        out.write(_block_written(block, batch=batch, bank_format=bank_format))
        count += len(block)
        amount_fen += sum(map(attrgetter("amount_fen"), block))
    if (count, amount_fen) != (batch.count, batch.amount_fen):
        raise ValueError(f"items: {count} of {amount_fen} fen, head: {batch.count} of {batch.amount_fen} fen")


def item_rows(items: Sequence[SentItem], *, batch: SentBatch, bank_format: BankFormat) -> Rows:
    """One or more items as rows of a send file; refuses the first whose texts do not have the agreed form."""
    record = bank_format.send.detail
    own = [field.means for field in record.fields if field.means in _ITEM_ATTRIBUTES]
    values = dict(zip(own, zip(*map(attrgetter(*own), items), strict=True), strict=True))
    columns = [
        field.kind.write_all(values[field.means])
        if field.means in values
        else [field.kind.written(_head_value(batch, field))] * len(items)
        for field in record.fields
    ]
    if not record.accepts_all(columns):
        raise _first_unwritable(items, bank_format=bank_format)
    return Rows(record, 1, columns)


class SendReader:
    """The rows of a send file, judged while they pass: name, bytes, form, at last what the head declares.

    Each iteration reads from the beginning. ``batch`` is known once the first rows have passed,
    ``keys_ascend`` at the end. That keys are unique is not seen here, because it takes all keys at hand:
    ``judge_send`` does it, or a unique index in a database.
    """

    def __init__(self, *, name: str, content: BinaryIO, parameters: Mapping[str, str], bank_format: BankFormat) -> None:
        self.identity = bank_format.send.identify(name, parameters=parameters)
        self.batch: SentBatch | None = None
        self.keys_ascend = True
        self._format, self._content = bank_format, content

    def __iter__(self) -> Iterator[Rows]:
        self._content.seek(0)
        head, count, amount_fen, last_key = None, 0, 0, ""
        file = self.identity.file
        for part in self._format.layout.read(self._content, shape=self._format.send, file=file):
            if isinstance(part, Line):
                head = part
                self.batch = _batch_of(part, identity=self.identity)
                continue
            refuse_other_day(part, identity=self.identity)
            keys = [last_key, *part.texts("key")]
            self.keys_ascend = self.keys_ascend and all(map(lt, keys, keys[1:]))
            last_key = keys[-1]
            count += len(part)
            amount_fen += sum(part.values("amount_fen"))
            yield part
        if head is None:
            raise ValueError(f"{self._format.name} has no head in its send file")
        refuse_wrong_totals(head, rows={"count": count, "amount_fen": amount_fen}, file=file)
        if not count:
            raise FileRefusal("count_differs", file=file, line=1, field="count", value="0", expected="1 or more")


def judge_send(reader: SendReader) -> SentBatch:
    """The batch of a send file that is sound as a whole; keys that ascend need no memory to be unique."""
    for _ in reader:
        pass
    if not reader.keys_ascend:
        refuse_repeated_keys(reader, file=reader.identity.file)
    if reader.batch is None:
        raise ValueError("a send file without a head was accepted")
    return reader.batch


def read_send(
    *, name: str, content: BinaryIO, parameters: Mapping[str, str], bank_format: BankFormat
) -> tuple[SentBatch, Iterator[SentItem]]:
    """A send file of another system: judged as a whole, then its items as they are read once more."""
    reader = SendReader(name=name, content=content, parameters=parameters, bank_format=bank_format)
    batch = judge_send(reader)
    return batch, (item for rows in reader for item in sent_items(rows))


def sent_items(rows: Rows) -> Iterator[SentItem]:
    own = [means for means in rows.record.meanings if means in _ITEM_ATTRIBUTES]
    for values in zip(*map(rows.values, own), strict=True):
        yield SentItem(**dict(zip(own, values, strict=True)))


def echo_texts(item: SentItem, *, bank_format: BankFormat) -> list[str]:
    """What must come back of an item, as texts of a file: for ``sent_book.differing``."""
    record = bank_format.answer.detail
    return [record.field_of(means).kind.written(getattr(item, means)) for means in bank_format.echoes]


def refuse_other_day(rows: Rows, *, identity: FileIdentity) -> None:
    """Rows that carry the business date carry that of the file's name."""
    if "sent_on" not in rows.record.meanings:
        return
    field = rows.record.field_of("sent_on")
    own = field.kind.written(identity.sent_on)
    days = rows.texts("sent_on")
    if days.count(own) != len(days):
        offset = next(place for place, text in enumerate(days) if text != own)
        raise FileRefusal(
            "date_differs",
            file=identity.file,
            line=rows.first_line + offset,
            field=field.name,
            value=days[offset],
            expected=own,
        )


def _block_written(items: Sequence[SentItem], *, batch: SentBatch, bank_format: BankFormat) -> bytes:
    rows = item_rows(items, batch=batch, bank_format=bank_format)
    try:
        return bank_format.layout.written(rows.record, rows.columns)
    except ValueError:  # a separator, or a character that the encoding does not have
        raise _first_unwritable(items, bank_format=bank_format) from None


def _first_unwritable(items: Sequence[SentItem], *, bank_format: BankFormat) -> Exception:
    refusals = (unwritable(item, bank_format=bank_format) for item in items)
    first = next((refusal for refusal in refusals if refusal is not None), None)
    return first or ValueError("no item of these rows is at fault: the batch itself cannot be written")


def _head_value(batch: SentBatch, field: Field) -> Any:
    if field.means in batch.parameters:
        return batch.parameters[field.means]
    return getattr(batch, field.means)


def _batch_of(head: Line, *, identity: FileIdentity) -> SentBatch:
    """The batch that a head announces; refused when head and name speak of different things."""
    batch = SentBatch(
        parameters=identity.parameters,
        sent_on=identity.sent_on,
        batch_no=identity.batch_no,
        count=head.value("count"),
        amount_fen=head.value("amount_fen"),
    )
    for field in head.record.fields:
        named = field.kind.written(_head_value(batch, field))
        if head.text(field.means) != named:
            raise FileRefusal(
                "head_differs",
                file=identity.file,
                line=head.line,
                field=field.name,
                value=head.text(field.means),
                expected=named,
            )
    return batch

"""What was sent against what comes back, in memory: flat where the bank keeps our order, else by key.

A service with a database compares sets there instead, and asks ``unknown``, ``repeated``, ``missing`` and
``differing`` for the words of the refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.record import Record, Rows
from shared.kernel.money import format_yuan

_BETWEEN = "\x1f"  # a control character: in no text of a bank file


class SentBook:
    """The items of one batch, each with what must come back; one book for one result.

    ``sent`` are the rows of the send file, from the beginning each time they are iterated; keys are unique.
    """

    def __init__(self, sent: Iterable[Rows], *, bank_format: BankFormat) -> None:
        self._format, self._sent = bank_format, sent
        self._coming = iter(sent)
        self._keys: list[str] = []  # read of the send file, not reached yet by the result
        self._echoes: list[bytes] = []
        self._passed: dict[str, bytes] = {}  # passed by the result without having come back

    def tick_off(self, rows: Rows, *, file: str) -> None:
        """Rows of a result: each was sent, comes once and comes back as it was sent."""
        keys, came = rows.texts("key"), self._packed(rows)
        if not self._passed:
            sent_keys, sent = self._next(len(keys))
            if (keys, came) == (sent_keys, sent):
                return
            self._passed.update(zip(sent_keys, sent, strict=True))
        for offset, (key, echo) in enumerate(zip(keys, came, strict=True)):
            expected = self._found(key)
            if expected != echo:
                self._refuse(rows, offset, expected, file=file)

    def refuse_missing(self, *, file: str) -> None:
        """Where all items are listed, one that is not is a fault of the file."""
        left = next(iter(self._passed), None) or next(iter(self._next(1)[0]), None)
        if left is not None:
            raise missing(left, bank_format=self._format, file=file)

    def _found(self, key: str) -> bytes | None:
        """What must come back of an item, looking on in the send file as far as it takes."""
        while key not in self._passed and (self._keys or self._read_on()):
            self._passed.update(zip(self._keys, self._echoes, strict=True))
            self._keys.clear()
            self._echoes.clear()
        return self._passed.pop(key, None)

    def _next(self, count: int) -> tuple[list[str], list[bytes]]:
        """The next items in the order of sending, fewer at the end."""
        while len(self._keys) < count and self._read_on():
            pass
        keys, echoes = self._keys[:count], self._echoes[:count]
        del self._keys[:count], self._echoes[:count]
        return keys, echoes

    def _read_on(self) -> bool:
        rows = next(self._coming, None)
        if rows is not None:
            self._keys += rows.texts("key")
            self._echoes += self._packed(rows)
        return rows is not None

    def _packed(self, rows: Rows) -> list[bytes]:
        """What must come back of each row, in one string of bytes."""
        echoes = map(_BETWEEN.join, zip(*map(rows.texts, self._format.echoes), strict=True))
        return "\n".join(echoes).encode(self._format.layout.encoding).split(b"\n")

    def _refuse(self, rows: Rows, offset: int, expected: bytes | None, *, file: str) -> None:
        key, line = rows.texts("key")[offset], rows.first_line + offset
        if expected is None:
            if any(key in sent.texts("key") for sent in self._sent):
                raise repeated(key, record=rows.record, file=file, line=line)
            raise unknown(key, bank_format=self._format, file=file, line=line)
        refusal = differing(
            expected.decode(self._format.layout.encoding).split(_BETWEEN),
            [rows.texts(means)[offset] for means in self._format.echoes],
            bank_format=self._format,
            file=file,
            line=line,
        )
        if refusal is not None:
            raise refusal


def refuse_repeated_keys(sent: Iterable[Rows], *, file: str) -> None:
    """Every key stands once in a send file."""
    seen: set[str] = set()
    for rows in sent:
        for offset, key in enumerate(rows.texts("key")):
            if key in seen:
                raise repeated(key, record=rows.record, file=file, line=rows.first_line + offset)
            seen.add(key)


def repeated(key: str, *, record: Record, file: str, line: int) -> FileRefusal:
    """A row about an item that stood in the file before."""
    return FileRefusal("item_repeated", file=file, line=line, field=record.field_of("key").name, value=key)


def unknown(key: str, *, bank_format: BankFormat, file: str, line: int) -> FileRefusal:
    """A row about an item that was not sent in this batch."""
    field = bank_format.answer.detail.field_of("key")
    return FileRefusal("item_unknown", file=file, line=line, field=field.name, value=key)


def missing(key: str, *, bank_format: BankFormat, file: str) -> FileRefusal:
    """An item that was sent and that the file does not list."""
    field = bank_format.answer.detail.field_of("key")
    return FileRefusal("item_missing", file=file, field=field.name, expected=key)


def differing(
    sent: Sequence[str], came: Sequence[str], *, bank_format: BankFormat, file: str, line: int
) -> FileRefusal | None:
    """How a row differs from its item, ``None`` when it does not; both are texts of the format's ``echoes``.

    Blanks at the end do not count. Amounts are told in yuan. Text that is what was sent, read in another
    encoding, is told as that.
    """
    record = bank_format.answer.detail
    for means, own, other in zip(bank_format.echoes, sent, came, strict=True):
        if own.rstrip() == other.rstrip():
            continue
        field = record.field_of(means)
        if _is_utf8_misread(other, own, encoding=bank_format.layout.encoding):
            return FileRefusal("encoding", file=file, line=line, field=field.name, value=other, expected=own)
        if means == "amount_fen":
            read = field.kind.read_all([other, own])
            other, own = map(format_yuan, read)
        return FileRefusal(
            bank_format.reason_for(means), file=file, line=line, field=field.name, value=other, expected=own
        )
    return None


def _is_utf8_misread(came: str, sent: str, *, encoding: str) -> bool:
    if came.isascii():
        return False
    try:
        return came.encode(encoding).decode("utf-8") == sent
    except UnicodeError:
        return False

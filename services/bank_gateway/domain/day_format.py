"""The declaration of a day-end file: its lines and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.bank_format import Layout
from services.bank_gateway.domain.day_book import BankLine
from services.bank_gateway.domain.declared_totals import refuse_wrong_totals
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import Line, Rows


@dataclass(frozen=True)
class DayFormat:
    """One layout of day-end files. ``reversals`` are the types whose amounts are below zero."""

    name: str
    title: str
    layout: Layout
    shape: FileShape
    reversals: tuple[str, ...]

    def lines(self, content: BinaryIO, *, day: date, name: str) -> Iterator[list[BankLine]]:
        """The lines of that day's file, block by block, judged while they pass; read to the end before believing any."""
        identity = self.shape.identify(name, parameters={})
        if identity.sent_on != day:
            raise FileRefusal("date_differs", level="batch", file=name, value=f"{identity.sent_on}", expected=f"{day}")
        head, count, amount_fen = None, 0, 0
        for part in self.layout.read(content, shape=self.shape, file=name):
            if isinstance(part, Line):
                head = part
                continue
            lines = self._judged(part, day=day, file=name)
            count += len(lines)
            amount_fen += sum(line.amount_fen for line in lines)
            yield lines
        if head is None:
            raise ValueError(f"{self.name} has no head")
        refuse_wrong_totals(head, rows={"count": count, "amount_fen": amount_fen}, file=name)

    def _judged(self, rows: Rows, *, day: date, file: str) -> list[BankLine]:
        amounts_fen, kinds, days = rows.values("amount_fen"), rows.texts("kind"), rows.texts("day")
        field = rows.record.field_of("day")
        own = field.kind.written(day)
        if days.count(own) != len(days):
            offset = next(place for place, text in enumerate(days) if text != own)
            raise FileRefusal("date_differs", file=file, line=rows.first_line + offset, field=field.name,
                              value=days[offset], expected=own)  # fmt: skip
        for offset, (amount_fen, kind) in enumerate(zip(amounts_fen, kinds, strict=True)):
            if amount_fen == 0 or (amount_fen < 0) != (kind in self.reversals):
                raise self._wrong_sign(rows, offset, file=file)
        numbers = range(rows.first_line, rows.first_line + len(rows))
        serials, account_nos = rows.texts("serial"), rows.texts("account_no")
        return list(map(BankLine, numbers, serials, account_nos, amounts_fen))

    def _wrong_sign(self, rows: Rows, offset: int, *, file: str) -> FileRefusal:
        field = rows.record.field_of("amount_fen")
        kind = rows.texts("kind")[offset]
        return FileRefusal(
            "field_format", file=file, line=rows.first_line + offset, field=field.name,
            value=rows.texts("amount_fen")[offset],
            expected=f"an amount {'below' if kind in self.reversals else 'above'} zero for type {kind}",
        )  # fmt: skip

"""The declaration of one bank's files: layout, shapes of the files, results and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import BinaryIO, Protocol

from services.bank_gateway.domain.bank_file import Verdict
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import Field, Line, Record, Rows

_ALONE = ("key", "sent_on")  # judged by rules of their own, not as something that must come back
_REASONS = {
    "bank_account": "item_account_differs",
    "holder": "item_name_differs",
    "amount_fen": "item_amount_differs",
}


class Layout(Protocol):
    """How records stand in bytes: delimited, fixed width, XML."""

    @property
    def encoding(self) -> str: ...

    def read(self, content: BinaryIO, *, shape: FileShape, file: str) -> Iterator[Line | Rows]:
        """Head, rows and trailer in the order of the file; refuses at the first fault of bytes or form."""
        ...

    def written(self, record: Record, columns: list[list[str]]) -> bytes:
        """Rows of texts that have the form of their fields, as bytes; ``ValueError`` when they do not fit."""
        ...

    def unwritable_in(self, text: str) -> str:
        """The characters of a text that this layout cannot carry."""
        ...


@dataclass(frozen=True)
class BankFormat:
    """One bank's batch collection. A further bank is a further module in ``formats`` with such a declaration.

    ``verdicts`` maps the texts of the fields ``result`` (in that order) to what they mean; a combination that
    is not there is refused. The bank's own code of a result is the last of them. ``item_key`` makes the key
    of an item from the business date of its batch and our number of the item.
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    layout: Layout
    send: FileShape
    answer: FileShape
    result: tuple[str, ...]
    verdicts: Mapping[tuple[str, ...], Verdict]
    item_key: Callable[[date, int], str]

    @cached_property
    def echoes(self) -> tuple[str, ...]:
        """Our attributes that must come back in a result as they were sent, the telling ones first."""
        sent = self.send.detail.meanings
        shared = [m for m in self.answer.detail.meanings if m in sent and m not in _ALONE]
        return tuple(sorted(shared, key=lambda means: list(_REASONS).index(means) if means in _REASONS else 9))

    @cached_property
    def result_columns(self) -> tuple[int, ...]:
        names = [field.name for field in self.answer.detail.fields]
        return tuple(names.index(name) for name in self.result)

    def unlisted(self, texts: tuple[str, ...]) -> tuple[Field, str, str]:
        """Of a result without a verdict: the field at fault, its text, and why (unknown, contradicting)."""
        fields = self.answer.detail.fields
        for place, (column, text) in enumerate(zip(self.result_columns, texts, strict=True)):
            if all(listed[place] != text for listed in self.verdicts):
                return fields[column], text, "result_code_unknown"
        return fields[self.result_columns[-1]], texts[-1], "result_contradicts"

    @staticmethod
    def reason_for(means: str) -> str:
        """Why a file is refused in which this attribute does not come back as it was sent."""
        return _REASONS.get(means, "item_field_differs")

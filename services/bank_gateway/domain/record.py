"""A record is a table of fields; a field has a name, a form and a meaning. No layout is known here.

Layouts hand over whole columns (the same field of many rows): a column is checked and read in a few calls, so
that a declaration costs little more than code written for one bank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

_SAMPLE, _FEW = 8, 4  # a column whose first values are few different ones may have few altogether


@dataclass(frozen=True)
class Kind:
    """The form of a field. ``pattern`` describes one value, whole; it never matches a line end.

    ``holds`` says what no pattern can (the date exists). ``read`` and ``write`` turn text into what the field
    means and back; ``None`` where that is the text itself.
    """

    form: str
    pattern: str
    holds: Callable[[str], bool] | None = None
    read: Callable[[str], Any] | None = None
    write: Callable[[Any], str] | None = None

    @cached_property
    def _one(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def _all(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{self.pattern}\n)*+")

    def accepts(self, text: str) -> bool:
        return self._one.fullmatch(text) is not None and (self.holds is None or self.holds(text))

    def accepts_all(self, column: Sequence[str]) -> bool:
        """Whether every value of a column has this form."""
        if self.holds is not None or len(set(column[:_SAMPLE])) <= _FEW:
            different = set(column)
            if self.holds is not None or len(different) * _FEW <= len(column):
                return all(map(self.accepts, different))
        joined = "\n".join(column) + "\n"  # a line end inside a value would make two of one
        return joined.count("\n") == len(column) and self._all.fullmatch(joined) is not None

    def read_all(self, column: list[str]) -> list[Any]:
        return column if self.read is None else list(map(self.read, column))

    def written(self, value: Any) -> str:
        return str(value) if self.write is None else self.write(value)

    def write_all(self, values: Sequence[Any]) -> list[str]:
        if self.read is None:
            return list(values)
        return list(map(str if self.write is None else self.write, values))


def digits(least: int, most: int | None = None) -> Kind:
    """Text of digits, zeros on the left and all: a number of a card, a batch, an order."""
    form = f"{least} digits" if most is None else f"{least} to {most} digits"
    return Kind(form, f"[0-9]{{{least},{most or least}}}")


def number() -> Kind:
    """A count, at most nine digits, without leading zeros."""
    return Kind("a whole number without leading zeros", "(?:0|[1-9][0-9]{0,8})", read=int)


def fen(*, zero: bool) -> Kind:
    """Whole fen without leading zeros, at most 13 digits; ``zero`` tells whether nothing is an amount too."""
    form = "whole fen without leading zeros" + ("" if zero else ", more than 0")
    return Kind(form, "(?:0|[1-9][0-9]{0,12})" if zero else "[1-9][0-9]{0,12}", read=int)


def yuan() -> Kind:
    """Yuan with a point and two decimals, without leading zeros; read as fen."""
    return Kind(
        "yuan with two decimals",
        r"(?:0|[1-9][0-9]{0,10})\.[0-9]{2}",
        read=lambda text: int(text.replace(".", "")),
        write=lambda amount_fen: f"{amount_fen // 100}.{amount_fen % 100:02d}",
    )


def day(shape: str = "%Y%m%d") -> Kind:
    """A day that exists, written as ``shape`` tells (``%Y``, ``%m`` and ``%d``, each once)."""
    pattern = re.escape(shape).replace("%Y", "[0-9]{4}").replace("%m", "[0-9]{2}").replace("%d", "[0-9]{2}")

    def exists(text: str) -> bool:
        try:
            datetime.strptime(text, shape)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return False
        return True

    form = "a day as " + shape.replace("%Y", "YYYY").replace("%m", "MM").replace("%d", "DD")
    return Kind(
        form,
        pattern,
        holds=exists,
        read=lambda text: datetime.strptime(text, shape).date(),  # noqa: DTZ007
        write=lambda value: value.strftime(shape),
    )


def one_of(*values: str) -> Kind:
    return Kind("one of " + ", ".join(values), f"(?:{'|'.join(map(re.escape, values))})")


def text(least: int, most: int) -> Kind:
    """Text of ``least`` to ``most`` characters without control characters."""
    return Kind(f"{least} to {most} characters", f"[ -~\xa0-\U0010ffff]{{{least},{most}}}")


def printable(least: int, most: int) -> Kind:
    """ASCII without control characters."""
    return Kind(f"{least} to {most} ASCII characters", f"[ -~]{{{least},{most}}}")


def account_number(most: int) -> Kind:
    """Digits, letters and hyphens: what spreadsheets make of a long number (6.2E+18) is none."""
    return Kind(f"1 to {most} digits, letters and hyphens", f"[0-9A-Za-z-]{{1,{most}}}")


@dataclass(frozen=True)
class Field:
    """``name`` as in the bank's page; ``means`` the attribute of ours that it holds, "" for none."""

    name: str
    kind: Kind
    means: str = ""


@dataclass(frozen=True)
class Record:
    """The fields of one kind of line, in their order."""

    name: str
    fields: tuple[Field, ...]

    @cached_property
    def width(self) -> int:
        return len(self.fields)

    @cached_property
    def meanings(self) -> dict[str, int]:
        """Where each of our attributes stands."""
        return {column.means: place for place, column in enumerate(self.fields) if column.means}

    def field_of(self, means: str) -> Field:
        return self.fields[self.meanings[means]]

    def accepts_all(self, columns: Sequence[Sequence[str]]) -> bool:
        return all(column.kind.accepts_all(texts) for column, texts in zip(self.fields, columns, strict=True))

    def first_fault(self, texts: Sequence[str]) -> int | None:
        """The place of the first field that does not have its form."""
        for place, (column, value) in enumerate(zip(self.fields, texts, strict=True)):
            if not column.kind.accepts(value):
                return place
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One record that stands alone: a head or a trailer. ``line`` counts from 1."""

    record: Record
    line: int
    texts: tuple[str, ...]

    def text(self, means: str) -> str:
        return self.texts[self.record.meanings[means]]

    def value(self, means: str) -> Any:
        kind = self.record.field_of(means).kind
        return kind.read_all([self.text(means)])[0]


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows as columns: ``columns[field][row]``; row 0 stands on ``first_line``."""

    record: Record
    first_line: int
    columns: list[list[str]]

    def __len__(self) -> int:
        return len(self.columns[0])

    def texts(self, means: str) -> list[str]:
        return self.columns[self.record.meanings[means]]

    def values(self, means: str) -> list[Any]:
        return self.record.field_of(means).kind.read_all(self.texts(means))

"""What a command writes: collected while it decides, sent at its end in one statement, or by COPY when it is much.

A row is a NamedTuple whose fields are its table's columns and whose class names the table::

    class PaymentRow(NamedTuple):
        payment_id: int
        amount_fen: int
    PaymentRow.TABLE = "payments"   # or @row_of("payments")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from psycopg import RawCursor
from psycopg.types.json import Jsonb

from shared.chassis.database import Cursor

STATEMENT_ROWS_MAX = 60
"""Up to here one statement with all its values is faster than a COPY a table (docs/performance.md)."""


class LostUpdate(RuntimeError):
    """An update met fewer rows than were decided about: a defect, never an answer."""


def row_of(table: str) -> Any:
    """Class decorator: rows of this NamedTuple go to ``table``."""

    def mark(row_type: Any) -> Any:
        row_type.TABLE = table
        return row_type

    return mark


class Change(NamedTuple):
    """An atomic update of many rows: ``{rows}`` in ``sql`` stands for the list of them.

    ``Change("UPDATE credits c SET used_fen = c.used_fen + v.used FROM {rows} AS v (credit_id, used)
    WHERE c.credit_id = v.credit_id", ("bigint", "bigint"))``. It must end without RETURNING.
    """

    sql: str
    types: tuple[str, ...]

    @property
    def table(self) -> str:
        return self.sql.split(None, 2)[1]

    def of_arrays(self) -> str:
        """The statement for many rows: one array a column."""
        arrays = ", ".join(f"%s::{kind}[]" for kind in self.types)
        return self.sql.format(rows=f"unnest({arrays})")

    def of_values(self, count: int, first: int) -> str:
        """The statement for a few rows, with parameters numbered from ``first``."""
        rows = []
        for row in range(count):
            start = first + row * len(self.types)
            rows.append(", ".join(f"${start + column}::{kind}" for column, kind in enumerate(self.types)))
        return self.sql.format(rows=f"(VALUES ({'), ('.join(rows)}))")


class Writes:
    """Rows to insert, by table, in the order in which the tables first occurred; changes in the order given."""

    def __init__(self) -> None:
        self._rows: dict[type[Any], list[Any]] = {}
        self._changes: dict[Change, list[tuple[Any, ...]]] = {}

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            kind = type(row)
            if kind in self._rows:
                self._rows[kind].append(row)
            else:
                self._rows[kind] = [row]

    def change(self, change: Change, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._changes.setdefault(change, []).extend(rows)

    def take_over(self, other: Writes) -> None:
        """Everything that ``other`` collected, after what is here."""
        for rows in other._rows.values():
            self.add(rows)
        for change, change_rows in other._changes.items():
            self.change(change, change_rows)

    def send(self, cursor: Cursor) -> None:
        """Write everything. A table must be added to before the tables that refer to it."""
        count = sum(map(len, self._rows.values()))
        if not self._rows and not self._changes:
            return
        if count <= STATEMENT_ROWS_MAX:
            self._send_at_once(cursor)
        else:
            self._send_much(cursor)

    def _send_at_once(self, cursor: Cursor) -> None:
        self._send_first_changes(cursor)
        changes = tuple((change, len(rows)) for change, rows in self._changes.items())
        inserts = tuple((kind, len(rows)) for kind, rows in self._rows.items())
        values = [value for rows in self._changes.values() for row in rows for value in row]
        values += [_adapted(value) for rows in self._rows.values() for row in rows for value in row]
        # A raw cursor: the statement has its numbered parameters already and is not parsed again each time.
        counts = RawCursor(cursor.connection).execute(_statement(changes, inserts), values).fetchone()
        wanted = [count for _, count in changes]
        if counts is None or list(counts[: len(wanted)]) != wanted:
            raise LostUpdate(f"changed {counts}, expected {wanted}")

    def _send_first_changes(self, cursor: Cursor) -> None:
        """One statement changes a row once: of several changes of a table all but the last go ahead of it."""
        last = {change.table: change for change in self._changes}
        for change in [change for change in self._changes if last[change.table] is not change]:
            _change_many(cursor, change, self._changes.pop(change))

    def _send_much(self, cursor: Cursor) -> None:
        for change, change_rows in self._changes.items():
            _change_many(cursor, change, change_rows)
        for kind, rows in self._rows.items():
            columns = ", ".join(kind._fields)
            with cursor.copy(f"COPY {kind.TABLE} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _change_many(cursor: Cursor, change: Change, rows: list[tuple[Any, ...]]) -> None:
    cursor.execute(change.of_arrays(), list(map(list, zip(*rows, strict=True))))
    if cursor.rowcount != len(rows):
        raise LostUpdate(f"changed {cursor.rowcount} rows, expected {len(rows)}: {change.sql}")


def _adapted(value: Any) -> Any:
    return Jsonb(value) if type(value) in (dict, list) else value


@cache
def _statement(changes: tuple[tuple[Change, int], ...], inserts: tuple[tuple[type[Any], int], ...]) -> str:
    """One statement that makes every change and insert, and answers how many rows each change met."""
    parts, first = [], 1
    for number, (change, count) in enumerate(changes):
        parts.append(f"c{number} AS ({change.of_values(count, first)} RETURNING 1)")
        first += count * len(change.types)
    for number, (kind, count) in enumerate(inserts):
        width = len(kind._fields)
        rows = [", ".join(f"${first + row * width + column}" for column in range(width)) for row in range(count)]
        columns = ", ".join(kind._fields)
        parts.append(f"i{number} AS (INSERT INTO {kind.TABLE} ({columns}) VALUES ({'), ('.join(rows)}))")
        first += count * width
    counted = ", ".join(f"(SELECT count(*) FROM c{number})" for number in range(len(changes)))
    return f"WITH {', '.join(parts)} SELECT {counted or '0'}"

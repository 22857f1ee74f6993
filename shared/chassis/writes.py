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
from itertools import chain
from typing import Any, NamedTuple

from psycopg import RawCursor
from psycopg.types.json import Jsonb

from shared.chassis.codec import canonical
from shared.chassis.database import Cursor

STATEMENT_ROWS_MAX = 60
"""Up to here one statement with all its values is fastest; it is another statement for each number of rows."""
ARRAY_ROWS_MAX = 600
"""Up to here one statement with an array a column is faster than a COPY a table (docs/performance.md)."""


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

    def of_numbered_arrays(self, first: int) -> str:
        """The statement for any number of rows, with parameters numbered from ``first``."""
        return self.sql.format(rows=_unnested(self.types, first))

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
            self._send_first_changes(cursor)
            self._send_values(cursor)
        elif count <= ARRAY_ROWS_MAX:
            self._send_first_changes(cursor)
            self._send_arrays(cursor)
        else:
            self._send_much(cursor)

    def _send_values(self, cursor: Cursor) -> None:
        changes = tuple((change, len(rows)) for change, rows in self._changes.items())
        inserts = tuple((kind, len(rows)) for kind, rows in self._rows.items())
        values = [value for rows in self._changes.values() for row in rows for value in row]
        values += [_adapted(value) for rows in self._rows.values() for row in rows for value in row]
        self._send_at_once(cursor, _statement(changes, inserts), values)

    def _send_arrays(self, cursor: Cursor) -> None:
        inserts = tuple((kind, _column_types(cursor, kind)) for kind in self._rows)
        values = [list(column) for rows in self._changes.values() for column in zip(*rows, strict=True)]
        values += [
            [_in_list(value) for value in column] for rows in self._rows.values() for column in zip(*rows, strict=True)
        ]
        self._send_at_once(cursor, _array_statement(tuple(self._changes), inserts), values)

    def _send_at_once(self, cursor: Cursor, statement: str, values: list[Any]) -> None:
        # A raw cursor: the statement has its numbered parameters already and is not parsed again each time.
        counts = RawCursor(cursor.connection).execute(statement, values).fetchone()
        wanted = [len(rows) for rows in self._changes.values()]
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
            if not {dict, list}.isdisjoint(map(type, chain.from_iterable(rows))):
                rows = [tuple(map(_adapted, row)) for row in rows]
            with cursor.copy(f"COPY {kind.TABLE} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _change_many(cursor: Cursor, change: Change, rows: list[tuple[Any, ...]]) -> None:
    cursor.execute(change.of_arrays(), list(map(list, zip(*rows, strict=True))))
    if cursor.rowcount != len(rows):
        raise LostUpdate(f"changed {cursor.rowcount} rows, expected {len(rows)}: {change.sql}")


def _adapted(value: Any) -> Any:
    return Jsonb(value) if type(value) in (dict, list) else value


def _in_list(value: Any) -> Any:
    """JSON is told as text in a list: the driver wants all of its members to be of one kind."""
    if type(value) is Jsonb:
        value = value.obj
    elif type(value) not in (dict, list):
        return value
    return canonical(value)


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
    return _with(parts, changes=len(changes))


@cache
def _array_statement(changes: tuple[Change, ...], inserts: tuple[tuple[type[Any], tuple[str, ...]], ...]) -> str:
    """The same with an array for each column: one statement whatever the number of rows."""
    parts, first = [], 1
    for number, change in enumerate(changes):
        parts.append(f"c{number} AS ({change.of_numbered_arrays(first)} RETURNING 1)")
        first += len(change.types)
    for number, (kind, types) in enumerate(inserts):
        told = ["text" if _is_array(type_) else type_ for type_ in types]
        columns = [f"v{n}::{type_}" if _is_array(type_) else f"v{n}" for n, type_ in enumerate(types)]
        names = ", ".join(f"v{n}" for n in range(len(types)))
        parts.append(
            f"i{number} AS (INSERT INTO {kind.TABLE} ({', '.join(kind._fields)})"
            f" SELECT {', '.join(columns)} FROM {_unnested(told, first)} AS v ({names}))"
        )
        first += len(types)
    return _with(parts, changes=len(changes))


def _with(parts: list[str], *, changes: int) -> str:
    counted = ", ".join(f"(SELECT count(*) FROM c{number})" for number in range(changes))
    return f"WITH {', '.join(parts)} SELECT {counted or '0'}"


def _is_array(type_: str) -> bool:
    """Rows hold an array as its text, ``{a,b}``: in a list of such values it is text until it is read."""
    return type_.endswith("[]")


def _unnested(types: Sequence[str], first: int) -> str:
    return f"unnest({', '.join(f'${first + n}::{kind}[]' for n, kind in enumerate(types))})"


_TYPES: dict[type[Any], tuple[str, ...]] = {}


def _column_types(cursor: Cursor, kind: type[Any]) -> tuple[str, ...]:
    """The types of the columns that rows of this kind fill, asked for once."""
    if kind not in _TYPES:
        rows = cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped",
            (kind.TABLE,),
        ).fetchall()
        types: dict[str, str] = dict(rows)
        _TYPES[kind] = tuple(types[field] for field in kind._fields)
    return _TYPES[kind]

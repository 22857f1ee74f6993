"""Columns of a file on their way into a temporary table: by COPY, a block at a time, with flat memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from shared.chassis.unit_of_work import Work

BULK_SETTINGS = (
    "SET LOCAL statement_timeout = '15min'",
    "SET LOCAL lock_timeout = '30s'",
    "SET LOCAL work_mem = '64MB'",
    # A fresh table has no statistics: a nested loop over a million rows would be chosen by mistake.
    "SET LOCAL enable_nestloop = off",
)


def begin_bulk(work: Work) -> None:
    """This transaction takes a whole file: it may last minutes and joins in sets."""
    for setting in BULK_SETTINGS:
        work.cursor.execute(setting)


def stage(work: Work, table: str, definition: str, blocks: Iterable[Sequence[Sequence[str]]]) -> int:
    """Make the temporary ``table`` and fill it with blocks of columns of texts; how many rows.

    What the blocks raise ends the COPY and rises.
    """
    work.cursor.execute(f"CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP")
    count = 0
    with work.cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for columns in blocks:
            count += len(columns[0])
            write_columns(copy, columns)
    work.cursor.execute(f"ANALYZE {table}")
    return count


def write_columns(copy: psycopg.Copy, columns: Sequence[Sequence[str]]) -> None:
    """Rows in COPY's text form. The texts hold no control characters; a backslash is doubled."""
    text = "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"
    rows = len(columns[0])
    if text.count("\t") != (len(columns) - 1) * rows or text.count("\n") != rows or "\r" in text:
        raise ValueError("a text holds a control character")
    copy.write(text.replace("\\", "\\\\") if "\\" in text else text)

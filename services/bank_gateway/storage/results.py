"""Results of a batch: staged as they stand in the file, compared with what was sent in sets, told in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg

from services.bank_gateway.storage.batches import Batch
from services.bank_gateway.storage.staging import stage
from shared.chassis.unit_of_work import Work

_STAGED = "line integer, key text, reason text, code text, collected_fen bigint, echo text"


class Fault(NamedTuple):
    """The first line that does not fit what was sent. ``sent`` is its item's echo, ``None`` when there is no item.

    ``nth`` counts the lines with this key; ``before`` is the result that an earlier file gave.
    """

    line: int
    key: str
    nth: int
    sent: str | None
    came: str
    before: str | None
    reason: str


class ClassCount(NamedTuple):
    reason: str
    items: int
    collected_fen: int


def stage_results(work: Work, blocks: Iterable[Sequence[Sequence[str]]]) -> int:
    """Rows of a result (line, key, reason, code, fen, echo) into ``staged_results``; how many."""
    return stage(work, "staged_results", _STAGED, blocks)


def staged_classes(work: Work) -> list[ClassCount]:
    rows = work.rows(
        "SELECT reason, count(*), coalesce(sum(collected_fen), 0)::bigint FROM staged_results GROUP BY reason ORDER BY reason"
    )
    return [ClassCount(*row) for row in rows]


_TAKE = """
INSERT INTO results (batch_no, item_no, file_id, account_no, reason, code, collected_fen)
SELECT i.batch_no, i.item_no, %(file_id)s, i.account_no, s.reason, s.code, s.collected_fen
FROM staged_results s JOIN batch_items i ON i.batch_no = %(batch_no)s AND i.key = s.key AND i.echo = s.echo
WHERE s.reason <> 'unknown'
  AND NOT EXISTS (SELECT FROM withdrawals w WHERE w.batch_no = i.batch_no AND w.item_no = i.item_no)
ORDER BY i.item_no
"""


def take_all_at_once(work: Work, batch: Batch, *, file_id: int, staged: int) -> bool:
    """Take every staged result if all of them are certain and fit what was sent; nothing is taken when false.

    The usual file: its rows are the items, one for one. The table's keys see to it that none is repeated.
    """
    try:
        with work.cursor.connection.transaction():
            work.cursor.execute(_TAKE, {"file_id": file_id, "batch_no": batch.batch_no})
            if not work.cursor.rowcount == staged == batch.item_count:
                raise _DoesNotFit
    except (_DoesNotFit, psycopg.errors.UniqueViolation):
        return False
    return True


class _DoesNotFit(Exception):
    pass


_FAULTS = """
SELECT s.line, s.key, s.nth, i.echo, s.echo, r.reason, s.reason
FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY line) AS nth FROM staged_results) s
LEFT JOIN batch_items i ON i.batch_no = %(batch_no)s AND i.key = s.key
     AND NOT EXISTS (SELECT FROM withdrawals w WHERE w.batch_no = i.batch_no AND w.item_no = i.item_no)
LEFT JOIN results r ON r.batch_no = %(batch_no)s AND r.item_no = i.item_no
WHERE i.item_no IS NULL OR s.nth > 1 OR i.echo <> s.echo OR (r.reason, r.collected_fen) <> (s.reason, s.collected_fen)
ORDER BY s.line LIMIT 1
"""


def first_fault(work: Work, batch: Batch) -> Fault | None:
    rows = work.rows(_FAULTS, {"batch_no": batch.batch_no})
    return Fault(*rows[0]) if rows else None


def first_missing(work: Work, batch: Batch) -> str | None:
    """The key of the first item that was sent and is not staged."""
    rows = work.rows(
        "SELECT i.key FROM batch_items i LEFT JOIN staged_results s ON s.key = i.key WHERE i.batch_no = %s AND s.key IS NULL"
        " AND NOT EXISTS (SELECT FROM withdrawals w WHERE w.batch_no = i.batch_no AND w.item_no = i.item_no)"
        " ORDER BY i.item_no LIMIT 1",
        (batch.batch_no,),
    )
    return rows[0][0] if rows else None


def take_new(work: Work, batch: Batch, *, file_id: int) -> tuple[list[ClassCount], int]:
    """Take the staged results of items that have none yet: those taken by class, and how many stay unknown.

    To be called when there is no fault and nothing is missing.
    """
    names = {"file_id": file_id, "batch_no": batch.batch_no}
    taken = work.rows(
        "WITH taken AS (INSERT INTO results (batch_no, item_no, file_id, account_no, reason, code, collected_fen)"
        " SELECT i.batch_no, i.item_no, %(file_id)s, i.account_no, s.reason, s.code, s.collected_fen"
        " FROM staged_results s JOIN batch_items i ON i.batch_no = %(batch_no)s AND i.key = s.key"
        " LEFT JOIN results r ON r.batch_no = %(batch_no)s AND r.item_no = i.item_no"
        " WHERE s.reason <> 'unknown' AND r.item_no IS NULL ORDER BY i.item_no RETURNING reason, collected_fen)"
        " SELECT reason, count(*), coalesce(sum(collected_fen), 0)::bigint FROM taken GROUP BY reason ORDER BY reason",
        names,
    )
    work.cursor.execute(
        "INSERT INTO unknown_results (file_id, batch_no, item_no, code)"
        " SELECT %(file_id)s, i.batch_no, i.item_no, s.code FROM staged_results s"
        " JOIN batch_items i ON i.batch_no = %(batch_no)s AND i.key = s.key WHERE s.reason = 'unknown'",
        names,
    )
    return [ClassCount(*row) for row in taken], work.cursor.rowcount


class ToTell(NamedTuple):
    """An accepted file whose results are told; locked until the work ends."""

    file_id: int
    batch_no: int
    told_until: int
    told_count: int
    certain_count: int


def untold_file(work: Work) -> int | None:
    """The oldest accepted file with results that are not told yet."""
    rows = work.rows("SELECT file_id FROM result_files WHERE NOT done ORDER BY file_id LIMIT 1")
    return rows[0][0] if rows else None


def lock_untold(work: Work, file_id: int) -> ToTell | None:
    """The file, unless it is told already or somebody else is telling it."""
    rows = work.rows(
        "SELECT file_id, batch_no, told_until, told_count, succeeded_count + failed_count FROM result_files"
        " WHERE file_id = %s AND NOT done FOR UPDATE SKIP LOCKED",
        (file_id,),
    )
    return ToTell(*rows[0]) if rows else None


def next_results(work: Work, file: ToTell, *, limit: int) -> list[tuple[Any, ...]]:
    """Account, item number, fen and reason of the results that follow, in order of items."""
    return work.rows(
        "SELECT account_no, item_no, collected_fen, reason FROM results WHERE batch_no = %s AND item_no > %s AND file_id = %s"
        " ORDER BY item_no LIMIT %s",
        (file.batch_no, file.told_until, file.file_id, limit),
    )


def set_told(work: Work, file: ToTell, *, until: int, count: int) -> bool:
    """``count`` more results are told, up to item ``until``; whether that was the last."""
    told_count = file.told_count + count
    done = told_count == file.certain_count
    work.cursor.execute(
        "UPDATE result_files SET told_until = %s, told_count = %s, done = %s WHERE file_id = %s",
        (until, told_count, done, file.file_id),
    )
    return done

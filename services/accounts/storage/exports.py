"""Exports: what was asked for, who writes it, how far it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine

from services.accounts.domain.export import EXPORT
from shared.chassis.database import Cursor, transaction
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import NotFound


@row_of("exports")
class ExportRow(NamedTuple):
    export_id: int
    command_id: int
    resource: str
    format: str
    filters: str
    columns: str
    maker: str
    state: str


@row_of("export_progress")
class ExportProgressRow(NamedTuple):
    export_id: int
    rows: int


@row_of("export_moves")
class ExportMoveRow(NamedTuple):
    export_id: int
    command_id: int
    verb: str
    from_state: str | None
    to_state: str


class Export(NamedTuple):
    """``rows`` are those that are written so far."""

    export_id: int
    resource: str
    format: str
    filters: dict[str, Any]
    columns: list[str]
    maker: str
    state: str
    tries: int
    rows: int
    size_bytes: int | None
    sha256: bytes | None
    expires_at: datetime | None
    reason: str | None
    asked_at: datetime


class UnknownExport(NotFound):
    code = "unknown_export"
    remedy = "Check the number; an export is open to whoever asked for it, and to finance and system_admin."


_EXPORTS = """
SELECT e.export_id, e.resource, e.format, e.filters, e.columns, e.maker, e.state, e.tries, p.rows, e.bytes, e.sha256,
       e.expires_at, e.reason, k.at
FROM exports e JOIN export_progress p USING (export_id) JOIN commands k USING (command_id)
"""
_MOVE = Change(
    "UPDATE exports e SET state = v.state, tries = v.tries, bytes = v.bytes, sha256 = v.sha256, expires_at = v.expires_at,"
    " reason = v.reason FROM {rows} AS v (export_id, state, tries, bytes, sha256, expires_at, reason)"
    " WHERE e.export_id = v.export_id",
    ("bigint", "text", "smallint", "bigint", "bytea", "timestamptz", "text"),
)


def add_export(work: Work, *, resource: str, format_: str, filters: Mapping[str, Any], columns: Sequence[str]) -> int:
    export_id: int = work.new_ids(1)[0]
    work.add([
        ExportRow(export_id, work.command_id, resource, format_, json.dumps(filters, ensure_ascii=False),
                  json.dumps(list(columns)), work.caller.actor, EXPORT.initial)
    ])  # fmt: skip
    work.add([ExportProgressRow(export_id, 0)])
    work.add([ExportMoveRow(export_id, work.command_id, "ask", None, EXPORT.initial)])
    return export_id


def open_exports_of(work: Work, maker: str) -> int:
    count: int = work.rows(
        "SELECT count(*) FROM exports WHERE maker = %s AND state IN ('queued', 'running')", (maker,)
    )[0][0]
    return count


def locked_export(work: Work, export_id: int) -> Export:
    """Nobody else moves it until the work ends. Refuses `unknown_export`."""
    return _only(work.rows(_EXPORTS + "WHERE e.export_id = %s FOR UPDATE OF e", (export_id,)), export_id)


def export_of(work: Work, export_id: int) -> Export:
    """Refuses `unknown_export`."""
    return _only(work.rows(_EXPORTS + "WHERE e.export_id = %s", (export_id,)), export_id)


def exports_before(work: Work, export_id: int, *, maker: str | None, limit: int) -> list[Export]:
    """The latest first; ``maker`` None: everybody's."""
    sql = _EXPORTS + "WHERE e.export_id < %(before)s AND (%(maker)s::text IS NULL OR e.maker = %(maker)s)"
    values = {"before": export_id, "maker": maker, "limit": limit}
    return [Export(*row) for row in work.rows(sql + " ORDER BY e.export_id DESC LIMIT %(limit)s", values)]


def move_export(work: Work, export: Export, verb: str, **facts: Any) -> str:
    """To the state that the verb leads to. Refuses `transition_refused`."""
    state = EXPORT.after(verb, export.state)
    moved = export._replace(state=state, **facts)
    work.change(_MOVE, [
        (export.export_id, state, moved.tries, moved.size_bytes, moved.sha256, moved.expires_at, moved.reason)
    ])  # fmt: skip
    work.add([ExportMoveRow(export.export_id, work.command_id, verb, export.state, state)])
    return state


def locked_expired(work: Work, now: datetime, *, limit: int) -> list[Export]:
    sql = (
        _EXPORTS
        + "WHERE e.state = 'done' AND e.expires_at <= %s ORDER BY e.export_id LIMIT %s FOR UPDATE OF e SKIP LOCKED"
    )
    return [Export(*row) for row in work.rows(sql, (now, limit))]


def take_export(cursor: Cursor) -> Export | None:
    """One that waits, or whose writer died; it is ours until this transaction ends, whoever else looks for one.

    The writer of an export holds an advisory lock with its number: one that is running and can be locked has none.
    """
    rows = cursor.execute(_EXPORTS + "WHERE e.state IN ('queued', 'running') ORDER BY e.export_id LIMIT 100").fetchall()
    for row in rows:
        locked = cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (f"export {row[0]}",))
        if locked.fetchone() == (True,):
            return Export(*row)
    return None


def tell_progress(engine: Engine, export_id: int, rows: int) -> None:
    """Seen at once by whoever asks how far it is; no command, for nothing is decided."""
    with transaction(engine) as cursor:
        cursor.execute("UPDATE export_progress SET rows = %s WHERE export_id = %s", (rows, export_id))


def with_files(work: Work, export_ids: Sequence[int]) -> set[int]:
    """Those of them whose file is there for somebody: done, or being written."""
    rows = work.rows("SELECT export_id FROM exports WHERE export_id = ANY(%s) AND state IN ('running', 'done')",
                     (list(export_ids),))  # fmt: skip
    return {export_id for (export_id,) in rows}


def _only(rows: list[tuple[Any, ...]], export_id: int) -> Export:
    if not rows:
        raise UnknownExport("there is no such export", export_id=export_id)
    return Export(*rows[0])

"""Writing exports: in a thread of the worker, one after another, a million rows in the memory of a few thousand.

The rows come through a cursor of the server in one transaction, so that the file shows one moment. A file gets its
name when it is whole; one whose writer was killed is begun again by the next.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.accounts.formats.exported_cell import export_formats
from services.accounts.queries.listed_page import selected_columns, statement
from services.accounts.queries.listings import Listing, listing_named
from services.accounts.storage.exports import Export, take_export, tell_progress, with_files
from services.accounts.use_cases.begin_export import BeginExport, begin_export
from services.accounts.use_cases.expire_exports import ExpireExports, NothingExpired, expire_exports
from services.accounts.use_cases.fail_export import FailExport, fail_export
from services.accounts.use_cases.finish_export import FinishExport, finish_export
from shared.chassis.codec import strict_json
from shared.chassis.database import Cursor, snapshot
from shared.chassis.unit_of_work import Busy, Caller, Commands
from shared.kernel.lifecycle import TransitionRefused

logger = structlog.get_logger()

ACTOR = "worker:exports"
FETCHED_ROWS = 2000
SWEPT_EVERY_SECONDS = 60
_OWN_FILE = re.compile(r"([0-9]{1,19})\.[a-z]{1,10}(\.part)?")


class Stopped(Exception):
    """The worker ends; what it was writing is begun again by the next."""


def exports_folder(work_folder: Path) -> Path:
    """Where files of exports lie: in the work folder, that the web and the worker share, readable by its owner alone."""
    folder = work_folder / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def export_file(work_folder: Path, export_id: int, format_: str) -> Path:
    return exports_folder(work_folder) / f"{export_id}.{format_}"


class Exporting(threading.Thread):
    """Writes what waits until it is told to stop. Trouble is written down and tried again."""

    def __init__(self, commands: Commands, work_folder: Path, *, stop: threading.Event, poll_seconds: float) -> None:
        super().__init__(name="exporting", daemon=True)
        self.commands, self.work_folder, self.stop, self.poll_seconds = commands, work_folder, stop, poll_seconds

    def run(self) -> None:
        pause, sweep_at = self.poll_seconds, time.monotonic()
        while not self.stop.is_set():
            try:
                write_exports(self.commands, self.work_folder, stop=self.stop.is_set)
                if time.monotonic() >= sweep_at:
                    sweep_exports(self.commands, self.work_folder)
                    sweep_at = time.monotonic() + SWEPT_EVERY_SECONDS
                pause = self.poll_seconds
            except Stopped:
                return
            except Exception as error:  # the export is still there and will be begun again
                logger.error("export_failed", error=repr(error)[:300])
                pause = min(30.0, pause * 2)
            self.stop.wait(pause)


def write_exports(commands: Commands, work_folder: Path, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Write exports until none waits that nobody else is writing; how many were taken."""
    taken = 0
    while not stop():
        with snapshot(commands.engine) as cursor:
            export = take_export(cursor)
            if export is None:
                return taken
            _write_one(commands, cursor, export, work_folder, stop)
        taken += 1
    return taken


def sweep_exports(commands: Commands, work_folder: Path) -> None:
    """End the week of those whose it is, and remove every file that belongs to no export that is done or running."""
    with suppress(NothingExpired, Busy):
        commands.run(expire_exports, ExpireExports(commands.clock.now()), caller=Caller(ACTOR))
    found = {path: int(match[1]) for path in exports_folder(work_folder).iterdir()
             if (match := _OWN_FILE.fullmatch(path.name))}  # fmt: skip
    with commands.reading() as work:
        wanted = with_files(work, sorted(set(found.values())))
    for path, export_id in found.items():
        if export_id not in wanted:
            path.unlink(missing_ok=True)


def _write_one(commands: Commands, cursor: Cursor, export: Export, work_folder: Path, stop: Callable[[], bool]) -> None:
    """Whatever is wrong with this one, the next one is written."""
    try:
        begun = commands.run(begin_export, BeginExport(export.export_id), caller=Caller(ACTOR))
    except (TransitionRefused, Busy):  # somebody else finished it before we looked
        return
    if strict_json(begun.body.decode())["state"] != "running":
        return
    target = export_file(work_folder, export.export_id, export.format)
    try:
        size, sha256 = _write_file(commands, cursor, export, target, stop)
    except (psycopg.OperationalError, SQLAlchemyError):
        raise
    except Exception as error:
        if isinstance(error, Stopped):
            raise
        logger.error("export_cannot_be_written", export_id=export.export_id, error=repr(error)[:300])
        reason = "no_space" if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) else "defect"
        commands.run(fail_export, FailExport(export.export_id, reason), caller=Caller(ACTOR))
        return
    done = FinishExport(export.export_id, size, sha256, commands.clock.now())
    commands.run(finish_export, done, caller=Caller(ACTOR))


def _write_file(
    commands: Commands, cursor: Cursor, export: Export, target: Path, stop: Callable[[], bool]
) -> tuple[int, bytes]:
    listing = listing_named(export.resource)
    columns = selected_columns(listing, export.columns)
    with _whole_or_nothing(target) as file:
        sheet = export_formats()[export.format].open(file, columns, title=listing.title.split(" · ")[0])
        for written, rows in _rows(commands, cursor, listing, export):
            sheet.add(rows)
            tell_progress(commands.engine, export.export_id, written)
            if stop():
                raise Stopped
        sheet.close()
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").digest()
        size = file.seek(0, os.SEEK_END)
    return size, digest


def _rows(
    commands: Commands, cursor: Cursor, listing: Listing, export: Export
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """Pages of rows as their columns show them to anybody, each with the number of rows so far."""
    columns = selected_columns(listing, export.columns)
    sql, values = statement(listing, columns, export.filters)
    keys, masks = len(listing.key), [column.mask for column in columns]
    written = 0
    with cursor.connection.cursor(name=f"export_{export.export_id}") as streamed:
        streamed.execute(sql, {**values, "today": commands.clock.today()})
        while page := streamed.fetchmany(FETCHED_ROWS):
            written += len(page)
            yield written, [_masked(row[keys:], masks) for row in page]


def _masked(row: tuple[Any, ...], masks: list[Any]) -> tuple[Any, ...]:
    return tuple(mask(value) if mask else value for mask, value in zip(masks, row, strict=True))


@contextmanager
def _whole_or_nothing(target: Path) -> Iterator[io.BufferedRandom]:
    """A file that its owner alone may read, under its name only once everything is in it and on the disk."""
    part = target.with_name(f"{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise

"""Taking over an old system's ledger, from a file or an upload: read, imported in chunks, told in one report.

An import that was interrupted is simply run again: what came in stays, the rest follows.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.accounts.domain.ledger_file import LedgerFileRefused
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.formats.ledger import Ledger, Progress
from services.accounts.use_cases.import_premises import ImportPremises, import_premises, judged, told
from shared.chassis.unit_of_work import Busy, Caller, Commands
from shared.kernel.money import format_yuan

CHUNK_ROWS = 1000
TRIES_MAX = 20


@dataclass(slots=True)
class ImportReport:
    """What became of a ledger. ``imported`` and the totals are of rows that came in now, or would have."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    normalised: int = 0
    refused: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    building_area: Decimal = Decimal("0.00")
    arrears_fen: int = 0
    prepayment_fen: int = 0
    ignored_columns: tuple[str, ...] = ()

    def add(self, chunk: dict[str, Any]) -> None:
        """``chunk`` is the answer of `import_premises`."""
        self.imported += chunk["imported"]
        self.unchanged += chunk["unchanged"]
        self.normalised += chunk["normalised"]
        self.building_area += Decimal(chunk["building_area"])
        self.arrears_fen += chunk["arrears_fen"]
        self.prepayment_fen += chunk["prepayment_fen"]
        self.refused += [(refused["row"], refused) for refused in chunk["refused"]]

    def told(self) -> dict[str, Any]:
        """The report as data, refused rows in the order of the file. Areas are m², money is yuan."""
        return {
            "rows": self.rows,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "normalised": self.normalised,
            "refused": [refused for _, refused in sorted(self.refused, key=lambda pair: pair[0])],
            "totals": {
                "building_area": str(self.building_area),
                "arrears": format_yuan(self.arrears_fen),
                "prepayment": format_yuan(self.prepayment_fen),
            },
            "ignored_columns": list(self.ignored_columns),
        }


def import_ledger(path: Path, commands: Commands, *, caller: Caller, dry_run: bool = False,
                  progress: Progress | None = None, folder: Path | None = None) -> ImportReport:  # fmt: skip
    """Import a file that others may still write to: from a copy of its own, made in ``folder``.

    Refuses what `read_ledger` refuses; nothing is imported then. A dry run writes nothing.
    """
    with _own_copy(path, folder) as copy:
        return import_own_ledger(copy, commands, caller=caller, dry_run=dry_run, progress=progress)


def import_own_ledger(path: Path, commands: Commands, *, caller: Caller, dry_run: bool = False,
                      progress: Progress | None = None) -> ImportReport:  # fmt: skip
    """Import a file that nobody else has."""
    report, rows = ImportReport(), []
    with Ledger(path) as ledger:
        report.ignored_columns = ledger.unknown_headings
        for outcome in ledger.judged(progress=progress):
            report.rows += 1
            if isinstance(outcome, Fault):
                report.refused.append((outcome.row, outcome.told()))
                continue
            rows.append(outcome)
            if len(rows) == CHUNK_ROWS:
                report.add(_take(commands, rows, caller=caller, dry_run=dry_run))
                rows = []
    if rows:
        report.add(_take(commands, rows, caller=caller, dry_run=dry_run))
    return report


def _take(commands: Commands, rows: list[LedgerRow], *, caller: Caller, dry_run: bool) -> dict[str, Any]:
    if dry_run:
        with commands.reading() as work:
            return told(judged(work, tuple(rows)))
    for tries in range(1, TRIES_MAX + 1):
        try:
            answer = commands.run(import_premises, ImportPremises(tuple(rows)), caller=caller)
        except Busy:  # another import is at it
            if tries == TRIES_MAX:
                raise
            threading.Event().wait(random.uniform(0.05, 0.15))
        else:
            break
    chunk: dict[str, Any] = json.loads(answer.body)
    return chunk


@contextmanager
def _own_copy(path: Path, folder: Path | None) -> Iterator[Path]:
    """A copy that nobody can change while it is read; readable by its owner alone, and gone afterwards."""
    with Ledger(path):
        before = path.stat()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as own:
        copy = Path(own) / path.name
        shutil.copyfile(path, copy)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise LedgerFileRefused("changed_while_read", file=path.name)
        yield copy

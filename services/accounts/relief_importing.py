"""A government list of relief, from a file or an upload: read, matched and granted in chunks, told in one report.

An import that was interrupted is simply run again: what was granted stays, the rest follows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.accounts.domain.approval_effect import NO_EFFECT, Effect, effect_of_accounts
from services.accounts.domain.ledger_record import is_blank
from services.accounts.domain.relief_list import MATCHED, OUTCOMES, RELIEF_LIST, ListRow, Outcome, read_row
from services.accounts.formats.ledger import opened_table
from services.accounts.use_cases.import_reliefs import ImportReliefs, import_reliefs
from shared.chassis.unit_of_work import Caller, Commands, Work

CHUNK_ROWS = 1000
UseCase = Callable[[Any, Work], Any]
Alone = Callable[[UseCase], UseCase]
"""What becomes of a use case that one person does alone."""


@dataclass(slots=True)
class MatchReport:
    """What became of every row of a list, in the order of the file; ``effect`` is what it does to the bills, without lines."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    effect: Effect = NO_EFFECT

    def take(self, answer: Mapping[str, Any]) -> None:
        self.rows += answer["rows"]
        more, so_far = effect_of_accounts(answer), self.effect
        self.effect = Effect(so_far.homes + more.homes, so_far.charged_fen + more.charged_fen,
                             so_far.credited_fen + more.credited_fen)  # fmt: skip

    def told(self) -> dict[str, Any]:
        counts = Counter(row["outcome"] for row in self.rows)
        return {"total": len(self.rows), **{outcome: counts[outcome] for outcome in OUTCOMES},
                "rows": sorted(self.rows, key=lambda row: row["row"])}  # fmt: skip

    @property
    def all_matched(self) -> bool:
        return all(row["outcome"] == MATCHED for row in self.rows)


def import_relief_list(path: Path, commands: Commands, *, caller: Caller, kind: str, reason: str,
                       payer: str | None = None, preview: bool = False,
                       alone: Alone = lambda use_case: use_case,
                       progress: Callable[[int], None] = lambda _: None) -> MatchReport:  # fmt: skip
    """Match a list and grant what matched, a thousand rows at a time; a preview writes nothing.

    Refuses a file that is not taken as a whole, and what the first rows are refused for as a list.
    """
    report = MatchReport()
    rows: list[ListRow] = []

    def take() -> None:
        command = ImportReliefs(tuple(rows), kind, reason, payer, preview)
        report.take(_taken(commands, command, caller, alone))
        rows.clear()
        progress(len(report.rows))

    with opened_table(path, RELIEF_LIST) as source:
        for record in source.records():
            if is_blank(record):
                continue
            headings = source.headings
            whole = len(record.cells) == headings.width
            read = read_row(record, headings.arranged(record.cells) if whole else None)
            if isinstance(read, Outcome):
                report.rows.append(read._asdict())
                continue
            rows.append(read)
            if len(rows) == CHUNK_ROWS:
                take()
    if rows:
        take()
    return report


def _taken(commands: Commands, command: ImportReliefs, caller: Caller, alone: Alone) -> dict[str, Any]:
    if command.preview:
        with commands.reading() as work:
            return import_reliefs(command, work)
    asked = {"kind": command.kind, "payer": command.payer, "rows": len(command.rows), "reason": command.reason}
    told: dict[str, Any] = json.loads(commands.run(alone(import_reliefs), command, caller=caller, request=asked).body)
    return told

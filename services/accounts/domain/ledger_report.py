"""What is told of the rows of a ledger: why one is refused, and what was put right in one that is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from services.accounts.domain.ledger_reasons import REASONS, Remedy


class Normalised(NamedTuple):
    """One cell that was put right. ``rules`` are named as in docs/ledger-columns.md, in their order."""

    column: str
    written: str
    became: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused: nothing of it is imported.

    ``column`` is the heading, ``value`` and ``account_no`` stand as in the file. ``with_rows`` are the other
    rows of a conflict (the first twenty), ``other_column`` the one that a value was exchanged with. ``also``
    are the other faults of the same row; a fault that only follows from another one is not told.
    """

    row: int
    line: int
    column: str
    value: str
    reason: str
    account_no: str
    with_rows: tuple[int, ...] = ()
    other_column: str | None = None
    also: tuple[Fault, ...] = ()

    @property
    def remedy(self) -> Remedy:
        return REASONS[self.reason]

    def told(self) -> dict[str, Any]:
        """Plain data: row, line, column, value, reason and what a person needs to put it right."""
        told: dict[str, Any] = {
            "row": self.row,
            "line": self.line,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
            "account_no": self.account_no,
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
        }
        if self.with_rows:
            told["with_rows"] = list(self.with_rows)
        if self.other_column:
            told["other_column"] = self.other_column
        if self.also:
            told["also"] = [
                {"column": fault.column, "value": fault.value, "reason": fault.reason} for fault in self.also
            ]
        return told

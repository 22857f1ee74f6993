"""What is told of a ledger: the rows that were refused, what was put right, the totals of what was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from services.accounts.domain.ledger_reasons import REASONS, Remedy
from shared.kernel.money import format_yuan

if TYPE_CHECKING:
    from services.accounts.domain.ledger_row import LedgerRow

CHARGEABLE_STATES = frozenset({"active", "suspended", "cut"})
"""A suspended or cut-off home still has a fee; one that is not connected or was disconnected has none."""


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


@dataclass(slots=True)
class LedgerTally:
    """Counts and totals over the outcomes of a ledger, to be added one by one.

    ``normalised`` counts accepted rows in which something was put right; it is part of ``accepted``.
    """

    accepted: int = 0
    normalised: int = 0
    refused: int = 0
    chargeable: int = 0
    building_area: Decimal = field(default=Decimal("0.00"))
    chargeable_building_area: Decimal = field(default=Decimal("0.00"))
    arrears_fen: int = 0
    prepayment_fen: int = 0

    @property
    def rows(self) -> int:
        return self.accepted + self.refused

    def add(self, outcome: LedgerRow | Fault) -> None:
        if isinstance(outcome, Fault):
            self.refused += 1
            return
        self.accepted += 1
        self.normalised += bool(outcome.normalised)
        self.building_area += outcome.building_area
        self.arrears_fen += outcome.arrears_fen
        self.prepayment_fen += outcome.prepayment_fen
        if outcome.state in CHARGEABLE_STATES:
            self.chargeable += 1
            self.chargeable_building_area += outcome.building_area

    def totals(self) -> dict[str, str]:
        """Over all accepted rows, chargeable or not: areas in m², money in yuan, two decimals each."""
        return {
            "building_area": str(self.building_area),
            "arrears": format_yuan(self.arrears_fen),
            "prepayment": format_yuan(self.prepayment_fen),
        }

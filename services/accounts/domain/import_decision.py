"""What an import does with sound rows: new ones come in, known ones stay, contradictions are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.accounts.domain.ledger_columns import ACCOUNT_NO, HEADINGS, ROOM
from services.accounts.domain.ledger_reasons import Remedy
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.domain.ledger_written import fingerprint

Flat = tuple[str, str, str, str]

REASONS: dict[str, Remedy] = {
    "already_imported_differs": Remedy(
        "系统中已有该户且内容不同；请在系统中修改，不要重复导入。",
        "The account is here with other content: change it here, not by another import.",
    ),
    "flat_has_account": Remedy(
        "该房屋在系统中已有户号，请先查明。",
        "The flat has an account here; find out which of the two is right.",
    ),
}
"""Why a sound row is refused all the same: reason → remedy."""


class Contradiction(NamedTuple):
    """A row that contradicts what is here already. ``here`` is the account that is."""

    row: int
    line: int
    column: str
    value: str
    reason: str
    account_no: str
    here: str

    def told(self) -> dict[str, Any]:
        remedy = REASONS[self.reason]
        return {**self._asdict(), "remedy": {"zh": remedy.zh, "en": remedy.en}}


@dataclass(slots=True)
class Decided:
    """``new``: rows to import, with their fingerprints; ``unchanged``: how many are here word for word."""

    new: list[tuple[LedgerRow, bytes]] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Contradiction] = field(default_factory=list)


def flat_of(row: LedgerRow) -> Flat:
    return row.compound, row.building, row.unit, row.room


def decide(rows: Iterable[LedgerRow], *, known: Mapping[str, bytes | None], flats: Mapping[Flat, str]) -> Decided:
    """``known``: account number → fingerprint of the row it came from (None: it was opened otherwise).

    ``flats``: flat → the account that it has.
    """
    decided = Decided()
    for row in rows:
        content = fingerprint(row)
        if row.account_no not in known:
            if here := flats.get(flat_of(row)):
                decided.refused.append(_contradiction(row, ROOM, row.room, "flat_has_account", here))
            else:
                decided.new.append((row, content))
        elif known[row.account_no] == content:
            decided.unchanged += 1
        else:
            reason = "already_imported_differs"
            decided.refused.append(_contradiction(row, ACCOUNT_NO, row.account_no, reason, row.account_no))
    return decided


def _contradiction(row: LedgerRow, column: int, value: str, reason: str, here: str) -> Contradiction:
    return Contradiction(row.row, row.line, HEADINGS[column], value, reason, row.account_no, here)

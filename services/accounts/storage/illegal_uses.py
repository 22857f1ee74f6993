"""Writing that homes without a right to heat were found using it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.illegal_use import IllegalUse
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("illegal_uses")
class IllegalUseRow(NamedTuple):
    use_id: int
    command_id: int
    account_no: str
    season: int
    state: str
    finding: str
    used_since: date
    found_on: date
    reason: str


def add_illegal_uses(work: Work, found: Sequence[tuple[str, str, IllegalUse]], *, finding: str, reason: str) -> None:
    """``found`` are account numbers, the state that each was found in, and the use."""
    work.add(
        IllegalUseRow(
            use_id, work.command_id, account_no, use.season, state, finding, use.used_since, use.found_on, reason
        )
        for use_id, (account_no, state, use) in zip(work.new_ids(len(found)), found, strict=True)
    )

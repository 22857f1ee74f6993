"""Which account ended in which, and which came out of which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

MERGE, SPLIT = "merge", "split"


@row_of("account_joins")
class JoinRow(NamedTuple):
    join_id: int
    command_id: int
    kind: str
    account_no: str
    other_no: str
    on_day: date
    reason: str


def add_joins(work: Work, kind: str, pairs: Sequence[tuple[str, str]], *, reason: str) -> None:
    """``pairs`` are the account that goes on, and the one that ended in it or came out of it."""
    work.add(
        JoinRow(join_id, work.command_id, kind, account_no, other_no, work.today, reason)
        for join_id, (account_no, other_no) in zip(work.new_ids(len(pairs)), pairs, strict=True)
    )

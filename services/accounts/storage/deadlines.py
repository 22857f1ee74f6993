"""What is due by when for applications: opened, ended, and counted again when a calendar became known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.accounts.domain.deadline import Deadline, counted
from services.accounts.domain.policy_values import DayCount
from services.accounts.domain.working_days import WorkingCalendar
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of

CONNECTION, SUSPENSION = "connection_id", "suspension_id"
"""What a deadline is of: the column that names it."""

END = Change(
    "UPDATE deadlines d SET ended_on = v.ended_on, ended_by = v.ended_by, outcome = v.outcome"
    " FROM {rows} AS v (deadline_id, ended_on, ended_by, outcome)"
    " WHERE d.deadline_id = v.deadline_id AND d.ended_on IS NULL",
    ("bigint", "date", "bigint", "text"),
)
COUNT_AGAIN = Change(
    "UPDATE deadlines d SET due_on = v.due_on, assumed = v.assumed FROM {rows} AS v (deadline_id, due_on, assumed)"
    " WHERE d.deadline_id = v.deadline_id AND d.ended_on IS NULL",
    ("bigint", "date", "boolean"),
)
_WAITING = "SELECT deadline_id, kind, begun_on, days, counts, due_on, assumed FROM deadlines WHERE ended_on IS NULL"


@row_of("deadlines")
class DeadlineRow(NamedTuple):
    deadline_id: int
    command_id: int
    kind: str
    connection_id: int | None
    suspension_id: int | None
    begun_on: date
    days: int
    counts: str
    due_on: date
    assumed: bool


class Waiting(NamedTuple):
    deadline_id: int
    deadline: Deadline


def add_deadlines(work: Work, due: Iterable[tuple[int, Deadline]], *, of: str) -> None:
    """Each with the number of what it is of."""
    pairs = list(due)
    work.add(
        DeadlineRow(
            deadline_id, work.command_id, each.kind, number if of == CONNECTION else None,
            number if of == SUSPENSION else None, each.begun_on, each.days.days,
            "working" if each.days.working else "calendar", each.due_on, each.assumed,
        )
        for deadline_id, (number, each) in zip(work.new_ids(len(pairs)), pairs, strict=True)
    )  # fmt: skip


def waiting_deadlines(work: Work, numbers: Sequence[int], kinds: Collection[str], *, of: str) -> dict[int, Waiting]:
    """By what they are of, those of these kinds that have not ended: one each, as a thing waits for one of them at a time."""
    rows = work.rows(
        f"SELECT {of}, deadline_id, kind, begun_on, days, counts, due_on, assumed FROM deadlines"
        f" WHERE {of} = ANY(%s) AND kind = ANY(%s) AND ended_on IS NULL",
        (list(numbers), list(kinds)),
    )
    return {number: _waiting(row) for number, *row in rows}


def end_deadlines(work: Work, numbers: Sequence[int], kinds: Collection[str], *, of: str, outcome: str) -> None:
    """Whatever of these kinds waits for them has ended today."""
    waiting = waiting_deadlines(work, numbers, kinds, of=of)
    work.change(END, [(each.deadline_id, work.today, work.command_id, outcome) for each in waiting.values()])


def count_again(work: Work, calendar: WorkingCalendar) -> int:
    """Deadlines in working days that wait get the day that this calendar gives; how many have another one now."""
    waiting = [_waiting(row) for row in work.rows(_WAITING + " AND counts = 'working'")]
    changed = []
    for deadline_id, was in waiting:
        now = counted(was.kind, was.days, begun_on=was.begun_on, calendar=calendar)
        if now != was:
            changed.append((deadline_id, now.due_on, now.assumed))
    work.change(COUNT_AGAIN, changed)
    return len(changed)


def _waiting(row: Sequence[Any]) -> Waiting:
    deadline_id, kind, begun_on, days, counts, due_on, assumed = row
    return Waiting(deadline_id, Deadline(kind, begun_on, DayCount(days, working=counts == "working"), due_on, assumed))

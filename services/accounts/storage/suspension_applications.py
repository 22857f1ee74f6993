"""Applications for a suspension, and every move of theirs; a state changes here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.suspension_application import (
    SUSPENSION_APPLICATION,
    AlreadyAsked,
    SuspensionApplication,
)
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import InvalidInput, NotFound, refused_at

_APPLICATIONS = """
SELECT application_id, account_no, season, seasons, asked_on, state, granted_on FROM suspension_applications
WHERE application_id = ANY(%s) ORDER BY application_id
"""
MOVE_SUSPENSION = Change(
    "UPDATE suspension_applications s SET state = v.state, granted_on = coalesce(v.granted_on, s.granted_on)"
    " FROM {rows} AS v (application_id, state, granted_on) WHERE s.application_id = v.application_id",
    ("bigint", "text", "date"),
)


@row_of("suspension_applications")
class SuspensionApplicationRow(NamedTuple):
    application_id: int
    command_id: int
    account_no: str
    season: int
    seasons: int | None
    asked_on: date
    state: str


@row_of("suspension_moves")
class SuspensionMoveRow(NamedTuple):
    move_id: int
    command_id: int
    application_id: int
    verb: str
    from_state: str | None
    to_state: str
    moved_on: date
    note: str


def add_suspension_applications(work: Work, asked: Sequence[tuple[str, int, int | None]], *, note: str,
                                place: str) -> list[int]:  # fmt: skip
    """Each an account, its first season and how many. Refuses `already_asked` where one waits for its answer."""
    open_ones = dict(work.rows(
        "SELECT account_no, application_id FROM suspension_applications WHERE account_no = ANY(%s) AND state = 'asked'",
        ([account_no for account_no, _, _ in asked],),
    ))  # fmt: skip
    for number, (account_no, _, _) in enumerate(asked):
        if account_no in open_ones:
            raise AlreadyAsked("an application of this home waits for its answer", place=f"{place}/{number}",
                               account_no=account_no, application_id=open_ones[account_no])  # fmt: skip
    ids = list(work.new_ids(len(asked)))
    work.add(
        SuspensionApplicationRow(application_id, work.command_id, *each, work.today, SUSPENSION_APPLICATION.initial)
        for application_id, each in zip(ids, asked, strict=True)
    )
    _add_moves(work, [(number, "apply", None, SUSPENSION_APPLICATION.initial) for number in ids], note)
    return ids


def suspension_applications(work: Work, application_ids: Sequence[int], *, place: str,
                            locked: bool = True) -> list[SuspensionApplication]:  # fmt: skip
    """In the order asked; ``locked``: nobody else moves them until the work ends. Refuses `not_found`, and repeats."""
    rows = work.rows(_APPLICATIONS + (" FOR UPDATE" if locked else ""), (list(application_ids),))
    found = {row[0]: SuspensionApplication(*row) for row in rows}
    for number, application_id in enumerate(application_ids):
        with refused_at(f"{place}/{number}"):
            if application_id not in found:
                raise NotFound("there is no such application", application_id=application_id)
            if application_ids.index(application_id) != number:
                raise InvalidInput("this application stands twice in the list", value=application_id)
    return [found[application_id] for application_id in application_ids]


def move_suspension_applications(work: Work, applications: Sequence[SuspensionApplication], *, verb: str, place: str,
                                 note: str) -> None:  # fmt: skip
    """Each to the state that the verb leads to. Refuses `transition_refused`."""
    moves, changes = [], []
    for number, each in enumerate(applications):
        with refused_at(f"{place}/{number}", application_id=each.application_id):
            state = SUSPENSION_APPLICATION.after(verb, each.state)
        moves.append((each.application_id, verb, each.state, state))
        changes.append((each.application_id, state, work.today if verb == "grant" else None))
    work.change(MOVE_SUSPENSION, changes)
    _add_moves(work, moves, note)


def _add_moves(work: Work, moves: Sequence[tuple[int, str, str | None, str]], note: str) -> None:
    work.add(
        SuspensionMoveRow(move_id, work.command_id, application_id, verb, before, after, work.today, note)
        for move_id, (application_id, verb, before, after) in zip(work.new_ids(len(moves)), moves, strict=True)
    )

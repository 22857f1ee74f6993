"""Applications for a connection, and every move of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.domain.connection import CONNECTION, Application
from services.accounts.domain.new_account import NewAccount
from services.accounts.storage.rows import MOVE_APPLICATION, ApplicationMoveRow, ApplicationRow
from shared.chassis.codec import decode, encode
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, NotFound, refused_at

_APPLICATIONS = "SELECT application_id, state, account, account_no FROM connection_applications"


def add_applications(work: Work, accounts: Sequence[NewAccount], *, note: str) -> list[int]:
    ids = work.new_ids(len(accounts))
    work.add(
        ApplicationRow(application_id, work.command_id, CONNECTION.initial, encode(account))
        for application_id, account in zip(ids, accounts, strict=True)
    )
    _add_moves(work, [(application_id, "apply", None, CONNECTION.initial) for application_id in ids], note)
    return list(ids)


def locked_applications(work: Work, application_ids: Sequence[int], *, place: str) -> list[Application]:
    """In the order asked; nobody else moves them until the work ends. Refuses `not_found`, and one that stands twice."""
    rows = work.rows(
        _APPLICATIONS + " WHERE application_id = ANY(%s) ORDER BY application_id FOR UPDATE", (list(application_ids),)
    )
    found = {row[0]: _application(row) for row in rows}
    for number, application_id in enumerate(application_ids):
        with refused_at(f"{place}/{number}"):
            if application_id not in found:
                raise NotFound("there is no such application", application_id=application_id)
            if application_ids.index(application_id) != number:
                raise InvalidInput("this application stands twice in the list", value=application_id)
    return [found[application_id] for application_id in application_ids]


def move_applications(work: Work, applications: Sequence[Application], *, verb: str, place: str, note: str,
                      account_nos: Sequence[str] = ()) -> None:  # fmt: skip
    """Each to the state that the verb leads to. Refuses `transition_refused`."""
    moves, changes = [], []
    for number, application in enumerate(applications):
        with refused_at(f"{place}/{number}", application_id=application.application_id):
            state = CONNECTION.after(verb, application.state)
        moves.append((application.application_id, verb, application.state, state))
        changes.append((application.application_id, state, account_nos[number] if account_nos else None))
    work.change(MOVE_APPLICATION, changes)
    _add_moves(work, moves, note)


def application_of(work: Work, application_id: int) -> Application:
    """Refuses `not_found`."""
    rows = work.rows(_APPLICATIONS + " WHERE application_id = %s", (application_id,))
    if not rows:
        raise NotFound("there is no such application", application_id=application_id)
    return _application(rows[0])


def _application(row: tuple[Any, ...]) -> Application:
    application_id, state, account, account_no = row
    return Application(application_id, state, decode(NewAccount, account), account_no)


def _add_moves(work: Work, moves: Sequence[tuple[int, str, str | None, str]], note: str) -> None:
    work.add(
        ApplicationMoveRow(move_id, work.command_id, application_id, verb, from_state, to_state, work.today, note)
        for move_id, (application_id, verb, from_state, to_state) in zip(work.new_ids(len(moves)), moves, strict=True)
    )

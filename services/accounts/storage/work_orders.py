"""Work orders: opened by verbs, moved by crews; a state changes here and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.connection import Application
from services.accounts.domain.work_order import (
    CALLED_FOR,
    JOIN,
    WAITING,
    WORK_ORDER,
    SealUsed,
    WorkResult,
    needed,
)
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import InvalidInput, NotFound, refused_at

_PLACES = """
SELECT a.account_no, NULL, p.heat_station, p.compound, p.building, p.unit, p.room
FROM heat_accounts a JOIN premises p USING (premises_id) WHERE a.account_no = ANY(%s)
"""
_ORDERS = "SELECT work_order_id, kind, state, account_no, connection_id, opened_on FROM work_orders WHERE "
_LOCKED = " ORDER BY work_order_id FOR UPDATE"
_OVERTAKEN = "overtaken by another order of the home"

MOVE_ORDER = Change(
    "UPDATE work_orders o SET state = v.state, assignee = coalesce(v.assignee, o.assignee)"
    " FROM {rows} AS v (work_order_id, state, assignee) WHERE o.work_order_id = v.work_order_id",
    ("bigint", "text", "text"),
)


@row_of("work_orders")
class WorkOrderRow(NamedTuple):
    work_order_id: int
    command_id: int
    kind: str
    cause: str
    account_no: str | None
    connection_id: int | None
    heat_station: str | None
    compound: str
    building: str
    unit: str
    room: str
    opened_on: date
    note: str
    state: str = WORK_ORDER.initial


@row_of("work_order_moves")
class WorkOrderMoveRow(NamedTuple):
    move_id: int
    command_id: int
    work_order_id: int
    verb: str
    from_state: str | None
    to_state: str
    moved_on: date
    assignee: str | None
    note: str


@row_of("work_results")
class WorkResultRow(NamedTuple):
    work_order_id: int
    command_id: int
    done_by: str
    done_on: date
    valve: str
    seal_no: str | None
    removed_seal: str | None
    found: str | None
    photo_id: int | None


class Site(NamedTuple):
    """A home, by its account or by the application for one, and where it is."""

    account_no: str | None
    connection_id: int | None
    heat_station: str | None
    compound: str
    building: str
    unit: str
    room: str


class WorkOrder(NamedTuple):
    work_order_id: int
    kind: str
    state: str
    account_no: str | None
    connection_id: int | None
    opened_on: date


def open_work(work: Work, account_nos: Sequence[str], *, verb: str, note: str, kind: str | None = None) -> list[int]:
    """The orders that a verb calls for at these homes, whose accounts are locked; their numbers.

    What waits there and has become pointless is cancelled; where the same work waits already, nothing is added.
    """
    kind = kind or CALLED_FOR[verb]
    waiting: defaultdict[str, list[WorkOrder]] = defaultdict(list)
    for row in work.rows(
        _ORDERS + "account_no = ANY(%s) AND state = ANY(%s)" + _LOCKED, (list(account_nos), list(WAITING))
    ):
        waiting[row[3]].append(WorkOrder(*row))
    decided = {account_no: needed(kind, [each.kind for each in waiting[account_no]]) for account_no in account_nos}
    overtaken = [each for number, what in decided.items() for each in waiting[number] if each.kind in what.cancels]
    move_orders(work, overtaken, verb="cancel", note=_OVERTAKEN)
    places = {row[0]: Site(*row) for row in work.rows(_PLACES, (list(account_nos),))}
    sites = [places[account_no] for account_no, what in decided.items() if what.opens]
    return _add(work, sites, kind=kind, cause=verb, note=note)


def open_joins(work: Work, applications: Iterable[Application], *, note: str) -> None:
    """A home with a contract is joined to the network before heat is let in."""
    sites = [
        Site(None, each.application_id, None, each.account.compound, each.account.building, each.account.unit,
             each.account.room)
        for each in applications
    ]  # fmt: skip
    _add(work, sites, kind=JOIN, cause="contract", note=note)


def cancel_joins(work: Work, application_ids: Sequence[int], *, note: str) -> None:
    """Nobody is to be joined any more whose application is gone."""
    rows = work.rows(
        _ORDERS + "connection_id = ANY(%s) AND state = ANY(%s)" + _LOCKED, (list(application_ids), list(WAITING))
    )
    move_orders(work, [WorkOrder(*row) for row in rows], verb="cancel", note=note)


def locked_orders(work: Work, work_order_ids: Sequence[int], *, place: str) -> list[WorkOrder]:
    """In the order asked; nobody else moves them until the work ends. Refuses `not_found`, and one that stands twice."""
    rows = work.rows(_ORDERS + "work_order_id = ANY(%s)" + _LOCKED, (list(work_order_ids),))
    found = {row[0]: WorkOrder(*row) for row in rows}
    seen: set[int] = set()
    for number, work_order_id in enumerate(work_order_ids):
        with refused_at(f"{place}/{number}"):
            if work_order_id not in found:
                raise NotFound("there is no such work order", work_order_id=work_order_id)
            if work_order_id in seen:
                raise InvalidInput("this work order stands twice in the list", value=work_order_id)
        seen.add(work_order_id)
    return [found[work_order_id] for work_order_id in work_order_ids]


def move_orders(work: Work, orders: Sequence[WorkOrder], *, verb: str, note: str, assignee: str | None = None,
                place: str = "work_orders") -> None:  # fmt: skip
    """Each to the state that the verb leads to. Refuses `transition_refused`."""
    moves = []
    for number, order in enumerate(orders):
        with refused_at(f"{place}/{number}", work_order_id=order.work_order_id):
            moves.append((order.work_order_id, order.state, WORK_ORDER.after(verb, order.state)))
    work.change(MOVE_ORDER, [(number, state, assignee) for number, _, state in moves])
    _add_moves(work, [(number, verb, before, state) for number, before, state in moves], assignee=assignee, note=note)


def add_results(work: Work, results: Sequence[WorkResult], *, place: str) -> None:
    """Refuses `seal_used`, and a photo that is no document of its order."""
    _assert_seals_are_new(work, results, place)
    _assert_photos(work, results, place)
    work.add(
        WorkResultRow(each.work_order_id, work.command_id, each.done_by, each.done_on, each.valve, each.seal_no,
                      each.removed_seal, each.found, each.photo_id)
        for each in results
    )  # fmt: skip


def _assert_seals_are_new(work: Work, results: Sequence[WorkResult], place: str) -> None:
    seals = [each.seal_no for each in results if each.seal_no is not None]
    used = dict(work.rows("SELECT seal_no, work_order_id FROM work_results WHERE seal_no = ANY(%s)", (seals,)))
    for number, each in enumerate(results):
        if each.seal_no is not None and each.seal_no in used:
            raise SealUsed(f"seal {each.seal_no} was put on before", place=f"{place}/{number}/seal_no", seal_no=each.seal_no,
                           work_order_id=used[each.seal_no])  # fmt: skip
        if each.seal_no is not None:
            used[each.seal_no] = each.work_order_id


def _assert_photos(work: Work, results: Sequence[WorkResult], place: str) -> None:
    photos = [each.photo_id for each in results if each.photo_id is not None]
    there = set(work.rows(
        "SELECT d.document_id, d.subject_no FROM documents d LEFT JOIN document_withdrawals w USING (document_id)"
        " WHERE d.document_id = ANY(%s) AND d.subject = 'work_order' AND w.document_id IS NULL", (photos,),
    ))  # fmt: skip
    for number, each in enumerate(results):
        if each.photo_id is not None and (each.photo_id, str(each.work_order_id)) not in there:
            raise NotFound(
                "this is no document of the work order", place=f"{place}/{number}/photo_id", document_id=each.photo_id
            )


def _add(work: Work, sites: Sequence[Site], *, kind: str, cause: str, note: str) -> list[int]:
    ids = list(work.new_ids(len(sites)))
    work.add(
        WorkOrderRow(number, work.command_id, kind, cause, *site, work.today, note)
        for number, site in zip(ids, sites, strict=True)
    )
    _add_moves(work, [(number, "open", None, WORK_ORDER.initial) for number in ids], assignee=None, note=note)
    return ids


def _add_moves(
    work: Work, moves: Sequence[tuple[int, str, str | None, str]], *, assignee: str | None, note: str
) -> None:
    work.add(
        WorkOrderMoveRow(move_id, work.command_id, number, verb, before, after, work.today, assignee, note)
        for move_id, (number, verb, before, after) in zip(work.new_ids(len(moves)), moves, strict=True)
    )

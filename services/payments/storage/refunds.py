"""Refunds and the orders that they were asked for in: rows, moves, and what is locked while they move."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.payments.domain.refund import ORDER, REFUND, UnknownRefundOrder
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import NotFound, Refusal
from shared.kernel.money import format_yuan

EMPTY_LIST = hashlib.sha256(b"").digest()


class UnknownRefund(NotFound):
    code = "unknown_refund"
    remedy = "Check the number of the refund."


class RunUnderWay(Refusal):
    code = "refund_run_under_way"
    status = 409
    remedy = "Carry the season's run out, or reject or withdraw it, before you begin another."


class PaidBack(Refusal):
    code = "paid_back"
    status = 409
    remedy = "Money of this payment went back, or is about to; a refund that fails or comes back gives it free again."


@row_of("refund_orders")
class RefundOrderRow(NamedTuple):
    order_id: int
    command_id: int
    season: int | None
    reason: str
    maker: str
    maker_person: str
    requested_on: date
    state: str
    content_hash: bytes
    homes: int
    refunds: int
    amount_fen: int


@row_of("refund_decisions")
class RefundDecisionRow(NamedTuple):
    order_id: int
    command_id: int
    state: str
    content_hash: bytes
    maker_person: str
    decided_by: str
    decided_by_person: str
    remark: str | None


@row_of("refunds")
class RefundRow(NamedTuple):
    refund_id: int
    command_id: int
    order_id: int
    account_no: str
    payer: str
    credit_id: int
    via: int
    channel: str
    amount_fen: int
    ground: str
    state: str


@row_of("refund_moves")
class RefundMoveRow(NamedTuple):
    move_id: int
    command_id: int
    refund_id: int
    verb: str
    from_state: str | None
    to_state: str
    moved_on: date
    remark: str | None


_MOVE_REFUND = Change(
    "UPDATE refunds r SET state = v.state FROM {rows} AS v (refund_id, was, state)"
    " WHERE r.refund_id = v.refund_id AND r.state = v.was",
    ("bigint", "text", "text"),
)
_MOVE_ORDER = Change(
    "UPDATE refund_orders o SET state = v.state FROM {rows} AS v (order_id, was, state)"
    " WHERE o.order_id = v.order_id AND o.state = v.was",
    ("bigint", "text", "text"),
)
_LIST_MORE = Change(
    "UPDATE refund_orders o SET content_hash = v.content_hash, homes = o.homes + v.homes, refunds = o.refunds + v.refunds,"
    " amount_fen = o.amount_fen + v.amount_fen, listed_to = v.listed_to"
    " FROM {rows} AS v (order_id, content_hash, homes, refunds, amount_fen, listed_to) WHERE o.order_id = v.order_id",
    ("bigint", "bytea", "integer", "integer", "bigint", "text"),
)


@dataclass(slots=True)
class RefundOrder:
    """An order as it stands, locked until the work ends. ``season`` is that of a run."""

    order_id: int
    season: int | None
    maker: str
    maker_person: str
    state: str
    content_hash: bytes
    homes: int
    refunds: int
    amount_fen: int
    listed_to: str

    def told(self) -> dict[str, Any]:
        return {"order_id": self.order_id, "state": self.state, "homes": self.homes, "refunds": self.refunds,
                "amount": format_yuan(self.amount_fen), "content_hash": self.content_hash.hex()}  # fmt: skip


class Refund(NamedTuple):
    """A refund as it stands."""

    refund_id: int
    order_id: int
    account_no: str
    payer: str
    credit_id: int
    channel: str
    amount_fen: int
    state: str

    def told(self) -> dict[str, Any]:
        return {"refund_id": self.refund_id, "account_no": self.account_no, "channel": self.channel,
                "amount": format_yuan(self.amount_fen), "state": self.state}  # fmt: skip


_ORDER = (
    "SELECT order_id, season, maker, maker_person, state, content_hash, homes, refunds, amount_fen, listed_to"
    " FROM refund_orders WHERE order_id = %s FOR UPDATE"
)
_REFUND = "SELECT refund_id, order_id, account_no, payer, credit_id, channel, amount_fen, state FROM refunds WHERE "


def locked_order(work: Work, order_id: int) -> RefundOrder:
    """Refuses `unknown_refund_order`."""
    rows = work.rows(_ORDER, (order_id,))
    if not rows:
        raise UnknownRefundOrder("there is no such order", order_id=order_id)
    order = RefundOrder(*rows[0])
    order.content_hash = bytes(order.content_hash)
    return order


def refunds_waiting(work: Work, order_id: int, *, limit: int) -> list[Refund]:
    """The next refunds of the order about which nothing was done yet. Its order is locked."""
    rows = work.rows(_REFUND + "order_id = %s AND state = 'requested' ORDER BY refund_id LIMIT %s", (order_id, limit))
    return [Refund(*row) for row in rows]


def locked_refunds(work: Work, refund_ids: Sequence[int]) -> list[Refund]:
    """In the order asked. Refuses `unknown_refund`."""
    rows = work.rows(_REFUND + "refund_id = ANY(%s) ORDER BY refund_id FOR UPDATE", (list(refund_ids),))
    found = {row[0]: Refund(*row) for row in rows}
    for refund_id in refund_ids:
        if refund_id not in found:
            raise UnknownRefund("there is no such refund", refund_id=refund_id)
    return [found[refund_id] for refund_id in refund_ids]


def accounts_of_refunds(work: Work, refund_ids: Collection[int]) -> set[str]:
    """The accounts to lock before the refunds are."""
    rows = work.rows("SELECT DISTINCT account_no FROM refunds WHERE refund_id = ANY(%s)", (list(refund_ids),))
    return {row[0] for row in rows}


def page_hash(before: bytes, rows: Iterable[RefundRow]) -> bytes:
    """The hash of a list after this page of it."""
    text = canonical([[r.refund_id, r.account_no, r.payer, r.credit_id, r.via, r.channel, r.amount_fen] for r in rows])
    return hashlib.sha256(before + text.encode()).digest()


def list_more(work: Work, order: RefundOrder, rows: Sequence[RefundRow], *, listed_to: str) -> None:
    """A page more of a run's list."""
    order.content_hash = page_hash(order.content_hash, rows)
    homes = len({(row.account_no, row.payer) for row in rows})
    amount_fen = sum(row.amount_fen for row in rows)
    order.homes, order.refunds, order.amount_fen = (
        order.homes + homes,
        order.refunds + len(rows),
        order.amount_fen + amount_fen,
    )
    order.listed_to = listed_to
    work.change(_LIST_MORE, [(order.order_id, order.content_hash, homes, len(rows), amount_fen, listed_to)])
    work.add(rows)


def move_order(work: Work, order: RefundOrder, verb: str) -> str:
    """The order's next state. Refuses `transition_refused`."""
    was, order.state = order.state, ORDER.after(verb, order.state)
    work.change(_MOVE_ORDER, [(order.order_id, was, order.state)])
    return order.state


def move_refunds(work: Work, moved: Sequence[tuple[Refund, tuple[str, ...], str | None]]) -> list[Refund]:
    """Each refund by its verbs, one after the other, with a remark; as they are after it. Refuses `transition_refused`."""
    after, moves = [], []
    for refund, verbs, remark in moved:
        state = refund.state
        for verb in verbs:
            was, state = state, REFUND.after(verb, state)
            moves.append((refund.refund_id, verb, was, state, work.today, remark))
        after.append(refund._replace(state=state))
    states = zip(moved, after, strict=True)
    work.change(_MOVE_REFUND, [(now.refund_id, was.state, now.state) for (was, _, _), now in states])
    ids = work.new_ids(len(moves)) if moves else range(0)
    work.add(RefundMoveRow(move_id, work.command_id, *move) for move_id, move in zip(ids, moves, strict=True))
    return after


def end_waiting(work: Work, order: RefundOrder, verb: str) -> int:
    """All refunds of the order that wait end with it, in one statement; how many. A run may hold a million."""
    target = REFUND.after(verb, REFUND.initial)
    rows = work.rows(
        "WITH ended AS (UPDATE refunds SET state = %s WHERE order_id = %s AND state = 'requested' RETURNING 1)"
        " SELECT count(*) FROM ended",
        (target, order.order_id),
    )
    return int(rows[0][0])


def assert_not_paid_back(work: Work, payment_ids: Collection[int]) -> None:
    """Refuse to take back a payment whose own money was paid back, or is promised, or that other money went back through
    (`paid_back`): more would leave than it brought."""
    rows = work.rows(
        "SELECT refund_id, payment_id FROM ("
        "SELECT r.refund_id, k.payment_id, r.state FROM credits k JOIN refunds r USING (credit_id) WHERE k.payment_id = ANY(%s)"
        " UNION ALL SELECT r.refund_id, r.via, r.state FROM refunds r JOIN payments p ON p.payment_id = r.via"
        " AND p.channel = r.channel WHERE r.via = ANY(%s)"
        ") r WHERE state IN ('approved', 'paying', 'unknown', 'paid') LIMIT 1",
        (list(payment_ids), list(payment_ids)),
    )
    if rows:
        raise PaidBack("money of this payment is paid back", refund_id=rows[0][0], payment_id=rows[0][1])

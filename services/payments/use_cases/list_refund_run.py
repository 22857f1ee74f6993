"""The list of a refund run grows by a page: whose refund, how much, why, by which way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.payments.domain.refund import LISTING, ORDER, REFUND, may_go_back, portions
from services.payments.gateways.accounts import RulesOf
from services.payments.storage.refundable import brought_by, held_credits, owed_back
from services.payments.storage.refunds import RefundOrder, RefundRow, list_more, locked_order, move_order
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import is_household

HOMES_MAX = 1000


@dataclass(frozen=True, slots=True)
class ListRefundRun:
    order_id: int
    rules_of: RulesOf = field(repr=False)
    limit: int = HOMES_MAX


def list_refund_run(command: ListRefundRun, work: Work) -> dict[str, Any]:
    """``complete``: nothing is left to list, and somebody may decide; an empty list ends the run.

    Refuses `unknown_refund_order`, `transition_refused` of what is no open list, `accounts_unavailable`.
    """
    order = locked_order(work, command.order_id)
    ORDER.after("close_list", order.state)
    page = owed_back(work, order.season or 0, after=order.listed_to, limit=command.limit)
    rows = _rows(command, work, order, page)
    if page:
        list_more(work, order, rows, listed_to=page[-1])
    if len(page) < command.limit:
        move_order(work, order, "close_list" if order.refunds else "withdraw")
    return {**order.told(), "complete": order.state != LISTING}


def _rows(command: ListRefundRun, work: Work, order: RefundOrder, account_nos: list[str]) -> list[RefundRow]:
    """What the households of these accounts hold of the season's refunds, as far as nobody asked for it already."""
    if not account_nos:
        return []
    rules = command.rules_of(order.season)
    brought = brought_by(work, account_nos)
    found = []
    for (account_no, payer), credits in sorted(held_credits(work, account_nos, season=order.season).items()):
        free = [c for c in credits if c.left_fen > c.waits_fen and may_go_back(c, rules, billed=True)]
        if not free or not is_household(payer):
            continue
        payments = brought.get(account_no, [])
        own = {payment.payment_id for of, payment in payments if of == payer}
        found += [
            RefundRow(0, work.command_id, order.order_id, account_no, payer, part.credit_id, part.via, part.channel,
                      part.amount_fen, part.ground, REFUND.initial)
            for part in portions(free, [one for _, one in payments], amount_fen=None, route=rules.route, own=own)[0]
        ]  # fmt: skip
    ids = work.new_ids(len(found)) if found else range(0)
    return [row._replace(refund_id=refund_id) for refund_id, row in zip(ids, found, strict=True)]

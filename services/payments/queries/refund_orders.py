"""Orders of refunds: those that wait for a decision, and what became of one of them."""

from __future__ import annotations

from typing import Any

from services.payments.domain.refund import UnknownRefundOrder
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

PASSED_OVER_SHOWN = 100

_ORDERS = """
SELECT o.order_id, o.season, o.reason, o.maker, o.maker_person, o.requested_on, o.state, o.content_hash, o.homes, o.refunds,
    o.amount_fen, d.decided_by, d.decided_by_person, d.remark
FROM refund_orders o LEFT JOIN refund_decisions d USING (order_id) WHERE {which} ORDER BY o.order_id LIMIT %(limit)s
"""
_REPORT = """
SELECT channel, state, count(*), sum(amount_fen)::bigint FROM refunds WHERE order_id = %s GROUP BY channel, state
ORDER BY channel, state
"""
_PASSED_OVER = """
SELECT r.refund_id, r.account_no, r.channel, r.amount_fen, m.remark FROM refunds r
LEFT JOIN refund_moves m ON m.refund_id = r.refund_id AND m.to_state = r.state
WHERE r.order_id = %s AND r.state = 'passed_over' ORDER BY r.refund_id LIMIT %s
"""


def refund_orders(work: Work, *, season: int | None, state: str | None, after: int, limit: int) -> dict[str, Any]:
    """The oldest first; ``next`` is what to ask ``after``, None at the end."""
    which = (
        "o.order_id > %(after)s AND (%(state)s::text IS NULL OR o.state = %(state)s)"
        " AND (%(season)s::smallint IS NULL OR o.season = %(season)s)"
    )
    found = _told(work, which, {"season": season, "state": state, "after": after, "limit": limit})
    return {"orders": found, "next": found[-1]["order_id"] if len(found) == limit else None}


def refund_report(work: Work, order_id: int) -> dict[str, Any]:
    """One order, its refunds by channel and state, and the first that were passed over, with the reason.

    Refuses `unknown_refund_order`.
    """
    found = _told(work, "o.order_id = %(order_id)s", {"order_id": order_id, "limit": 1})
    if not found:
        raise UnknownRefundOrder("there is no such order", order_id=order_id)
    passed_over = work.rows(_PASSED_OVER, (order_id, PASSED_OVER_SHOWN))
    return {
        **found[0],
        "by_state": [
            {"channel": channel, "state": state, "refunds": refunds, "amount": format_yuan(amount_fen)}
            for channel, state, refunds, amount_fen in work.rows(_REPORT, (order_id,))
        ],
        "passed_over": [
            {"refund_id": refund_id, "account_no": account_no, "channel": channel, "amount": format_yuan(amount_fen),
             "reason": reason}
            for refund_id, account_no, channel, amount_fen, reason in passed_over
        ],
    }  # fmt: skip


def _told(work: Work, which: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"order_id": order_id, "season": season_label(season) if season else None, "reason": reason, "maker": maker,
         "maker_person": person, "requested_on": requested_on.isoformat(), "state": state,
         "content_hash": bytes(content_hash).hex(), "homes": homes, "refunds": refunds,
         "amount": format_yuan(amount_fen), "decided_by": decided_by, "decided_by_person": decided_by_person,
         "remark": remark}
        for (order_id, season, reason, maker, person, requested_on, state, content_hash, homes, refunds, amount_fen,
             decided_by, decided_by_person, remark) in work.rows(_ORDERS.format(which=which), values)
    ]  # fmt: skip

"""Refunds one by one: what is to be sent, what is on its way, what became of it."""

from __future__ import annotations

from typing import Any

from services.payments.storage.payers import payers_of
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

_REFUNDS = """
SELECT r.refund_id, r.order_id, r.account_no, r.payer, r.via, r.channel, r.amount_fen, r.ground, r.state, o.reason,
    p.partner, p.serial, m.moved_on, m.remark
FROM refunds r JOIN refund_orders o USING (order_id) JOIN payments p ON p.payment_id = r.via
LEFT JOIN LATERAL (
    SELECT n.* FROM refund_moves n JOIN commands k USING (command_id) WHERE refund_id = r.refund_id
    ORDER BY k.at DESC, move_id DESC LIMIT 1
) m ON true
WHERE r.refund_id > %(after)s AND (%(order_id)s::bigint IS NULL OR r.order_id = %(order_id)s)
  AND (%(account_no)s::text IS NULL OR r.account_no = %(account_no)s)
  AND (%(state)s::text IS NULL OR r.state = %(state)s) AND (%(channel)s::text IS NULL OR r.channel = %(channel)s)
ORDER BY r.refund_id LIMIT %(limit)s
"""


def refunds(work: Work, *, order_id: int | None, account_no: str | None, state: str | None, channel: str | None,
            after: int, limit: int) -> dict[str, Any]:  # fmt: skip
    """The lowest number first. ``partner`` and ``serial`` name the movement that the money came by.

    ``next`` is what to ask ``after``, None at the end.
    """
    asked = {"order_id": order_id, "account_no": account_no, "state": state, "channel": channel, "after": after,
             "limit": limit}  # fmt: skip
    rows = work.rows(_REFUNDS, asked)
    payers = payers_of(work, {row[2] for row in rows})
    found = [
        {"refund_id": refund_id, "order_id": of_order, "account_no": of_account,
         "payer": payers.called(of_account, payer), "payment_id": via, "channel": through,
         "amount": format_yuan(amount_fen), "ground": ground, "state": is_now, "reason": reason, "partner": partner,
         "serial": serial, "moved_on": moved_on.isoformat() if moved_on else None, "remark": remark}
        for (refund_id, of_order, of_account, payer, via, through, amount_fen, ground, is_now, reason, partner, serial,
             moved_on, remark) in rows
    ]  # fmt: skip
    return {"refunds": found, "next": found[-1]["refund_id"] if len(found) == limit else None}

"""The statement of an account: everything that was billed, paid and taken back, and what is left."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.payments.queries.owed_today import owed_on
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label


def statement(work: Work, account_no: str, *, day: date) -> dict[str, Any]:
    """Bills, payments and credits in the order in which they came. Refuses `unknown_account`."""
    owing = owed_on(work, [account_no], day=day)[0]
    return {**owing, "bills": _bills(work, account_no), "payments": _payments(work, account_no),
            "credits": _credits(work, account_no)}  # fmt: skip


def _bills(work: Work, account_no: str) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT season, bill_no, payer, kind, sum(amount_fen)::bigint, sum(settled_fen)::bigint, min(due_on), min(posted_on)"
        " FROM receivables WHERE account_no = %s GROUP BY season, bill_no, payer, kind ORDER BY season, bill_no, payer",
        (account_no,),
    )
    return [
        {"season": season_label(season), "bill_no": bill_no, "payer": payer, "kind": kind,
         "billed": format_yuan(billed), "settled": format_yuan(settled), "open": format_yuan(billed - settled),
         "due_on": due_on.isoformat(), "posted_on": posted_on.isoformat()}
        for season, bill_no, payer, kind, billed, settled, due_on, posted_on in rows
    ]  # fmt: skip


def _payments(work: Work, account_no: str) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT p.payment_id, p.payer, p.channel, p.amount_fen, p.received_on, p.partner, p.serial, p.outlet,"
        " p.receipt_no, p.reverses, back.payment_id, p.reason"
        " FROM payments p LEFT JOIN payments back ON back.reverses = p.payment_id"
        " WHERE p.account_no = %s ORDER BY p.payment_id",
        (account_no,),
    )
    return [
        {"payment_id": payment_id, "payer": payer, "channel": channel, "amount": format_yuan(amount),
         "received_on": received_on.isoformat(), "partner": partner, "serial": serial,
         "receipt": None if receipt_no is None else {"outlet": outlet, "number": f"{receipt_no:06d}"},
         "reverses": reverses, "reversed_by": reversed_by, "reason": reason}
        for (payment_id, payer, channel, amount, received_on, partner, serial, outlet, receipt_no, reverses,
             reversed_by, reason) in rows
    ]  # fmt: skip


def _credits(work: Work, account_no: str) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT payment_id, payer, received_on, amount_fen - used_fen FROM credits"
        " WHERE account_no = %s AND used_fen < amount_fen ORDER BY received_on, payment_id",
        (account_no,),
    )
    return [
        {"payment_id": payment_id, "payer": payer, "received_on": received_on.isoformat(), "left": format_yuan(left)}
        for payment_id, payer, received_on, left in rows
    ]

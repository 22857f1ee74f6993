"""Our book of a bank's day: what a reconciliation compares the bank's file with."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


def bank_book(work: Work, *, partner: str, day: date, after: int = 0, limit: int = 5000) -> dict[str, Any]:
    """Payments of a partner received on ``day`` and not taken back, in the order of their numbers, a page at a time.

    ``next`` is what to ask ``after`` for the following page, None at the end.
    """
    rows = work.rows(
        "SELECT p.payment_id, p.serial, p.account_no, p.amount_fen FROM payments p"
        " WHERE p.partner = %s AND p.received_on = %s AND p.payment_id > %s AND p.reverses IS NULL"
        " AND NOT EXISTS (SELECT FROM payments back WHERE back.reverses = p.payment_id)"
        " ORDER BY p.payment_id LIMIT %s",
        (partner, day, after, limit),
    )
    return {
        "lines": [
            {"payment_id": payment_id, "serial": serial, "account_no": account_no, "amount": format_yuan(amount_fen)}
            for payment_id, serial, account_no, amount_fen in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }

"""What one payer bears in all accounts: billed, settled, open by age, its credit, its payments, its shares page by page."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.payments.domain.allocation import NotThisPayer
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

PAYMENTS_MAX = 100
AGES = ("not_due", "to_30", "to_60", "to_90", "over_90")

_SUMS = """
SELECT count(DISTINCT r.account_no), coalesce(sum(r.amount_fen - r.reduced_fen), 0)::bigint,
       coalesce(sum(r.settled_fen), 0)::bigint
FROM payer_accounts p JOIN receivables r ON r.account_no = p.account_no AND r.payer = p.payer WHERE p.payer = %s
"""
_AGES = """
SELECT CASE WHEN r.due_on >= %(day)s THEN 0 WHEN %(day)s - r.due_on <= 30 THEN 1 WHEN %(day)s - r.due_on <= 60 THEN 2
            WHEN %(day)s - r.due_on <= 90 THEN 3 ELSE 4 END AS age, sum(r.amount_fen - r.reduced_fen - r.settled_fen)::bigint
FROM payer_accounts p JOIN receivables r ON r.account_no = p.account_no AND r.payer = p.payer
WHERE p.payer = %(payer)s AND NOT r.closed GROUP BY age
"""
_SHARES = """
SELECT r.account_no, sum(r.amount_fen - r.reduced_fen)::bigint, sum(r.settled_fen)::bigint
FROM payer_accounts p JOIN receivables r ON r.account_no = p.account_no AND r.payer = p.payer
WHERE p.payer = %s AND p.account_no > %s GROUP BY r.account_no ORDER BY r.account_no LIMIT %s
"""
_PAYMENTS = """
SELECT g.group_payment_id, g.channel, g.amount_fen, g.credit_fen, g.received_on, g.reverses, back.group_payment_id
FROM group_payments g JOIN commands c USING (command_id)
LEFT JOIN group_payments back ON back.reverses = g.group_payment_id
WHERE g.payer = %s ORDER BY c.at DESC, g.group_payment_id DESC LIMIT %s
"""
# What waits as the payer's own credit, and what corrections set free of its payments for single accounts.
_CREDIT = """
SELECT (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM group_credits WHERE payer = %(payer)s AND used_fen < amount_fen)::bigint
     + (SELECT coalesce(sum(c.amount_fen - c.used_fen), 0) FROM payer_accounts p
        JOIN credits c ON c.account_no = p.account_no AND c.payer = p.payer
        WHERE p.payer = %(payer)s AND c.used_fen < c.amount_fen)::bigint
"""


def payer_statement(work: Work, payer: str, *, day: date, after: str, limit: int) -> dict[str, Any]:
    """``shares`` are those of accounts after ``after``, ``next`` the last of them while there may be more.

    Refuses `not_this_payer`: nobody of that name was ever billed.
    """
    accounts, billed_fen, settled_fen = work.rows(_SUMS, (payer,))[0]
    if not accounts:
        raise NotThisPayer("this payer bears no share of any bill", payer=payer)
    ages = dict(work.rows(_AGES, {"payer": payer, "day": day}))
    shares = work.rows(_SHARES, (payer, after, limit))
    return {
        "payer": payer,
        "day": day.isoformat(),
        "accounts": accounts,
        "billed": format_yuan(billed_fen),
        "settled": format_yuan(settled_fen),
        "open": format_yuan(billed_fen - settled_fen),
        "credit": format_yuan(work.rows(_CREDIT, {"payer": payer})[0][0]),
        "ages": {name: format_yuan(ages.get(number, 0)) for number, name in enumerate(AGES)},
        "payments": [
            {"group_payment_id": number, "channel": code, "amount": format_yuan(amount), "credit": format_yuan(credit),
             "received_on": received_on.isoformat(), "reverses": reverses, "reversed_by": reversed_by}
            for number, code, amount, credit, received_on, reverses, reversed_by
            in work.rows(_PAYMENTS, (payer, PAYMENTS_MAX))
        ],
        "shares": [
            {"account_no": account_no, "billed": format_yuan(billed), "settled": format_yuan(settled),
             "open": format_yuan(billed - settled)}
            for account_no, billed, settled in shares
        ],
        "next": shares[-1][0] if len(shares) == limit else None,
    }  # fmt: skip

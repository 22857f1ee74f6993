"""The trial balance: debits and credits of every ledger account, and the sums that must agree with the rows."""

from __future__ import annotations

from typing import Any

from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


def trial_balance(work: Work) -> dict[str, Any]:
    """``balanced`` is true when debits equal credits and the sub-ledgers (receivables, credits) agree with the books.

    Ask it of one snapshot (`Commands.reading`): between two, a payment may be in the one sum and not in the other.
    """
    rows = work.rows(
        "SELECT a.code, a.name, a.kind, coalesce(d.total, 0)::bigint, coalesce(c.total, 0)::bigint FROM ledger_accounts a"
        " LEFT JOIN (SELECT debit, sum(amount_fen) AS total FROM postings GROUP BY debit) d ON d.debit = a.code"
        " LEFT JOIN (SELECT credit, sum(amount_fen) AS total FROM postings GROUP BY credit) c ON c.credit = a.code"
        " ORDER BY a.kind, a.code"
    )
    net = {code: debit - credit for code, _, _, debit, credit in rows}
    open_fen, credit_fen = work.rows(
        "SELECT (SELECT coalesce(sum(amount_fen - reduced_fen - settled_fen), 0) FROM receivables)::bigint,"
        " (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits)::bigint"
    )[0]
    debits, credits = sum(row[3] for row in rows), sum(row[4] for row in rows)
    agrees = net.get("receivable", 0) == open_fen and -net.get("credit", 0) == credit_fen
    return {
        "accounts": [
            {"code": code, "name": name, "kind": kind, "debit": format_yuan(debit), "credit": format_yuan(credit),
             "balance": format_yuan(debit - credit)}
            for code, name, kind, debit, credit in rows if debit or credit
        ],
        "debits": format_yuan(debits),
        "credits": format_yuan(credits),
        "open_receivables": format_yuan(open_fen),
        "open_credits": format_yuan(credit_fen),
        "balanced": debits == credits and agrees,
    }  # fmt: skip

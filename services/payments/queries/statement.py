"""The statement of an account: everything that was billed, paid and taken back, and what is left."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.payments.queries.owed_today import owed_on
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import SELF

# Whatever happened to an account is in the ledger, so its lines cannot differ from the books: what was billed, what
# came in, and what else changed the balance. A line is a command; the balance is what the payer owes, less his credit.
_LINES = """
WITH moved AS (
    SELECT p.command_id, p.payer, side.code, known.kind, side.amount_fen
    FROM postings p
    CROSS JOIN LATERAL (VALUES (p.debit, p.amount_fen), (p.credit, -p.amount_fen)) AS side (code, amount_fen)
    JOIN ledger_accounts known ON known.code = side.code
    WHERE p.account_no = %s
), lines AS (
    SELECT command_id, payer,
        -- A subsidy is billed to the payer who reimburses; to the household it comes like money.
        -sum(amount_fen) FILTER (WHERE code IN ('heat_income', 'opening_balance') OR code = 'subsidy' AND payer !~ '^self(:|$)') AS billed,
        -sum(amount_fen) FILTER (WHERE code = 'late_fee_income') AS late_fee,
        sum(amount_fen) FILTER (WHERE code = 'discount') AS discount,
        sum(amount_fen) FILTER (WHERE code = 'rounding') AS rounding,
        sum(amount_fen) FILTER (WHERE kind = 'asset' AND code <> 'receivable' OR code = 'subsidy' AND payer ~ '^self(:|$)') AS received,
        sum(amount_fen) FILTER (WHERE code IN ('receivable', 'credit')) AS change
    FROM moved GROUP BY command_id, payer
)
SELECT c.at, c.business_on, c.actor, c.name, l.payer, coalesce(l.billed, 0)::bigint, coalesce(l.late_fee, 0)::bigint,
    coalesce(l.discount, 0)::bigint, coalesce(l.rounding, 0)::bigint, coalesce(l.received, 0)::bigint,
    (sum(coalesce(l.change, 0)) OVER (PARTITION BY l.payer ORDER BY c.at, l.command_id))::bigint
FROM lines l JOIN commands c USING (command_id) ORDER BY c.at, l.command_id, l.payer
"""

_PROMISE = ("decide_refund_order", "carry_out_refund_run")
_SEND = ("pay_out_refunds", "record_refund_results")


def statement(work: Work, account_no: str, *, day: date) -> dict[str, Any]:
    """Bills, payments and credits in the order in which they came, and lines with a running balance.

    Refuses `unknown_account`.
    """
    owing = owed_on(work, [account_no], day=day)[0]
    parts = {"lines": _lines(work, account_no), "bills": _bills(work, account_no),
             "payments": _payments(work, account_no), "credits": _credits(work, account_no)}  # fmt: skip
    owners = _owners(work, account_no)
    if owners:
        _call_by_name(parts, owners)
    return {**owing, "owners": [owner for _, owner in owners], **parts}


def _owners(work: Work, account_no: str) -> list[tuple[str, dict[str, Any]]]:
    """The owners that an account has had, as payers in the books and as they are called; none where it never changed."""
    rows = work.rows(
        "SELECT o.payer, a.household, o.name, o.since FROM owners o JOIN accounts a USING (account_no)"
        " WHERE o.account_no = %s ORDER BY o.since NULLS FIRST, o.payer",
        (account_no,),
    )
    return [
        (
            payer,
            {
                "payer": SELF if payer == household else name,
                "name": name,
                "since": since.isoformat() if since else None,
            },
        )
        for payer, household, name, since in rows
    ]


def _call_by_name(parts: dict[str, list[dict[str, Any]]], owners: list[tuple[str, dict[str, Any]]]) -> None:
    called = {payer: owner["payer"] for payer, owner in owners}
    for row in (row for rows in parts.values() for row in rows):
        row["payer"] = called.get(row["payer"], row["payer"])


def _lines(work: Work, account_no: str) -> list[dict[str, Any]]:
    """``balance`` is by payer: principal that is open less credit; below zero he has money here."""
    return [
        {"at": at.isoformat(), "day": business_on.isoformat(), "what": _what(name, billed, received), "by": actor, "payer": payer,
         "billed": format_yuan(billed), "late_fee": format_yuan(late_fee), "discount": format_yuan(discount),
         "rounding": format_yuan(rounding), "received": format_yuan(received), "balance": format_yuan(balance)}
        for at, business_on, actor, name, payer, billed, late_fee, discount, rounding, received, balance
        in work.rows(_LINES, (account_no,))
    ]  # fmt: skip


def _what(command: str, billed_fen: int, received_fen: int) -> str:
    """What a line is about, by what it moved: events of others reach us under one command's name, whatever they are."""
    if command in _PROMISE:
        return "refund_promised"
    if command in _SEND:
        return "refunded" if received_fen < 0 else "refund_failed"
    if received_fen:
        return "taken_back" if received_fen < 0 else "billed_and_paid" if billed_fen else "paid"
    if billed_fen:
        return "billed" if billed_fen > 0 else "corrected"
    return "credit_used"


def _bills(work: Work, account_no: str) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT season, bill_no, payer, kind, sum(amount_fen - reduced_fen)::bigint, sum(settled_fen)::bigint, min(due_on), min(posted_on)"
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
        " FROM payments p JOIN commands c USING (command_id) LEFT JOIN payments back ON back.reverses = p.payment_id"
        " WHERE p.account_no = %s ORDER BY c.at, p.payment_id",
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

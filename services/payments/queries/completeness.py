"""Is every fen where the rows say it is? Sums that must agree, from the single row up to the whole ledger."""

from __future__ import annotations

from typing import Any

from services.payments.channels import CHANNELS
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

# Money: what came in and was not taken back = what it settled + what is credit + what rounding kept + what goes back.
# A subsidy is credit that no money brought, and what was taken back of it met no debt.
# Bills: what was billed = what settled it + what is open. The ledger must say the same of both.
_SUMS = """
SELECT
    (SELECT coalesce(sum(amount_fen), 0) FROM payments)::bigint,
    (SELECT coalesce(sum(paid_fen + late_fee_fen), 0) FROM settlements)::bigint,
    (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits)::bigint,
    (SELECT coalesce(sum(amount_fen - reduced_fen), 0) FROM receivables)::bigint,
    (SELECT coalesce(sum(paid_fen + discount_fen + rounding_fen), 0) FROM settlements)::bigint,
    (SELECT coalesce(sum(discount_fen), 0) FROM settlements)::bigint,
    (SELECT coalesce(sum(rounding_fen), 0) FROM settlements)::bigint,
    (SELECT coalesce(sum(late_fee_fen), 0) FROM settlements)::bigint,
    (SELECT coalesce(sum(amount_fen - reduced_fen - settled_fen), 0) FROM receivables)::bigint,
    (SELECT coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0), 0) FROM subsidies)::bigint,
    (SELECT coalesce(-sum(amount_fen) FILTER (WHERE amount_fen < 0), 0) FROM subsidies)::bigint,
    (SELECT coalesce(sum(amount_fen), 0) FROM refunds WHERE state IN ('approved', 'paying', 'unknown'))::bigint,
    (SELECT coalesce(sum(amount_fen), 0) FROM refunds WHERE state = 'paid')::bigint,
    (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM group_credits)::bigint
"""
_LEDGER = """
SELECT code, sum(amount_fen)::bigint FROM (
    SELECT debit AS code, amount_fen FROM postings UNION ALL SELECT credit, -amount_fen FROM postings
) sides GROUP BY code
"""
# Rows whose running sum is not the sum of their parts; a row of each is named.
_DIFFERING = {
    "receivables": """
        SELECT receivable_id FROM receivables r WHERE settled_fen <> (
            SELECT coalesce(sum(paid_fen + discount_fen + rounding_fen), 0) FROM settlements s
            WHERE s.receivable_id = r.receivable_id)
        OR reduced_fen <> (SELECT coalesce(sum(d.amount_fen), 0) FROM reductions d
                           WHERE d.receivable_id = r.receivable_id)""",
    "credits": """
        SELECT payment_id FROM (SELECT payment_id, sum(used_fen) AS used_fen, sum(amount_fen) AS amount_fen
                                FROM credits GROUP BY payment_id) k JOIN payments p USING (payment_id)
        WHERE used_fen <> (
            SELECT coalesce(sum(paid_fen + late_fee_fen), 0) FROM settlements s
            WHERE s.payment_id = k.payment_id AND s.command_id <> p.command_id AND (s.correction_id IS NULL OR s.paid_fen > 0)
            AND NOT EXISTS (SELECT FROM settlements first WHERE first.settlement_id = s.reverses
                            AND (first.command_id = p.command_id OR first.correction_id IS NOT NULL AND first.paid_fen <= 0)))
            + (SELECT coalesce(sum(r.amount_fen), 0) FROM refunds r JOIN credits of USING (credit_id)
               WHERE of.payment_id = k.payment_id AND r.state IN ('approved', 'paying', 'unknown', 'paid'))
            + CASE WHEN EXISTS (SELECT FROM payments back WHERE back.reverses = k.payment_id) THEN k.amount_fen ELSE 0 END
            - (SELECT coalesce(sum(t.amount_fen), 0) FROM subsidies t WHERE t.payment_id = k.payment_id AND t.amount_fen < 0)""",
    "group_payments": """
        SELECT group_payment_id FROM group_payments g WHERE reverses IS NULL AND amount_fen - credit_fen <> (
            SELECT coalesce(sum(p.amount_fen), 0) FROM group_shares m JOIN payments p USING (payment_id)
            WHERE m.group_payment_id = g.group_payment_id AND NOT m.by_credit)""",
    "group_credits": """
        SELECT group_payment_id FROM group_credits c WHERE used_fen <> CASE
            WHEN EXISTS (SELECT FROM group_payments back WHERE back.reverses = c.group_payment_id) THEN amount_fen
            ELSE (SELECT coalesce(sum(p.amount_fen), 0) FROM group_shares m JOIN payments p USING (payment_id)
                  WHERE m.group_payment_id = c.group_payment_id AND m.by_credit) END""",
    "corrections": """
        SELECT correction_id FROM corrections c WHERE amount_fen < 0 AND -amount_fen <> (
            SELECT coalesce(sum(d.amount_fen), 0) FROM reductions d WHERE d.correction_id = c.correction_id)""",
    "settlements": """
        SELECT settlement_id FROM settlements s JOIN receivables r USING (receivable_id) JOIN payments p USING (payment_id)
        WHERE r.account_no <> p.account_no OR (r.payer <> p.payer
            -- A debt that a later owner assumed keeps what the former one paid of it.
            AND NOT EXISTS (SELECT FROM owners o WHERE o.account_no = r.account_no AND o.payer = r.payer))""",
    "accounts": """
        SELECT a.account_no FROM accounts a FULL JOIN (SELECT * FROM holds WHERE state = 'open') h USING (account_no)
        WHERE a.hold_id IS DISTINCT FROM h.hold_id""",
}
_RECEIPTS = """
SELECT o.outlet, o.next_no - 1 - count(p.receipt_no) FROM outlets o
LEFT JOIN (SELECT outlet, receipt_no FROM payments UNION ALL SELECT outlet, receipt_no FROM group_payments) p USING (outlet)
GROUP BY o.outlet HAVING o.next_no - 1 <> count(p.receipt_no)
"""


def completeness(work: Work) -> dict[str, Any]:
    """The equations of money and of bills with their figures, the rows that differ, the outlets with gaps.

    ``complete`` is true when everything agrees to the fen. Ask it of one snapshot (`Commands.reading`).
    """
    (came, settled, credit, billed, principal, discount, rounding, late_fee, opened, subsidised, taken_back, promised,
     refunded, group_credit) = work.rows(_SUMS)[0]  # fmt: skip
    ledger = dict(work.rows(_LEDGER))
    kept = rounding - ledger.get("rounding", 0)
    by_channel = sum(ledger.get(code, 0) for code in {each.ledger for each in CHANNELS.values() if each.moves_money})
    reimbursed = ledger.get("subsidy", 0) - (subsidised - taken_back)
    agree = {
        "ledger: debits = credits": (sum(ledger.values()), 0),
        "money: received = settled + credit + rounding + paid back": (
            came, settled + credit + kept + taken_back + promised + refunded
        ),
        "ledger of refunds = promised": (-ledger.get("refund_payable", 0), promised),
        "bills: billed = settled + open": (billed, principal + opened),
        "ledger of the channels = received - paid back": (by_channel, came - subsidised - refunded + group_credit),
        "ledger of payers' credit = payers' credit": (-ledger.get("group_credit", 0), group_credit),
        "ledger of receivables = open": (ledger.get("receivable", 0), opened),
        "ledger of credit = credit": (-ledger.get("credit", 0), credit),
        "ledger of discount = discounts": (ledger.get("discount", 0), discount),
        "ledger of late fees = late fees settled": (-ledger.get("late_fee_income", 0), late_fee),
        "ledger of income and opening = billed": (
            -ledger.get("heat_income", 0) - ledger.get("opening_balance", 0) - reimbursed, billed
        ),
    }  # fmt: skip
    differing = {name: [row[0] for row in work.rows(sql + " LIMIT 10")] for name, sql in _DIFFERING.items()}
    gaps = dict(work.rows(_RECEIPTS))
    return {
        "equations": [
            {"equation": name, "left": format_yuan(left), "right": format_yuan(right), "agrees": left == right}
            for name, (left, right) in agree.items()
        ],
        "differing": {name: rows for name, rows in differing.items() if rows},
        "receipt_gaps": gaps,
        "complete": all(left == right for left, right in agree.values()) and not any(differing.values()) and not gaps,
    }

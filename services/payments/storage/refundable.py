"""Reading what of credit may be paid back, and through which payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from services.payments.channels import CHANNELS
from services.payments.domain.refund import Brought, HeldCredit
from shared.chassis.unit_of_work import Work

Payer = tuple[str, str]
"""Account and payer."""

# Money taken by force waits for its bank's result and is left out until then.
_HELD = """
SELECT c.account_no, c.payer, c.credit_id, c.payment_id, coalesce(c.refund_via, c.payment_id),
    c.amount_fen - c.used_fen, c.received_on,
    CASE WHEN c.correction_id IS NOT NULL OR c.refund_via IS NOT NULL THEN 'regulation' WHEN p.under_hold IS NOT NULL THEN 'duplicate'
         ELSE 'prepayment' END,
    (SELECT coalesce(sum(r.amount_fen), 0) FROM refunds r WHERE r.credit_id = c.credit_id AND r.state = 'requested')::bigint
FROM credits c JOIN payments p USING (payment_id)
WHERE c.account_no = ANY(%(account_nos)s) AND c.used_fen < c.amount_fen
  AND NOT EXISTS (SELECT FROM holds h WHERE h.hold_id = p.under_hold AND h.state = 'open')
  AND (%(season)s::smallint IS NULL OR EXISTS (
      SELECT FROM corrections k WHERE k.correction_id = c.correction_id AND k.season = %(season)s AND k.kind = 'credit_note'))
ORDER BY c.received_on, c.credit_id
"""
_BROUGHT = """
SELECT p.account_no, p.payer, p.payment_id, p.channel, p.received_on,
    (p.amount_fen - (SELECT coalesce(sum(r.amount_fen), 0) FROM refunds r WHERE r.via = p.payment_id
                     AND r.state IN ('requested', 'approved', 'paying', 'unknown', 'paid')))::bigint
FROM payments p WHERE p.account_no = ANY(%s) AND p.reverses IS NULL
AND NOT EXISTS (SELECT FROM payments back WHERE back.reverses = p.payment_id)
"""
# Households (and former ones) with money that a credit note of the season set free, in the order of their accounts.
_OWED_BACK = """
SELECT DISTINCT c.account_no FROM credits c JOIN corrections k USING (correction_id)
WHERE c.used_fen < c.amount_fen AND c.account_no > %(after)s AND k.season = %(season)s AND k.kind = 'credit_note'
  AND (c.payer = 'self' OR c.payer LIKE 'self:%%')
ORDER BY c.account_no LIMIT %(limit)s
"""


def held_credits(
    work: Work, account_nos: Collection[str], *, season: int | None = None
) -> dict[Payer, list[HeldCredit]]:
    """By payer, what is left of each credit; of a season only what its credit notes set free."""
    found: defaultdict[Payer, list[HeldCredit]] = defaultdict(list)
    for account_no, payer, *credit in work.rows(_HELD, {"account_nos": list(account_nos), "season": season}):
        found[account_no, payer].append(HeldCredit(*credit))
    return found


def brought_by(work: Work, account_nos: Collection[str]) -> dict[str, list[tuple[str, Brought]]]:
    """By account the payments that brought money and were not taken back, each with its payer."""
    found: defaultdict[str, list[tuple[str, Brought]]] = defaultdict(list)
    for account_no, payer, *payment in work.rows(_BROUGHT, (list(account_nos),)):
        if CHANNELS[payment[1]].moves_money:
            found[account_no].append((payer, Brought(*payment)))
    return found


def billed_in(work: Work, account_nos: Collection[str], season: int | None) -> set[Payer]:
    """Those who were billed for the season."""
    if season is None:
        return set()
    rows = work.rows(
        "SELECT DISTINCT account_no, payer FROM receivables WHERE account_no = ANY(%s) AND season = %s",
        (list(account_nos), season),
    )
    return {(account_no, payer) for account_no, payer in rows}


def owed_back(work: Work, season: int, *, after: str, limit: int) -> list[str]:
    """The next accounts whose household holds a refund of the season."""
    return [row[0] for row in work.rows(_OWED_BACK, {"season": season, "after": after, "limit": limit})]

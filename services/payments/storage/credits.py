"""Credit: money of a payer that met no debt, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from services.payments.channels import channel
from services.payments.domain.credit import Credit
from shared.chassis.unit_of_work import Work


def open_credits(work: Work, account_nos: Collection[str]) -> dict[tuple[str, str], list[Credit]]:
    """By account and payer: what is left of each payment's credit. Money under an open hold waits and is left out."""
    rows = work.rows(
        "SELECT c.account_no, c.payer, c.credit_id, c.payment_id, c.amount_fen - c.used_fen, c.received_on, p.channel"
        " FROM credits c JOIN payments p USING (payment_id)"
        " WHERE c.account_no = ANY(%s) AND c.used_fen < c.amount_fen"
        " AND NOT EXISTS (SELECT FROM holds h WHERE h.hold_id = p.under_hold AND h.state = 'open')"
        " ORDER BY c.received_on, c.credit_id",
        (list(account_nos),),
    )
    found: defaultdict[tuple[str, str], list[Credit]] = defaultdict(list)
    for account_no, payer, credit_id, payment_id, amount_fen, received_on, code in rows:
        found[account_no, payer].append(Credit(credit_id, payment_id, amount_fen, received_on, channel(code)))
    return found

"""The bills of an account: how each came about, in figures and in one sentence, and what is open of it."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.explanation import explain
from services.accounts.domain.opening_balance import explain_opening
from services.accounts.storage.by_content import tariff_facts
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

_BILLS = """
SELECT b.bill_no, b.season, b.payer, b.kind, b.price_class, b.suspended, b.amount_fen,
       coalesce(d.open_fen, b.amount_fen), b.posted_on, b.parts, b.tariff_id, b.derivation
FROM bills b LEFT JOIN debts d USING (bill_no, payer)
WHERE b.account_no = %(account_no)s AND b.live AND (%(season)s::smallint IS NULL OR b.season = %(season)s)
ORDER BY b.season, b.bill_no, b.payer
"""


def account_bills(work: Work, account_no: str, *, season: int | None = None) -> dict[str, Any]:
    """The live bills, oldest season first; ``open`` is principal. Refuses `unknown_account`."""
    if not work.rows("SELECT 1 FROM heat_accounts WHERE account_no = %s", (account_no,)):
        raise UnknownAccount("there is no such account", account_no=account_no)
    rows = work.rows(_BILLS, {"account_no": account_no, "season": season})
    facts = tariff_facts(work, [row[10] for row in rows if row[10]])
    return {"account_no": account_no, "bills": [_bill(row, facts) for row in rows]}


def _bill(row: tuple[Any, ...], facts: dict[str, Any]) -> dict[str, Any]:
    (bill_no, season, payer, kind, price_class, suspended, amount_fen, open_fen, posted_on, parts, tariff_id,
     line) = row  # fmt: skip
    derivation = {"tariff": facts[tariff_id], "line": line} if tariff_id else None
    return {
        "bill_no": bill_no,
        "season": season_label(season),
        "payer": payer,
        "kind": kind,
        "price_class": price_class,
        "suspended": suspended,
        "amount": format_yuan(amount_fen),
        "open": format_yuan(open_fen),
        "posted_on": posted_on.isoformat(),
        "parts": [{"amount": format_yuan(part_fen), "due_on": due_on} for part_fen, due_on in parts],
        "derivation": derivation,
        "explanation": explain(derivation) if derivation else explain_opening(season, amount_fen),
    }

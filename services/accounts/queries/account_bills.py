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


_CORRECTIONS = """
SELECT c.bill_no, c.payer, c.kind, c.amount_fen, c.suspended, c.posted_on, c.due_on, c.reason, k.actor, c.tariff_id,
       c.derivation
FROM bill_corrections c JOIN commands k USING (command_id)
WHERE c.account_no = %(account_no)s AND (%(season)s::smallint IS NULL OR c.season = %(season)s)
ORDER BY k.at, c.correction_id
"""


def account_bills(work: Work, account_no: str, *, season: int | None = None) -> dict[str, Any]:
    """The live bills, oldest season first; ``open`` is principal. Refuses `unknown_account`."""
    if not work.rows("SELECT 1 FROM heat_accounts WHERE account_no = %s", (account_no,)):
        raise UnknownAccount("there is no such account", account_no=account_no)
    rows = work.rows(_BILLS, {"account_no": account_no, "season": season})
    corrections = _corrections(work, account_no, season)
    tariff_ids = [row[10] for row in rows if row[10]]
    tariff_ids += [last[-1]["tariff_id"] for last in corrections.values()]
    facts = tariff_facts(work, tariff_ids)
    owners = _owners(work, account_no)
    bills = [
        _bill(row, corrections.get((row[0], row[2]), []), facts)
        for row in rows
        if not _is_empty_share(row, corrections)
    ]
    return {
        "account_no": account_no,
        "bills": [{**bill, "payer": owners.get(bill["payer"], bill["payer"])} for bill in bills],
    }


def _owners(work: Work, account_no: str) -> dict[str, str]:
    """Owners of an account that changed hands, by payer: the present one is ``self``, the others go by their names."""
    rows = work.rows(
        "SELECT o.payer, CASE WHEN o.payer = a.household THEN 'self' ELSE c.name END FROM ownerships o"
        " JOIN heat_accounts a USING (account_no) JOIN customers c ON c.customer_id = o.customer_id"
        " WHERE o.account_no = %s",
        (account_no,),
    )
    return dict(rows)


def _is_empty_share(row: tuple[Any, ...], corrections: dict[tuple[int, str], list[dict[str, Any]]]) -> bool:
    """A share that was made ready for a debt that did not come."""
    return row[3] == "share" and not row[7] and (row[0], row[2]) not in corrections


def _corrections(work: Work, account_no: str, season: int | None) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """By bill and payer, what corrected it, oldest first."""
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for bill_no, payer, kind, amount_fen, suspended, posted_on, due_on, reason, by, tariff_id, line in work.rows(
        _CORRECTIONS, {"account_no": account_no, "season": season}
    ):
        found.setdefault((bill_no, payer), []).append({
            "kind": kind, "amount_fen": amount_fen, "suspended": suspended, "posted_on": posted_on.isoformat(),
            "due_on": due_on.isoformat(), "reason": reason, "by": by, "tariff_id": tariff_id, "line": line,
        })  # fmt: skip
    return found


def _bill(row: tuple[Any, ...], corrections: list[dict[str, Any]], facts: dict[str, Any]) -> dict[str, Any]:
    """``amount`` is what is billed by now, ``issued`` what the bill said; the derivation is the last one."""
    (bill_no, season, payer, kind, price_class, suspended, amount_fen, open_fen, posted_on, parts, tariff_id,
     line) = row  # fmt: skip
    issued_fen = amount_fen
    if corrections:
        amount_fen += sum(each["amount_fen"] for each in corrections)
        suspended, tariff_id, line = (corrections[-1][key] for key in ("suspended", "tariff_id", "line"))
    derivation = {"tariff": facts[tariff_id], "line": line} if tariff_id else None
    return {
        "bill_no": bill_no,
        "season": season_label(season),
        "payer": payer,
        "kind": kind,
        "price_class": price_class,
        "suspended": suspended,
        "issued": format_yuan(issued_fen),
        "amount": format_yuan(amount_fen),
        "corrections": [
            {"kind": each["kind"], "amount": format_yuan(each["amount_fen"]), "posted_on": each["posted_on"],
             "due_on": each["due_on"], "reason": each["reason"], "by": each["by"]}
            for each in corrections
        ],
        "open": format_yuan(open_fen),
        "posted_on": posted_on.isoformat(),
        "parts": [{"amount": format_yuan(part_fen), "due_on": due_on} for part_fen, due_on in parts],
        "derivation": derivation,
        "explanation": explain(derivation) if derivation else explain_opening(season, amount_fen),
    }  # fmt: skip

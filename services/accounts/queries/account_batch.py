"""How far a batch is, what it comes to, and what became of each account."""

from __future__ import annotations

from typing import Any, NamedTuple

from services.accounts.domain.account_batch import UnknownBatch
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

_BATCH = """
SELECT b.batch_id, b.verb, b.mode, b.request, b.chosen, b.accounts, k.actor, k.at,
       EXISTS (SELECT FROM account_batch_pages p WHERE p.batch_id = b.batch_id AND p.done_by IS NULL)
FROM account_batches b JOIN commands k USING (command_id) WHERE b.batch_id = %s
"""
# Numbers of commands come in blocks of each process: the order is that of the instants.
_PAGE = """
SELECT b.batch_id, b.verb, b.mode, b.chosen, b.accounts, k.actor, k.at,
       EXISTS (SELECT FROM account_batch_pages p WHERE p.batch_id = b.batch_id AND p.done_by IS NULL)
FROM account_batches b JOIN commands k USING (command_id)
WHERE %(before)s::bigint IS NULL OR (k.at, b.batch_id) < (
    SELECT k.at, b.batch_id FROM account_batches b JOIN commands k USING (command_id) WHERE b.batch_id = %(before)s)
ORDER BY k.at DESC, b.batch_id DESC LIMIT %(limit)s
"""
_COUNTS = """
SELECT outcome, code, count(*), sum(amount_fen)::bigint FROM account_batch_outcomes WHERE batch_id = %s
GROUP BY outcome, code ORDER BY outcome, code
"""
_SO_FAR = """
SELECT b.accounts, coalesce((SELECT sum(d.amount_fen) FROM done_alone d WHERE d.command_id IN (
    SELECT o.command_id FROM account_batch_outcomes o WHERE o.batch_id = b.batch_id)), 0)::bigint
FROM account_batches b WHERE b.batch_id = %s
"""
_OUTCOMES = """
SELECT account_no, outcome, code, detail, amount_fen FROM account_batch_outcomes
WHERE batch_id = %(batch_id)s AND account_no > %(after)s AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
ORDER BY account_no LIMIT %(limit)s
"""


class SoFar(NamedTuple):
    """``accounts`` are all of the batch; ``amount_fen`` is what its steps moved up to now, in whichever direction."""

    accounts: int
    amount_fen: int


def batch_so_far(work: Work, batch_id: int) -> SoFar:
    """Until the work ends no other step of the batch looks: two at once would each be below what they are together."""
    work.rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20251109))", (f"batch {batch_id}",))
    return SoFar(*work.rows(_SO_FAR, (batch_id,))[0])


def account_batch(work: Work, batch_id: int) -> dict[str, Any]:
    """Refuses `unknown_batch`."""
    rows = work.rows(_BATCH, (batch_id,))
    if not rows:
        raise UnknownBatch("there is no such batch", batch_id=batch_id)
    number, verb, mode, request, chosen, accounts, actor, at, runs = rows[0]
    counts = work.rows(_COUNTS, (batch_id,))
    of = {outcome: sum(row[2] for row in counts if row[0] == outcome) for outcome in ("done", "already", "refused")}
    return {
        "batch_id": number,
        "verb": verb,
        "mode": mode,
        "request": request,
        "chosen": chosen,
        "by": actor,
        "started_at": at.isoformat(),
        "state": "running" if runs else "done",
        "accounts": accounts,
        **of,
        "waiting": accounts - sum(of.values()),
        "amount": format_yuan(sum(row[3] for row in counts)),
        "reasons": [
            {"outcome": outcome, "code": code, "accounts": count} for outcome, code, count, _ in counts if code
        ],
    }


def batches_page(work: Work, *, before: int | None, limit: int) -> dict[str, Any]:
    """Batches, the newest first; ``next`` is asked for as ``before``. Refuses `unknown_batch`."""
    if before is not None and not work.rows("SELECT 1 FROM account_batches WHERE batch_id = %s", (before,)):
        raise UnknownBatch("there is no such batch", batch_id=before)
    rows = work.rows(_PAGE, {"before": before, "limit": limit})
    told = [
        {"batch_id": number, "verb": verb, "mode": mode, "accounts": accounts, "chosen": chosen, "by": actor,
         "started_at": at.isoformat(), "state": "running" if runs else "done"}
        for number, verb, mode, chosen, accounts, actor, at, runs in rows
    ]  # fmt: skip
    return {"batches": told, "next": rows[-1][0] if len(rows) == limit else None}


def batch_outcomes(work: Work, batch_id: int, *, outcome: str | None, after: str, limit: int) -> dict[str, Any]:
    """Accounts in the order of their numbers; ``next`` begins the next page. Refuses `unknown_batch`."""
    if not work.rows("SELECT 1 FROM account_batches WHERE batch_id = %s", (batch_id,)):
        raise UnknownBatch("there is no such batch", batch_id=batch_id)
    asked = {"batch_id": batch_id, "outcome": outcome, "after": after, "limit": limit}
    rows = work.rows(_OUTCOMES, asked)
    told = [
        {"account_no": account_no, "outcome": became, "code": code, "detail": detail, "amount": format_yuan(fen)}
        for account_no, became, code, detail, fen in rows
    ]
    return {"outcomes": told, "next": rows[-1][0] if len(rows) == limit else None}

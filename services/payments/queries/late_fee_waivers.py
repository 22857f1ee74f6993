"""Waivers of late fees: who asked and why, who decided, what each leaves or left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.payments.domain.debt import Debt
from services.payments.domain.late_fee_waiver import taken_off
from services.payments.domain.waiver_request import APPROVED, REJECTED, REQUESTED, WITHDRAWN
from services.payments.storage.debts import debts_of_bills
from services.payments.storage.payers import Payers
from services.payments.storage.waivers import ApprovedWaiver, approved_waivers
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

STATES = (REQUESTED, APPROVED, REJECTED, WITHDRAWN, "revoked")

_ROWS = """
SELECT w.waiver_id, w.request_id, w.account_no, w.payer, a.household, w.season, w.mode, w.pct, w.amount_fen, w.start_on,
    w.until_on, q.reason, q.maker, q.requested_on, q.content_hash, d.state, d.decided_by, d.decided_on, d.remark,
    v.revoked_on, v.reason
FROM waivers w JOIN waiver_requests q USING (request_id) JOIN accounts a USING (account_no)
LEFT JOIN waiver_decisions d USING (request_id) LEFT JOIN waiver_revocations v USING (waiver_id)
WHERE (%(account_no)s::text IS NULL OR w.account_no = %(account_no)s) AND w.waiver_id > %(after)s
AND (%(state)s::text IS NULL OR %(state)s =
    CASE WHEN v.waiver_id IS NOT NULL THEN 'revoked' ELSE coalesce(d.state, 'requested') END)
AND (%(request_id)s::bigint IS NULL OR w.request_id = %(request_id)s)
ORDER BY w.waiver_id LIMIT %(limit)s
"""


def late_fee_waivers(work: Work, *, account_no: str | None, state: str | None, request_id: int | None, after: int,
                     limit: int) -> dict[str, Any]:  # fmt: skip
    """Waivers in the order in which they were asked for; ``next`` is what to ask ``after``.

    Of an approved one, ``outcome`` is ``in_force`` until its last day is over, then ``final`` or ``lapsed``; ``waived`` is
    what it takes off, or took off for good.
    """
    asked = {"account_no": account_no, "state": state, "request_id": request_id, "after": after, "limit": limit}
    rows = work.rows(_ROWS, asked)
    approved = approved_waivers(work, [row[0] for row in rows])
    bills = {bill_no for waiver in approved.values() for bill_no in waiver.bill_nos}
    debts = debts_of_bills(work, {waiver.account_no for waiver in approved.values()}, bills) if bills else {}
    payers = Payers(work, {row[2]: row[4] for row in rows})
    return {
        "waivers": [
            {**_asked(row, payers), **_decided(row), **_effect(approved.get(row[0]), debts.get(row[2], []), work.today)}
            for row in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }


def _asked(row: tuple[Any, ...], payers: Payers) -> dict[str, Any]:
    waiver_id, request_id, account_no, payer, _, season, mode, pct, amount_fen, start_on, until_on = row[:11]
    return {
        "waiver_id": waiver_id, "request_id": request_id, "account_no": account_no,
        "payer": payers.called(account_no, payer), "season": None if season is None else season_label(season),
        "mode": mode, "pct": None if pct is None else f"{pct.normalize():f}",
        "amount": None if amount_fen is None else format_yuan(amount_fen),
        "start_on": start_on.isoformat() if start_on else None, "until": until_on.isoformat() if until_on else None,
        "reason": row[11], "requested_by": row[12], "requested_on": row[13].isoformat(),
        "content_hash": bytes(row[14]).hex(),
    }  # fmt: skip


def _decided(row: tuple[Any, ...]) -> dict[str, Any]:
    state, decided_by, decided_on, remark, revoked_on, why = row[15:]
    return {
        "state": "revoked" if revoked_on else state or REQUESTED, "decided_by": decided_by,
        "decided_on": decided_on.isoformat() if decided_on else None, "remark": remark,
        "revoked_on": revoked_on.isoformat() if revoked_on else None, "revoked_because": why,
    }  # fmt: skip


def _effect(waiver: ApprovedWaiver | None, debts: Iterable[Debt], today: date) -> dict[str, Any]:
    if waiver is None or waiver.revoked:
        return {"outcome": None, "waived": None}
    taken = [taken_off(debt, today) for debt in debts]
    fen = [of_debt[waiver.waiver_id] for of_debt in taken if waiver.waiver_id in of_debt]
    ended = "final" if fen else "lapsed"
    return {
        "until": waiver.until_on.isoformat(), "outcome": "in_force" if today <= waiver.until_on else ended,
        "waived": format_yuan(sum(fen)),
    }  # fmt: skip

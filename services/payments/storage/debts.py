"""Reading debts: what is open of an account, with the history from which its late fee and discount follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from itertools import groupby
from typing import Any

from services.payments.domain.debt import Debt, Receivable, Settlement, Waiver
from shared.chassis.codec import canonical, decode, encode
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.messages.accounts import PaymentTerms

_DEBTS = """
SELECT r.account_no, r.season, r.bill_no, r.payer, r.part, r.receivable_id, r.amount_fen, r.due_on, r.posted_on,
       r.price_class, r.suspended, r.terms_id,
       s.settlement_id, s.payment_id, s.settled_on, s.paid_fen, s.discount_fen, s.rounding_fen, s.late_fee_fen,
       s.by_credit, s.correction_id, r.reduced_fen, EXISTS (SELECT FROM cuts WHERE cuts.account_no = r.account_no),
       EXISTS (SELECT FROM waived_shares w WHERE w.receivable_id = r.receivable_id)
FROM receivables r
LEFT JOIN LATERAL (
    SELECT * FROM settlements made WHERE made.receivable_id = r.receivable_id AND made.reverses IS NULL
    AND NOT EXISTS (SELECT FROM settlements back WHERE back.reverses = made.settlement_id) OFFSET 0
) s ON true
WHERE r.account_no = ANY(%s) AND {which}
ORDER BY r.account_no, r.season, r.bill_no, r.payer, r.part, s.settlement_id
"""
OPEN = _DEBTS.format(which="NOT r.closed")
OF_BILLS = _DEBTS.format(which="r.bill_no = ANY(%s)")


class OtherTerms(Refusal):
    code = "other_terms"
    status = 409
    remedy = "Give the terms the name that is made from their content, and issue the bill again."


def open_debts(work: Work, account_nos: Collection[str]) -> dict[str, list[Debt]]:
    """By account: every share of which something is open, oldest season first."""
    return _debts(work, work.rows(OPEN, (list(account_nos),)))


def debts_of_bills(work: Work, account_nos: Collection[str], bill_nos: Collection[int]) -> dict[str, list[Debt]]:
    """By account: the shares of these bills, open or not."""
    return _debts(work, work.rows(OF_BILLS, (list(account_nos), list(bill_nos))))


def _debts(work: Work, rows: list[tuple[Any, ...]]) -> dict[str, list[Debt]]:
    by_account: defaultdict[str, list[Debt]] = defaultdict(list)
    reductions = _reductions(work, {row[5] for row in rows if row[21]})
    cuts = _cuts(work, {row[0] for row in rows if row[22]})
    waivers = _waivers(work, {row[5] for row in rows if row[23]})
    first = 0
    while first < len(rows):
        last = first
        share = (rows[first][2], rows[first][3])
        while last < len(rows) and (rows[last][2], rows[last][3]) == share:
            last += 1
        account_no = rows[first][0]
        by_account[account_no].append(_debt(work, rows[first:last], reductions, cuts.get(account_no, ()), waivers))
        first = last
    return by_account


def _reductions(work: Work, receivable_ids: Collection[int]) -> dict[int, tuple[tuple[date, int], ...]]:
    """By receivable, what corrections took off and when. Few bills are corrected: most lists ask for nothing."""
    if not receivable_ids:
        return {}
    rows = work.rows(
        "SELECT receivable_id, reduced_on, amount_fen FROM reductions WHERE receivable_id = ANY(%s)"
        " ORDER BY receivable_id, reduced_on, correction_id",
        (list(receivable_ids),),
    )
    return {key: tuple(row[1:] for row in of_one) for key, of_one in groupby(rows, key=lambda row: row[0])}


def _cuts(work: Work, account_nos: Collection[str]) -> dict[str, tuple[tuple[date, date | None], ...]]:
    """By account, when it was cut off and when it had heat again."""
    if not account_nos:
        return {}
    rows = work.rows(
        "SELECT account_no, cut_on, restored_on FROM cuts WHERE account_no = ANY(%s) ORDER BY account_no, cut_on",
        (list(account_nos),),
    )
    return {key: tuple(row[1:] for row in of_one) for key, of_one in groupby(rows, key=lambda row: row[0])}


def _waivers(work: Work, receivable_ids: Collection[int]) -> dict[int, tuple[Waiver, ...]]:
    """By the receivable that stands for its share, the approved waivers of its late fee, in the order of their days."""
    if not receivable_ids:
        return {}
    rows = work.rows(
        "SELECT s.receivable_id, w.mode, s.approved_on, s.until_on, w.pct, w.amount_fen, w.start_on, s.paid_before, waiver_id"
        " FROM waived_shares s JOIN waivers w USING (waiver_id) WHERE s.receivable_id = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM waiver_revocations r WHERE r.waiver_id = s.waiver_id)"
        " ORDER BY s.receivable_id, s.approved_on, s.waiver_id",
        (list(receivable_ids),),
    )
    return {
        key: tuple(
            Waiver(mode, approved_on, until_on, pct, amount_fen, start_on, tuple(paid_before), waiver_id)
            for _, mode, approved_on, until_on, pct, amount_fen, start_on, paid_before, waiver_id in of_one
        )
        for key, of_one in groupby(rows, key=lambda row: row[0])
    }


def _debt(work: Work, rows: list[tuple[Any, ...]], reductions: dict[int, tuple[tuple[date, int], ...]],
          cuts: tuple[tuple[date, date | None], ...], waivers: dict[int, tuple[Waiver, ...]]) -> Debt:  # fmt: skip
    """One share from its rows: a row for each settlement of each part, or one for a part without any."""
    receivables: dict[int, Receivable] = {}
    settlements: list[Settlement] = []
    for row in rows:
        receivables.setdefault(row[5], Receivable(row[5], row[6], row[7], row[8], reductions.get(row[5], ())))
        if row[12] is not None:
            settlements.append(Settlement(row[5], *row[13:21]))
    account_no, season, bill_no, payer = rows[0][:4]
    price_class, suspended, terms_id = rows[0][9:12]
    parts = tuple(receivables.values())
    if len(parts) > 1:
        parts = tuple(sorted(parts, key=lambda part: (part.due_on, part.posted_on, part.receivable_id)))
    of_share = tuple(waiver for key in receivables for waiver in waivers.get(key, ())) if waivers else ()
    return Debt(bill_no, account_no, season, payer, price_class, suspended,
                terms_of(work, terms_id), parts, tuple(settlements), cuts, waivers=of_share)  # fmt: skip


def keep_terms(work: Work, terms: dict[str, PaymentTerms]) -> None:
    """Store terms under their names. A name is made from the content: another content under it is a defect."""
    for terms_id in sorted(terms):
        new = work.rows(
            "INSERT INTO terms (terms_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING terms_id",
            (terms_id, encode(terms[terms_id])),
        )
        if new:
            _TERMS[terms_id] = terms[terms_id]
        elif terms_of(work, terms_id) != terms[terms_id]:
            raise OtherTerms("terms of this name are in the books with another content", terms=terms_id)


def terms_of(work: Work, terms_id: str) -> PaymentTerms:
    """Terms by their name. What was read once holds for ever."""
    if terms_id not in _TERMS:
        body = work.rows("SELECT body FROM terms WHERE terms_id = %s", (terms_id,))[0][0]
        _TERMS[terms_id] = decode(PaymentTerms, canonical(body))
    return _TERMS[terms_id]


_TERMS: dict[str, PaymentTerms] = {}

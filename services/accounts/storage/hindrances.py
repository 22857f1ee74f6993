"""What stands in the way of closing a season: each kind is a statement that names every case, with its reason.

Another kind is another entry of `HINDRANCES`: the preview, the refusal and the lists all follow it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from services.accounts.domain.account import CHARGED
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_turn import UnknownHindrance
from services.accounts.storage.homes import CHARGED_IN_SEASON
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label


class Hindrance(NamedTuple):
    """``sql`` answers ``(subject, detail)``; a subject stands there once."""

    title: str
    sql: str


_UNBILLED = f"""
SELECT a.account_no AS subject, coalesce(last.reason || ': ' || last.detail, 'not billed: ' || a.state) AS detail
FROM heat_accounts a
LEFT JOIN LATERAL (
    SELECT p.reason, p.detail FROM billing_parked p JOIN billing_runs r USING (run_id)
    WHERE p.account_no = a.account_no AND r.season = %(season)s ORDER BY p.run_id DESC LIMIT 1
) last ON true
WHERE {CHARGED_IN_SEASON}
  AND NOT EXISTS (SELECT FROM bills b WHERE b.account_no = a.account_no AND b.season = %(season)s AND b.live
                  AND b.kind <> 'opening')
  AND NOT EXISTS (SELECT FROM left_unbilled l WHERE l.account_no = a.account_no AND l.season = %(season)s)
"""
_OPEN_RUNS = """
SELECT r.run_id::text AS subject, count(*) || ' chunks wait' AS detail
FROM billing_runs r JOIN billing_chunks c USING (run_id)
WHERE r.season = %(season)s AND r.mode = 'issue' AND c.done_by IS NULL GROUP BY r.run_id
"""
_OPEN_APPROVALS = """
SELECT a.approval_id::text AS subject, a.kind || ': ' || a.reason AS detail FROM approvals a
WHERE NOT EXISTS (SELECT FROM approval_decisions d WHERE d.approval_id = a.approval_id)
  AND a.kind NOT IN ('close_season', 'reopen_season')
  AND jsonb_path_exists(a.content::jsonb, '$.**.season ? (@ == $season)', jsonb_build_object('season', %(label)s::text))
"""
# A price that was decided since, for all bills of the season, is final (`price_decisions`).
_PROVISIONAL = """
SELECT b.tariff_id AS subject, count(*) || ' bills at a provisional price' AS detail
FROM bills b JOIN tariffs t USING (tariff_id)
WHERE b.season = %(season)s AND b.live AND t.body @> '{"provisional": true}'
  AND NOT EXISTS (SELECT FROM price_decisions d WHERE d.season = %(season)s)
GROUP BY b.tariff_id
"""
# Every fen that was billed is open or was met by money, in our books as in those of payments: a correction on its way
# there, or an answer on its way back, is seen here.
_NOT_AGREED = """
SELECT bill_no::text AS subject,
       'billed ' || sum(billed) || ' fen, open ' || sum(open) || ', met by money ' || sum(met) AS detail
FROM (SELECT b.bill_no, b.amount_fen AS billed, coalesce(d.open_fen, b.amount_fen) AS open, 0 AS met
      FROM bills b LEFT JOIN debts d USING (bill_no, payer) WHERE b.season = %(season)s AND b.live
      UNION ALL SELECT bill_no, amount_fen, 0, 0 FROM bill_corrections WHERE season = %(season)s
      UNION ALL SELECT bill_no, 0, 0, paid_fen + discount_fen + rounding_fen FROM collections WHERE season = %(season)s) told
GROUP BY bill_no HAVING sum(billed) <> sum(open) + sum(met)
"""

HINDRANCES: dict[str, Hindrance] = {
    "unbilled": Hindrance("未开账且未说明原因的用户 · homes without a bill or a reason", _UNBILLED),
    "open_runs": Hindrance("未完成的开账 · billing runs that are not done", _OPEN_RUNS),
    "open_approvals": Hindrance("未决的审批 · requests that nobody decided on", _OPEN_APPROVALS),
    "provisional_prices": Hindrance("暂定价未结算 · prices that are provisional still", _PROVISIONAL),
    "not_agreed": Hindrance("账单与收款账不符 · bills that payments does not know as they are", _NOT_AGREED),
}


def hindrance_counts(work: Work, season: HeatingSeason) -> dict[str, int]:
    """By kind, how many cases there are, 0 included."""
    values = _values(season)
    return {
        kind: work.rows(f"SELECT count(*) FROM ({hindrance.sql}) found", values)[0][0]
        for kind, hindrance in HINDRANCES.items()
    }


def hindrance_page(work: Work, season: HeatingSeason, kind: str, *, after: str, limit: int) -> list[tuple[str, str]]:
    """``(subject, detail)`` in the order of the subjects. Refuses `unknown_hindrance`."""
    if kind not in HINDRANCES:
        raise UnknownHindrance(f"kinds are {', '.join(HINDRANCES)}", kind=kind[:40])
    sql = f"SELECT subject, detail FROM ({HINDRANCES[kind].sql}) found WHERE subject > %(after)s ORDER BY subject LIMIT %(limit)s"
    return [
        (subject, detail) for subject, detail in work.rows(sql, {**_values(season), "after": after, "limit": limit})
    ]


def _values(season: HeatingSeason) -> dict[str, Any]:
    return {"season": season.season, "label": season_label(season.season), "start_on": season.start_on,
            "end_on": season.end_on, "charged": list(CHARGED)}  # fmt: skip

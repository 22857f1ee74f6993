"""How far a billing run is: counts, sums, what was parked, how fast it goes and when it should end."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

PARKED_SHOWN = 100
_RATE_WINDOW_SECONDS = 30

_RUN = """
SELECT r.season, r.mode, r.accounts, p.name, p.version, r.created_at
FROM billing_runs r JOIN policies p USING (policy_id) WHERE r.run_id = %s
"""
_CHUNKS = """
SELECT c.billed, c.already, c.parked, c.sums, k.at
FROM billing_chunks c JOIN commands k ON k.command_id = c.done_by WHERE c.run_id = %s ORDER BY k.at
"""
_PARKED = """
SELECT account_no, reason, detail FROM billing_parked
WHERE run_id = %s AND account_no > %s ORDER BY account_no LIMIT %s
"""
_WAITING = """
SELECT count(*), coalesce(sum(accounts), 0)::bigint FROM billing_chunks WHERE run_id = %s AND done_by IS NULL
"""


class UnknownRun(NotFound):
    code = "unknown_run"
    remedy = "Check the number of the billing run."


def billing_progress(work: Work, run_id: int) -> dict[str, Any]:
    """``rate`` is homes a second over the last half minute of work. Refuses `unknown_run`."""
    rows = work.rows(_RUN, (run_id,))
    if not rows:
        raise UnknownRun("there is no such billing run", run_id=run_id)
    season, mode, accounts, policy, version, created_at = rows[0]
    chunks = work.rows(_CHUNKS, (run_id,))
    waiting, waiting_accounts = work.rows(_WAITING, (run_id,))[0]
    billed, already, parked = (sum(chunk[column] for chunk in chunks) for column in range(3))
    rate = _rate(chunks)
    by_class = _by_class(chunks)
    return {
        "run_id": run_id,
        "season": season_label(season),
        "mode": mode,
        "policy": {"name": policy, "version": version},
        "state": "running" if waiting else "done",
        "accounts": accounts,
        "done": billed + already + parked,
        "billed": billed,
        "already": already,
        "parked": parked,
        "amount": format_yuan(sum(fen for _, fen in by_class.values())),
        "by_class": [
            {"price_class": price_class, "bills": bills, "amount": format_yuan(fen)}
            for price_class, (bills, fen) in sorted(by_class.items())
        ],
        "parked_accounts": parked_accounts(work, run_id) if parked else [],
        "started_at": created_at.isoformat(),
        "finished_at": chunks[-1][4].isoformat() if chunks and not waiting else None,
        "rate_per_second": round(rate) if rate and waiting else None,
        "expected_end_at": _expected(chunks, waiting_accounts, rate) if waiting else None,
    }


def parked_accounts(work: Work, run_id: int, *, after: str = "", limit: int = PARKED_SHOWN) -> list[dict[str, Any]]:
    """Accounts that the run could not bill, in the order of their numbers. Refuses `unknown_run`."""
    if not work.rows(_RUN, (run_id,)):
        raise UnknownRun("there is no such billing run", run_id=run_id)
    return [
        {"account_no": account_no, "reason": reason, "detail": detail}
        for account_no, reason, detail in work.rows(_PARKED, (run_id, after, limit))
    ]


def _rate(chunks: list[tuple[Any, ...]]) -> float | None:
    """Homes a second, from the chunks that were done in the half minute before the last one."""
    if len(chunks) < 2:
        return None
    last = chunks[-1][4]
    recent = [chunk for chunk in chunks if chunk[4] >= last - timedelta(seconds=_RATE_WINDOW_SECONDS)]
    seconds = (last - recent[0][4]).total_seconds()
    return sum(sum(chunk[:3]) for chunk in recent[1:]) / seconds if seconds > 0 else None


def _expected(chunks: list[tuple[Any, ...]], waiting_accounts: int, rate: float | None) -> str | None:
    if not rate:
        return None
    last: datetime = chunks[-1][4]
    return (last + timedelta(seconds=waiting_accounts / rate)).isoformat(timespec="seconds")


def _by_class(chunks: list[tuple[Any, ...]]) -> dict[str, list[int]]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for chunk in chunks:
        for price_class, (bills, fen) in chunk[3].items():
            sums[price_class][0] += bills
            sums[price_class][1] += fen
    return sums

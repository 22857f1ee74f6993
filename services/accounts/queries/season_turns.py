"""In which state the books of each season are, how they came there, and what stands in the way of closing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.domain.season_turn import OPEN_REFUNDS, OPEN_REFUNDS_TITLE, SEASON
from services.accounts.gateways.payments import RefundOrder
from services.accounts.storage.hindrances import HINDRANCES, hindrance_counts, hindrance_page
from services.accounts.storage.in_force import InForce
from services.accounts.storage.season_standing import read_patiently
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label

_SEASONS = """
SELECT s.season, coalesce(t.to_state, %s), t.moved_on, t.figures
FROM (SELECT DISTINCT season FROM billing_runs WHERE mode = 'issue' UNION SELECT season FROM season_turns) s
LEFT JOIN LATERAL (
    SELECT o.* FROM season_turns o JOIN commands k USING (command_id) WHERE season = s.season
    ORDER BY k.at DESC, turn_id DESC LIMIT 1
) t ON true
ORDER BY s.season
"""
_TURNS = """
SELECT t.verb, t.from_state, t.to_state, t.moved_on, t.reason, t.figures, k.actor, k.at
FROM season_turns t JOIN commands k USING (command_id) WHERE t.season = %s ORDER BY t.turn_id
"""
FIRST_SHOWN = 20


def seasons_turned(work: Work) -> dict[str, Any]:
    """Every season that was billed, the oldest first; ``figures`` are those of its last move."""
    return {"seasons": [
        {"season": season_label(season), "state": state, "since": None if moved_on is None else moved_on.isoformat(),
         "figures": figures or {}}
        for season, state, moved_on, figures in work.rows(_SEASONS, (SEASON.initial,))
    ]}  # fmt: skip


def season_turn(work: Work, season: int, *, refund_orders: Sequence[RefundOrder] | None) -> dict[str, Any]:
    """Its moves, oldest first, and the first cases of each kind that stands in the way now.

    ``refund_orders`` None: payments does not answer, and their count is not known.
    """
    read_patiently(work)
    turns = work.rows(_TURNS, (season,))
    dates = InForce(work).season(season)
    counts = hindrance_counts(work, dates)
    return {
        "season": season_label(season),
        "state": turns[-1][2] if turns else SEASON.initial,
        "end_on": dates.end_on.isoformat(),
        "turns": [
            {"verb": verb, "from": before, "to": after, "moved_on": moved_on.isoformat(), "reason": reason,
             "figures": figures, "by": actor, "at": at.isoformat()}
            for verb, before, after, moved_on, reason, figures, actor, at in turns
        ],
        "hindrances": [
            {"kind": kind, "title": HINDRANCES[kind].title, "count": count,
             "first": _told(hindrance_page(work, dates, kind, after="", limit=FIRST_SHOWN)) if count else []}
            for kind, count in counts.items()
        ] + [_refunds(refund_orders)],
    }  # fmt: skip


def hindrances(work: Work, season: int, *, kind: str, after: str, limit: int) -> dict[str, Any]:
    """Cases of one kind in the order of their subjects. Refuses `unknown_hindrance`."""
    read_patiently(work)
    cases = hindrance_page(work, InForce(work).season(season), kind, after=after, limit=limit)
    return {"cases": _told(cases), "next": cases[-1][0] if len(cases) == limit else None}


def _refunds(orders: Sequence[RefundOrder] | None) -> dict[str, Any]:
    return {
        "kind": OPEN_REFUNDS,
        "title": OPEN_REFUNDS_TITLE,
        "count": None if orders is None else len(orders),
        "first": [
            {"subject": str(order.order_id), "detail": f"{order.state}: {order.amount}"} for order in orders or ()
        ],
    }


def _told(cases: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"subject": subject, "detail": detail} for subject, detail in cases]

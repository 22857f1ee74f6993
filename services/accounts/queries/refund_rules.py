"""The rules by which payments pays money back, of the policy in force."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.refund_rules import approval_limits, choice_closed, refund_due_on
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label


def refund_rules(work: Work, *, season: int | None = None) -> dict[str, Any]:
    """``due_on`` is of the season that is asked about, the current one if none is; the rest holds today.

    ``choice_closed_for`` is the season that runs, while prepayments for it are not given back.
    """
    in_force = InForce(work)
    current = in_force.current_season
    values = in_force.policy.for_season(current)
    asked = current if season is None else season
    closed = choice_closed(values, in_force.season(current), work.today)
    return {
        "season": season_label(asked),
        "due_on": refund_due_on(in_force.policy.for_season(asked), in_force.season(asked)).isoformat(),
        "route": values.refund_route,
        "choice_closed_for": season_label(current) if closed else None,
        "season_begins_on": in_force.season(current).start_on.isoformat(),
        "limits": [
            {"role": role, "limit": None if limit_fen is None else format_yuan(limit_fen)}
            for role, limit_fen in approval_limits(values)
        ],
    }

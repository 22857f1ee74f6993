"""What a policy says about paying money back: by which way, until when, and who agrees to how much."""

from __future__ import annotations

from datetime import date, timedelta

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.money import parse_yuan
from shared.kernel.two_people import ApprovalLimit


def refund_due_on(values: PolicyInForce, season: HeatingSeason) -> date:
    """The last day on which what is owed back of a season may be paid."""
    return season.end_on + timedelta(days=values.refund_due_days_after_season)


def choice_closed(values: PolicyInForce, season: HeatingSeason, today: date) -> bool:
    """Whether the season runs and its prepayments are no longer given back on a household's own wish."""
    return season.start_on <= today <= season.end_on and not values.refund_after_season_started


def approval_limits(values: PolicyInForce) -> tuple[ApprovalLimit, ...]:
    """Who agrees to a refund up to which amount; where a policy names nobody, finance agrees to all."""
    rows = tuple(
        ApprovalLimit(row.role, None if row.up_to is None else parse_yuan(f"{row.up_to:.2f}", minimum_fen=0))
        for row in values.refund_approval_limits
    )
    return rows or (ApprovalLimit("finance", None),)

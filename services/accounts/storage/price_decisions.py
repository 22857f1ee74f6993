"""Decisions on the price of a season that was billed. `bill_corrections` charges by the last of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.accounts.domain.policy import Policy
from services.accounts.domain.price_decision import declared_end
from services.accounts.domain.season_dates import HeatingSeason, declared_season
from services.accounts.storage.in_force import InForce
from services.accounts.storage.policies import policy_of, recorded_policy_in_force
from services.accounts.storage.seasons import add_declaration, declaration_in_force
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("price_decisions")
class PriceDecisionRow(NamedTuple):
    decision_id: int
    command_id: int
    season: int
    kind: str
    policy_id: int
    season_id: int | None
    reason: str


class PriceDecision(NamedTuple):
    decision_id: int
    kind: str
    reason: str


def policies_billed_by(work: Work, season: int) -> list[Policy]:
    """The policies by which bills of the season were issued, each once."""
    rows = work.rows("SELECT DISTINCT policy_id FROM billing_runs WHERE season = %s AND mode = 'issue'", (season,))
    return [policy_of(work, policy_id) for (policy_id,) in rows]


def price_decided(work: Work, season: int) -> PriceDecision | None:
    """The last decision on the season's price."""
    rows = work.rows(
        "SELECT decision_id, kind, reason FROM price_decisions WHERE season = %s ORDER BY decided_at DESC LIMIT 1",
        (season,),
    )
    return PriceDecision(*rows[0]) if rows else None


def season_at(work: Work, season: int, prices: Mapping[str, str]) -> HeatingSeason:
    """The season by the policy in force; at these prices where there are any, else at those that were declared for it."""
    in_force = InForce(work)
    dated = in_force.season(season)
    if not prices:
        return dated
    return declared_season(
        in_force.policy,
        season=season,
        start_on=dated.start_on,
        end_on=declared_end(in_force.policy, dated),
        prices=prices,
    )


def decide_price(work: Work, season: int, kind: str, *, prices: Mapping[str, str], reason: str) -> int:
    """From now on the bills of the season that were issued are charged by the policy in force, at these prices.

    Refuses `season_invalid`.
    """
    in_force = recorded_policy_in_force(work)
    declared = declaration_in_force(work, season)
    season_id = declared.season_id if declared else None
    if prices:
        dated = season_at(work, season, prices)
        season_id = add_declaration(work, season=season, start_on=dated.start_on,
                                    end_on=declared_end(in_force.policy, dated), prices=prices)  # fmt: skip
    (decision_id,) = work.new_ids(1)
    work.add([PriceDecisionRow(decision_id, work.command_id, season, kind, in_force.policy_id, season_id, reason)])
    return decision_id

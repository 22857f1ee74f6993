"""The price of a season that was billed provisionally has been decreed: the difference is settled in the next season."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.price_decision import SETTLEMENT, assert_may_settle
from services.accounts.storage.in_force import InForce
from services.accounts.storage.price_decisions import decide_price, policies_billed_by
from services.accounts.storage.price_differences import charges_at, price_page, told_of_page, why_of_page
from services.accounts.storage.season_turns import assert_books_open
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label


@dataclass(frozen=True, slots=True)
class SettleProvisionalPrice:
    """``prices`` as of `declare_season`; empty: those of the policy in force. A preview shows the homes after ``after``."""

    season: int
    reason: str
    prices: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    preview: bool = False


def settle_provisional_price(command: SettleProvisionalPrice, work: Work) -> dict[str, Any]:
    """Decide on the price; `post_price_differences` posts. A preview tells a page of what it means, and why.

    Refuses `season_not_billed`, `price_not_provisional`, `price_still_provisional`, `season_invalid`, `season_closed`.
    """
    assert_books_open(work, [command.season])
    assert_may_settle(policies_billed_by(work, command.season), InForce(work).policy, command.season)
    if command.preview:
        priced = charges_at(work, command.season, command.prices)
        page = price_page(work, command.season, SETTLEMENT, after=command.after, priced=priced)
        return {**told_of_page(command.season, page), **why_of_page(work, command.season, page, priced)}
    decision_id = decide_price(work, command.season, SETTLEMENT, prices=command.prices, reason=command.reason)
    return {"season": season_label(command.season), "decision_id": decision_id, "kind": SETTLEMENT}

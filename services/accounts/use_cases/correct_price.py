"""A season was billed at a price that was entered wrongly: its bills are charged again at the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.price_decision import CORRECTION, assert_billed
from services.accounts.storage.price_decisions import decide_price, policies_billed_by
from services.accounts.storage.price_differences import charges_at, price_page, told_of_page, why_of_page
from services.accounts.storage.season_turns import assert_books_open
from shared.chassis.unit_of_work import Work
from shared.kernel.season import season_label


@dataclass(frozen=True, slots=True)
class CorrectPrice:
    """``prices`` as of `declare_season`; empty: those of the policy in force. A preview shows the homes after ``after``."""

    season: int
    reason: str
    prices: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    preview: bool = False


def correct_price(command: CorrectPrice, work: Work) -> dict[str, Any]:
    """Decide on the price; `post_price_differences` posts. A preview tells a page of what it means, and why.

    Refuses `season_not_billed`, `season_invalid`, `season_closed`.
    """
    assert_books_open(work, [command.season])
    assert_billed(policies_billed_by(work, command.season))
    if command.preview:
        priced = charges_at(work, command.season, command.prices)
        page = price_page(work, command.season, CORRECTION, after=command.after, priced=priced)
        return {**told_of_page(command.season, page), **why_of_page(work, command.season, page, priced)}
    decision_id = decide_price(work, command.season, CORRECTION, prices=command.prices, reason=command.reason)
    return {"season": season_label(command.season), "decision_id": decision_id, "kind": CORRECTION}

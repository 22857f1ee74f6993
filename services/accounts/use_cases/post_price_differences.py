"""What a decided price means for the bills of its season is posted, a thousand homes at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.price_decision import PriceNotDecided
from services.accounts.storage.bill_corrections import post_corrections
from services.accounts.storage.price_decisions import price_decided
from services.accounts.storage.price_differences import price_page, told_of_page
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PostPriceDifferences:
    season: int
    after: str = ""
    preview: bool = False


def post_price_differences(command: PostPriceDifferences, work: Work) -> dict[str, Any]:
    """Post the differences of the next homes: a bill that is right already stays, so nothing is posted twice.

    Refuses `price_not_decided`, `season_closed`.
    """
    decision = price_decided(work, command.season)
    if decision is None:
        raise PriceNotDecided("nobody has decided on another price of this season")
    page = price_page(work, command.season, decision.kind, after=command.after)
    if not command.preview:
        post_corrections(work, page.corrections, reason=decision.reason)
    return told_of_page(command.season, page)

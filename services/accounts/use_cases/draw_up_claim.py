"""All shares of a payer for a season that it was not asked for yet are collected into a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.claim import DRAWN_UP
from services.accounts.storage.claims import draw_up
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label


class NothingToClaim(Refusal):
    code = "nothing_to_claim"
    status = 409
    remedy = "Look at the claims there are: every share of this payer and season stands in one, or none was billed."


@dataclass(frozen=True, slots=True)
class DrawUpClaim:
    payer: str
    season: int


def draw_up_claim(command: DrawUpClaim, work: Work) -> dict[str, Any]:
    """Draw up one claim. A share that was corrected since stands in the next one with the difference.

    Refuses `nothing_to_claim`.
    """
    batch_no, amounts = draw_up(work, payer=command.payer, season=command.season)
    if not amounts:
        raise NothingToClaim("no share is left", payer=command.payer, season=season_label(command.season))
    return {"batch_no": batch_no, "payer": command.payer, "season": season_label(command.season), "state": DRAWN_UP,
            "lines": len(amounts), "amount": format_yuan(sum(amounts))}  # fmt: skip

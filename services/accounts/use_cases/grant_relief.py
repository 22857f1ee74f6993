"""Somebody else bears a share of what a home costs this season, or it is charged by a price of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.relief import AskedRelief
from services.accounts.storage.relief_grants import decided_grants, post_grants
from shared.chassis.unit_of_work import Work

PLACE = "reliefs"


@dataclass(frozen=True, slots=True)
class GrantRelief:
    """Relief is for the current season only; ``reliefs`` are pairs of an account number and what was asked for it."""

    reliefs: tuple[tuple[str, AskedRelief], ...]
    reason: str
    preview: bool = False


def grant_relief(command: GrantRelief, work: Work) -> dict[str, Any]:
    """Grant all of the list, or none; a season that was billed is divided anew, from today on.

    Refuses what `decided_grants` refuses.
    """
    grants = decided_grants(work, command.reliefs, place=PLACE)
    if not command.preview:
        post_grants(work, grants, reason=command.reason)
    return {"accounts": grants.told()}

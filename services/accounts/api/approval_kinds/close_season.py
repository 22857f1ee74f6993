"""The books of a season are closed by a second person; no bill changes by it."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.season_turns import SeasonTurnSchema, closure
from services.accounts.use_cases.close_season import close_season

KIND = ApprovalKind(
    "采暖季封账 · close a season", SeasonTurnSchema, closure, close_season, effect=effect_of_nothing, always=True
)

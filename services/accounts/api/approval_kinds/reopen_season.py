"""The books of a season are opened again by a second person; no bill changes by it."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.season_turns import SeasonTurnSchema, reopening
from services.accounts.use_cases.reopen_season import reopen_season

KIND = ApprovalKind(
    "采暖季反封账 · reopen a season", SeasonTurnSchema, reopening, reopen_season, effect=effect_of_nothing, always=True
)

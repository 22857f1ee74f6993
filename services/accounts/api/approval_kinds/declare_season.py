"""Dates or prices of a season that were decreed for it."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.policies import SeasonSchema, declaration
from services.accounts.use_cases.declare_season import declare_season

KIND = ApprovalKind(
    "调整采暖季 · declare a season", SeasonSchema, declaration, declare_season, effect=effect_of_nothing, always=True
)

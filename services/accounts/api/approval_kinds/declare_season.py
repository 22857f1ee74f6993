"""Dates or prices of a season that were decreed for it."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.policies import SeasonSchema, declaration
from services.accounts.use_cases.declare_season import declare_season

KIND = ApprovalKind(
    title="调整采暖季 · declare a season", schema=SeasonSchema, command=declaration, use_case=declare_season
)

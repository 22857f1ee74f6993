"""A season that was shorter or longer than it should have been."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.refund_entitlements import ShortSeasonSchema, supply_report
from services.accounts.domain.approval_effect import effect_of_sums
from services.accounts.use_cases.credit_short_season import credit_short_season

KIND = ApprovalKind(
    "供热天数退补 · credit a short season", ShortSeasonSchema, supply_report, credit_short_season, effect=effect_of_sums
)

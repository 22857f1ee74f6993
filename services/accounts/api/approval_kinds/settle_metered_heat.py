"""Metered homes that are settled by their heat."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.metered_heat import SettleMeteredHeatSchema, settlement
from services.accounts.use_cases.settle_metered_heat import settle_metered_heat

KIND = ApprovalKind("计量结算 · settle metered heat", SettleMeteredHeatSchema, settlement, settle_metered_heat)

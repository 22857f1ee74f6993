"""The final price of a season that was billed provisionally."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.season_prices import SeasonPriceSchema, settlement
from services.accounts.use_cases.settle_provisional_price import settle_provisional_price

KIND = ApprovalKind(
    "暂定价结算 · settle a provisional price", SeasonPriceSchema, settlement, settle_provisional_price,
    effect=effect_of_nothing, always=True,
)  # fmt: skip

"""A price that was entered wrongly."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.season_prices import SeasonPriceSchema, price_correction
from services.accounts.use_cases.correct_price import correct_price

KIND = ApprovalKind(
    "更正价格 · correct a price",
    SeasonPriceSchema,
    price_correction,
    correct_price,
    effect=effect_of_nothing,
    always=True,
)

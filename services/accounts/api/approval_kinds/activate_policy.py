"""A tariff policy is switched on by a second person."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.policies import PolicySchema, activation
from services.accounts.use_cases.activate_policy import activate_policy

KIND = ApprovalKind(
    "启用热价政策 · activate a tariff policy", PolicySchema, activation, activate_policy,
    effect=effect_of_nothing, always=True,
)  # fmt: skip

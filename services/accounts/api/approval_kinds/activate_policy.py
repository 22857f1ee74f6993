"""A tariff policy is switched on by a second person."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.policies import PolicySchema, activation
from services.accounts.use_cases.activate_policy import activate_policy

KIND = ApprovalKind(
    title="启用价格政策 · activate a tariff policy",
    schema=PolicySchema,
    command=activation,
    use_case=activate_policy,
)

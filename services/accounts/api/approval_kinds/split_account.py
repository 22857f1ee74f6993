"""Homes that become two."""

from __future__ import annotations

from services.accounts.api.account_joins import DivisionsSchema, dividing
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.use_cases.split_account import split_account

KIND = ApprovalKind("分户 · divide homes", DivisionsSchema, dividing, split_account)

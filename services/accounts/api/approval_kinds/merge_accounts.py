"""Homes that were knocked into one."""

from __future__ import annotations

from services.accounts.api.account_joins import MergersSchema, merging
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.use_cases.merge_accounts import merge_accounts

KIND = ApprovalKind("合户 · merge homes", MergersSchema, merging, merge_accounts)

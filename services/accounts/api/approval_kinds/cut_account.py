"""Homes that are cut off for arrears."""

from __future__ import annotations

from services.accounts.api.account_verbs import AccountsVerbSchema
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import cutting
from services.accounts.use_cases.cut_account import cut_account

KIND = ApprovalKind("断供 · cut homes off", AccountsVerbSchema, cutting, cut_account)

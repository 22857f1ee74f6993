"""Suspended or cut-off homes that get heat again."""

from __future__ import annotations

from services.accounts.api.account_verbs import AccountsVerbSchema
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import resumption
from services.accounts.use_cases.resume_account import resume_account

KIND = ApprovalKind("恢复用热 · resume homes", AccountsVerbSchema, resumption, resume_account)

"""Homes that leave for good."""

from __future__ import annotations

from services.accounts.api.account_verbs import AccountsVerbSchema
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import disconnection
from services.accounts.use_cases.disconnect_account import disconnect_account

KIND = ApprovalKind("拆除 · disconnect homes", AccountsVerbSchema, disconnection, disconnect_account)

"""Homes that get another owner, who may take the debt over."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import TransfersSchema, transfer
from services.accounts.use_cases.transfer_account import transfer_account

KIND = ApprovalKind("过户 · transfer homes", TransfersSchema, transfer, transfer_account)

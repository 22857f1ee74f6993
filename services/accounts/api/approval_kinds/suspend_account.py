"""Homes whose heat is suspended."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import SuspendSchema, suspending
from services.accounts.use_cases.suspend_account import suspend_account

KIND = ApprovalKind(
    "报停 · suspend homes", SuspendSchema, suspending, suspend_account,
    exceptional=lambda command: bool(command.after_deadline),
)  # fmt: skip

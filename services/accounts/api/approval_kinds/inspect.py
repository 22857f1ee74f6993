"""Suspended homes whose valve was found open."""

from __future__ import annotations

from services.accounts.api.account_verbs import AccountsVerbSchema
from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import inspection
from services.accounts.use_cases.inspect import inspect

KIND = ApprovalKind("稽查补费 · charge homes that were inspected", AccountsVerbSchema, inspection, inspect)

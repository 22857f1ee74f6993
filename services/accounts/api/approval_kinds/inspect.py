"""Homes without a right to heat that were found using it."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.lifecycle import InspectSchema, inspection
from services.accounts.use_cases.inspect import inspect

KIND = ApprovalKind("稽查补费 · charge homes that were inspected", InspectSchema, inspection, inspect)

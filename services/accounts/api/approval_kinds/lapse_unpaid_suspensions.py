"""Suspensions for which nothing was paid in time."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.suspension_applications import SuspensionsVerbSchema, lapsing
from services.accounts.use_cases.lapse_unpaid_suspensions import lapse_unpaid_suspensions

KIND = ApprovalKind("报停失效 · let unpaid suspensions lapse", SuspensionsVerbSchema, lapsing, lapse_unpaid_suspensions)

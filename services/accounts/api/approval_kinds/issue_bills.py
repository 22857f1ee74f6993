"""A season run; its own preview run shows what it would bill."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind, effect_of_nothing
from services.accounts.api.billing_runs import BillingRunSchema, issuing
from services.accounts.use_cases.issue_bills import issue_bills

KIND = ApprovalKind("开账 · bill a season", BillingRunSchema, issuing, issue_bills, effect=effect_of_nothing)

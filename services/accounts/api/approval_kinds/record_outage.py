"""Interruptions for which something is owed back."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.refund_entitlements import OutageSchema, outage_report
from services.accounts.use_cases.record_outage import record_outage

KIND = ApprovalKind("停供退费 · credit an outage", OutageSchema, outage_report, record_outage)

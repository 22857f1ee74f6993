"""Cold rooms for which something is owed back."""

from __future__ import annotations

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.refund_entitlements import TemperatureSchema, temperature_report
from services.accounts.use_cases.record_temperature import record_temperature

KIND = ApprovalKind("室温不达标退费 · credit cold rooms", TemperatureSchema, temperature_report, record_temperature)

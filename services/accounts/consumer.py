"""The events that accounts takes, and what it does with each."""

from __future__ import annotations

from services.accounts.use_cases.record_debts import record_debts
from shared.chassis.consumer import by_account
from shared.messages.payments import DebtsChanged

HANDLERS = {"payments": {"DebtsChanged": by_account(DebtsChanged, record_debts)}}
IGNORED = {"payments": ("PaymentsReceived", "PaymentsReversed", "DebitsPosted", "RefundsChanged")}

"""While a bank collects from an account, no other channel may take its debts."""

from __future__ import annotations

from shared.kernel.errors import Refusal

BANK = "bank"
"""The channel that a bank's debits come through."""


class InBankCollection(Refusal):
    code = "in_bank_collection"
    status = 409
    remedy = "Wait for the bank's result, or take the item back before the file is handed over."

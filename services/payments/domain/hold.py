"""While a bank collects from an account, no other channel may take its debts, and its late fee stands still.

Both are rules of the company (docs/decisions/0033). Neither lasts: when the bank took nothing, the debt is what it
would be if nothing had been sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.payments.domain.debt import Debt
from shared.kernel.errors import Refusal

BANK = "bank"
"""The channel that a bank's debits come through."""


class InBankCollection(Refusal):
    code = "in_bank_collection"
    status = 409
    remedy = "Wait for the bank's result, or take the item back before the file is handed over."


def frozen(debts: Iterable[Debt], as_of: date) -> list[Debt]:
    """The debts with the late fee of the day of sending: what was asked of the bank is what is owed meanwhile.

    Money that comes meanwhile counts as of that day too, so that what it settled stays settled afterwards.
    """
    return [replace(debt, frozen_on=as_of) for debt in debts]

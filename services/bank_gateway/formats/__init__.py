"""The layouts of banks' files, one declaration a module: ``FORMAT`` for batches, ``DAY_FORMAT`` for day-end files."""

from __future__ import annotations

import sys

from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.day_format import DayFormat
from shared.kernel.registry import declarations, declared

FORMATS: dict[str, BankFormat] = declarations(sys.modules[__name__], attribute="FORMAT")
DAY_FORMATS: dict[str, DayFormat] = declarations(sys.modules[__name__], attribute="DAY_FORMAT")


def bank_format(profile: str) -> BankFormat:
    found: BankFormat = declared(FORMATS, profile, place="profile")
    return found


def day_format(layout: str) -> DayFormat:
    found: DayFormat = declared(DAY_FORMATS, layout, place="layout")
    return found

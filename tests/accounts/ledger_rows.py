"""Rows of a ledger that owe nothing and have no mandate, for tests of the import."""

from __future__ import annotations

from tests.accounts import ledger_files
from tests.accounts.ledger_files import NO_ARREARS, NO_MANDATE, csv_text


def a_row(number: int = 1, **given: str) -> dict[str, str]:
    """A clean row with an account number and a flat of its own; ``given`` are other cells by their headings."""
    return {**ledger_files.a_row(number), **NO_ARREARS, **NO_MANDATE, **given}


def ledger_bytes(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    return csv_text(*rows).encode(encoding)

"""Comparisons of banks' days, and the cases that are open."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.bank_gateway.storage.bank_days import cases_of
from services.bank_gateway.storage.banks import bank_of
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan


def cases(work: Work, *, bank: str, day: date | None, state: str, after: int, limit: int) -> dict[str, Any]:
    """Cases of a bank in the order of their numbers. Refuses `unknown_bank`."""
    bank_of(work, bank)
    rows = cases_of(work, bank=bank, day=day, state=state, after=after, limit=limit)
    return {"cases": [_case(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def _case(row: tuple[Any, ...]) -> dict[str, Any]:
    case_no, day, kind, serial, nth, account_no, bank_fen, book_fen, payment_id, state = row
    return {
        "case_no": case_no, "day": day.isoformat(), "kind": kind, "serial": serial, "nth": nth,
        "account_no": account_no, "bank_amount": None if bank_fen is None else format_yuan(bank_fen),
        "book_amount": None if book_fen is None else format_yuan(book_fen), "payment_id": payment_id, "state": state,
    }  # fmt: skip

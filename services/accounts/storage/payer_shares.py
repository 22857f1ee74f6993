"""Shares of payers who are no household, found by the payer: few bills have one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from services.accounts.storage.rows import BillRow
from shared.chassis.writes import row_of
from shared.messages.accounts import is_household

BILLED_SHARE = """
CROSS JOIN LATERAL (
    SELECT b.amount_fen + k.fen AS billed_fen, coalesce(d.open_fen, b.amount_fen + k.fen) AS open_fen
    FROM bills b
    CROSS JOIN LATERAL (SELECT coalesce(sum(c.amount_fen), 0)::bigint AS fen FROM bill_corrections c
                        WHERE c.account_no = b.account_no AND c.season = b.season AND c.bill_no = b.bill_no AND c.payer = b.payer) k
    LEFT JOIN debts d ON d.bill_no = b.bill_no AND d.payer = b.payer
    WHERE b.bill_no = {0}.bill_no AND b.payer = {0}.payer AND b.live
) x
"""
"""Joins what is billed of a share after its corrections, and what is open of it: all, until payments speaks of it."""


@row_of("payer_shares")
class PayerShareRow(NamedTuple):
    payer: str
    season: int
    bill_no: int
    account_no: str


def shares_of_others(bills: Iterable[BillRow]) -> list[PayerShareRow]:
    return [PayerShareRow(bill.payer, bill.season, bill.bill_no, bill.account_no) for bill in bills
            if not is_household(bill.payer)]  # fmt: skip

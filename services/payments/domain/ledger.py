"""Which accounts an amount moves between. A posting has both sides, so an entry cannot fail to balance."""

from __future__ import annotations

from typing import NamedTuple

RECEIVABLE = "receivable"
CREDIT = "credit"
REFUND_PAYABLE = "refund_payable"
HEAT_INCOME = "heat_income"
LATE_FEE_INCOME = "late_fee_income"
DISCOUNT = "discount"
ROUNDING = "rounding"
OPENING_BALANCE = "opening_balance"
DEBT_ASSUMED = "debt_assumed"
SUBSIDY = "subsidy"
GROUP_CREDIT = "group_credit"


class Posting(NamedTuple):
    """``amount_fen`` (above zero) moves from the account it credits to the account it debits."""

    debit: str
    credit: str
    amount_fen: int
    account_no: str
    payer: str
    season: int | None
    reference: int


def moved(debit: str, credit: str, amount_fen: int, *, account_no: str, payer: str, season: int | None,
          reference: int) -> list[Posting]:  # fmt: skip
    """The posting for a signed amount: below zero it moves the other way, zero moves nothing."""
    if amount_fen < 0:
        debit, credit, amount_fen = credit, debit, -amount_fen
    return [Posting(debit, credit, amount_fen, account_no, payer, season, reference)] if amount_fen else []


def settlement_postings(source: str, *, paid_fen: int, discount_fen: int, rounding_fen: int, late_fee_fen: int,
                        account_no: str, payer: str, season: int, reference: int) -> list[Posting]:  # fmt: skip
    """What settling a receivable moves; ``source`` is the channel's account, or `CREDIT` for money held before.

    All amounts with a minus take it back.
    """
    postings = []
    for debit, credit, amount_fen in (
        (source, RECEIVABLE, paid_fen),
        (DISCOUNT, RECEIVABLE, discount_fen),
        (ROUNDING, RECEIVABLE, rounding_fen),
        (source, LATE_FEE_INCOME, late_fee_fen),
    ):
        if amount_fen:
            postings += moved(debit, credit, amount_fen, account_no=account_no, payer=payer, season=season,
                              reference=reference)  # fmt: skip
    return postings

"""Who pays: a payer other than the household must have a share in the account."""

from __future__ import annotations

from services.payments.domain.allocation import NotThisPayer
from services.payments.domain.debt import Debt
from shared.chassis.unit_of_work import Work


def assert_has_share(work: Work, account_no: str, payer: str, debts: list[Debt]) -> None:
    """Refuse a payer who was never billed for this account."""
    if any(debt.payer == payer for debt in debts):
        return
    if not work.rows("SELECT 1 FROM receivables WHERE account_no = %s AND payer = %s LIMIT 1", (account_no, payer)):
        raise NotThisPayer("this payer has no share in the account", account_no=account_no, payer=payer)

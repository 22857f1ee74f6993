"""Telling the others which homes have no heat for arrears, and which have it again."""

from __future__ import annotations

from collections.abc import Sequence

from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsCut, AccountsRestored, CutAccount, RestoredAccount


def tell_cut(work: Work, account_nos: Sequence[str]) -> None:
    if account_nos:
        work.emit(AccountsCut(tuple(CutAccount(account_no, work.today) for account_no in account_nos)))


def tell_restored(work: Work, account_nos: Sequence[str]) -> None:
    if account_nos:
        work.emit(AccountsRestored(tuple(RestoredAccount(account_no, work.today) for account_no in account_nos)))

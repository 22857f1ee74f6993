"""Who pays: how a payer is called outside, and who he is in the books.

Outside, the household is ``self`` and every other payer goes by his name, a former owner too. In the books each owner is
a payer of his own (`shared.messages.accounts.next_household`), so that what was his stays his.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from services.payments.domain.allocation import NotThisPayer
from services.payments.domain.debt import Debt
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import SELF, is_household


class Payers:
    """``households``: the present owner of each account. Accounts that never changed hands ask for nothing."""

    def __init__(self, work: Work, households: Mapping[str, str]) -> None:
        self._households = households
        self._names: defaultdict[str, dict[str, str]] = defaultdict(dict)
        moved = [account_no for account_no, household in households.items() if household != SELF]
        if moved:
            rows = work.rows("SELECT account_no, payer, name FROM owners WHERE account_no = ANY(%s)", (moved,))
            for account_no, payer, name in rows:
                self._names[account_no][payer] = name

    def known_as(self, account_no: str, name: str) -> str:
        """The payer in the books: ``self`` and the present owner's name are the present owner.

        Refuses `not_this_payer` for a name that means an owner in the books alone.
        """
        if name == SELF:
            return self._households[account_no]
        if is_household(name):
            raise NotThisPayer("an owner goes by his name", account_no=account_no, payer=name)
        if account_no not in self._names:
            return name
        by_name = {known: payer for payer, known in self._names[account_no].items()}
        return by_name.get(name, name)

    def called(self, account_no: str, payer: str) -> str:
        """How the payer is called outside."""
        if payer == self._households[account_no]:
            return SELF
        return self._names[account_no].get(payer, payer) if account_no in self._names else payer

    def name_of(self, account_no: str, payer: str) -> str | None:
        """The name of an owner, where he is known by one."""
        return self._names[account_no].get(payer) if account_no in self._names else None


def payers_of(work: Work, account_nos: Collection[str]) -> Payers:
    """Who the payers of these accounts are, for whoever only reads."""
    rows = work.rows("SELECT account_no, household FROM accounts WHERE account_no = ANY(%s)", (list(account_nos),))
    return Payers(work, dict(rows))


def assert_has_share(work: Work, account_no: str, payer: str, debts: list[Debt]) -> None:
    """Refuse a payer who was never billed for this account."""
    if any(debt.payer == payer for debt in debts):
        return
    if not work.rows("SELECT 1 FROM receivables WHERE account_no = %s AND payer = %s LIMIT 1", (account_no, payer)):
        raise NotThisPayer("this payer has no share in the account", account_no=account_no, payer=payer)

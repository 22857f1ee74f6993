"""Who owns a home: each owner is a payer of his own, so that what was his stays his."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.transfer import NewOwner
from services.accounts.storage.rows import MOVE_IN, BillRow, CorrectionRow, CustomerRow, OwnershipRow
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsTransferred, TransferredAccount, next_household

SHARE, ASSUMPTION = "share", "assumption"

_OWNED = """
SELECT b.bill_no, b.account_no, b.season, b.price_class, b.kind, b.terms_id, coalesce(d.open_fen, b.amount_fen),
       (b.amount_fen + coalesce(sum(c.amount_fen), 0))::bigint,
       coalesce((array_agg(c.tariff_id ORDER BY k.at DESC) FILTER (WHERE c.tariff_id IS NOT NULL))[1], b.tariff_id),
       coalesce((array_agg(c.derivation ORDER BY k.at DESC) FILTER (WHERE c.derivation IS NOT NULL))[1], b.derivation),
       coalesce((array_agg(c.suspended ORDER BY k.at DESC) FILTER (WHERE c.suspended IS NOT NULL))[1], b.suspended)
FROM bills b JOIN heat_accounts a USING (account_no) LEFT JOIN debts d USING (bill_no, payer)
LEFT JOIN bill_corrections c ON c.account_no = b.account_no AND c.season = b.season AND c.bill_no = b.bill_no AND c.payer = b.payer
LEFT JOIN commands k ON k.command_id = c.command_id
WHERE b.account_no = ANY(%s) AND b.payer = a.household AND b.live
GROUP BY b.bill_no, b.payer, d.open_fen
ORDER BY b.bill_no
"""


class Owned(NamedTuple):
    """A bill of the present owner: what is billed by now, and what payments said is open of it."""

    bill_no: int
    account_no: str
    season: int
    price_class: str
    kind: str
    terms_id: str
    open_fen: int
    billed_fen: int
    tariff_id: str | None
    derivation: object
    suspended: bool


def bills_owned(work: Work, account_nos: Collection[str]) -> list[Owned]:
    return [Owned(*row) for row in work.rows(_OWNED, (list(account_nos),))]


def names_of(work: Work, customer_ids: Collection[int]) -> dict[int, str]:
    return dict(work.rows("SELECT customer_id, name FROM customers WHERE customer_id = ANY(%s)", (list(customer_ids),)))


def owners_since(work: Work, account_nos: Collection[str]) -> dict[str, date]:
    """By account, the day from which the present owner has it; none for the first owner."""
    rows = work.rows(
        "SELECT o.account_no, o.since FROM ownerships o JOIN heat_accounts a USING (account_no)"
        " WHERE o.account_no = ANY(%s) AND o.payer = a.household AND o.since IS NOT NULL",
        (list(account_nos),),
    )
    return dict(rows)


def move_in(work: Work, moves: Sequence[tuple[AccountFacts, NewOwner]]) -> None:
    """From today on these accounts have these owners; the others are told."""
    for account_no, (customer_id, household) in new_owners(work, moves).items():
        work.change(MOVE_IN, [(account_no, customer_id, household)])


def new_owners(work: Work, moves: Sequence[tuple[AccountFacts, NewOwner]]) -> dict[str, tuple[int, str]]:
    """By account, the customer and the payer that its row has to name; everything else is written, the others are told."""
    known = {tuple(row) for row in work.rows(
        "SELECT account_no, payer FROM ownerships WHERE account_no = ANY(%s)", ([facts.account_no for facts, _ in moves],)
    )}  # fmt: skip
    names = names_of(work, [facts.customer_id for facts, _ in moves])
    told, owners = [], {}
    for (facts, owner), customer_id in zip(moves, work.new_ids(len(moves)), strict=True):
        household, account_no = next_household(facts.household), facts.account_no
        work.add([CustomerRow(customer_id, work.command_id, owner.name, owner.id_type, owner.id_no, owner.phone)])
        if (account_no, facts.household) not in known:
            work.add([OwnershipRow(account_no, facts.household, work.command_id, facts.customer_id, None)])
        work.add([OwnershipRow(account_no, household, work.command_id, customer_id, work.today, owner.assumed_by)])
        owners[account_no] = (customer_id, household)
        told.append(TransferredAccount(account_no, facts.household, names[facts.customer_id], household, owner.name,
                                       work.today, owner.assumed_by is not None))  # fmt: skip
    if told:
        work.emit(AccountsTransferred(tuple(told)))
    return owners


def assume(work: Work, facts: AccountFacts, bills: Sequence[Owned], *, reason: str) -> None:
    """The bills of which something is open are the next owner's; payments moves the debt itself when it hears of him."""
    household = next_household(facts.household)
    work.add(
        BillRow(bill.bill_no, household, work.command_id, None, bill.account_no, bill.season, SHARE, bill.price_class,
                bill.suspended, 0, work.today, "[]", bill.terms_id, None, None)
        for bill in bills
    )  # fmt: skip
    moved = [bill for bill in bills if bill.open_fen and bill.tariff_id]
    ids = iter(work.new_ids(2 * len(moved)))
    work.add(
        CorrectionRow(next(ids), work.command_id, bill.bill_no, payer, bill.account_no, bill.season, ASSUMPTION, fen,
                      bill.suspended, work.today, work.today, reason, bill.tariff_id or "", canonical(bill.derivation))
        for bill in moved for payer, fen in ((facts.household, -bill.billed_fen), (household, bill.billed_fen))
    )  # fmt: skip

"""Mandates: one live one an account. A change is a revocation and a new row."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.bank_gateway.domain.debit_item import Debtor
from services.bank_gateway.storage.banks import UNASSIGNED
from shared.chassis.unit_of_work import Work


def lock_live_mandates(work: Work, account_nos: Collection[str]) -> dict[str, tuple[int, str, Debtor]]:
    """By account: number, bank and content of its live mandate, locked until the work ends."""
    rows = work.rows(
        "SELECT mandate_id, bank, account_no, bank_name, bank_account, holder, id_type, id_no FROM mandates"
        " WHERE account_no = ANY(%s) AND revoked_on IS NULL ORDER BY account_no FOR UPDATE",
        (list(account_nos),),
    )
    return {row[2]: (row[0], row[1], Debtor(*row[2:])) for row in rows}


def revoke(work: Work, mandate_ids: Collection[int]) -> None:
    work.cursor.execute(
        "UPDATE mandates SET revoked_on = %s, revoked_by = %s WHERE mandate_id = ANY(%s)",
        (work.today, work.command_id, list(mandate_ids)),
    )


def assign_waiting(work: Work, bank: str, names: Sequence[str]) -> int:
    """Mandates that waited for this bank become its own; how many."""
    work.cursor.execute(
        "UPDATE mandates SET bank = %s WHERE bank = %s AND bank_name = ANY(%s)", (bank, UNASSIGNED, list(names))
    )
    return work.cursor.rowcount


def debtors(work: Work, mandate_ids: Sequence[int]) -> list[Debtor]:
    """The mandates in the order asked; what they say never changes, also after a revocation."""
    rows = work.rows(
        "SELECT m.account_no, m.bank_name, m.bank_account, m.holder, m.id_type, m.id_no"
        " FROM unnest(%s::bigint[]) WITH ORDINALITY AS v (mandate_id, place) JOIN mandates m USING (mandate_id)"
        " ORDER BY v.place",
        (list(mandate_ids),),
    )
    return [Debtor(*row) for row in rows]

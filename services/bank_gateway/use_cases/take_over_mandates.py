"""Debit agreements of an old system become mandates, of the bank that goes by that name."""

from __future__ import annotations

from services.bank_gateway.storage.banks import UNASSIGNED, banks_by_name
from services.bank_gateway.storage.mandates import lock_live_mandates
from services.bank_gateway.storage.rows import MandateRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import MandatesTakenOver


def take_over_mandates(event: MandatesTakenOver, work: Work) -> None:
    """An agreement made here since stays. A name that no bank has declared waits until one does."""
    banks = banks_by_name(work)
    taken = set(lock_live_mandates(work, [item.account_no for item in event.items]))
    ids = iter(work.new_ids(len(event.items)))
    for item in event.items:
        if item.account_no in taken:
            continue
        taken.add(item.account_no)
        work.add([MandateRow(
            next(ids), work.command_id, item.account_no, banks.get(item.bank_name, UNASSIGNED), item.bank_name,
            item.bank_account, item.holder, item.id_type, item.id_no, work.today,
        )])  # fmt: skip

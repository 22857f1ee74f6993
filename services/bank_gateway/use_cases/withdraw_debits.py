"""Items, or a whole batch, are taken back before the file leaves; the homes are free again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from services.bank_gateway.domain.debit_batch import BATCH
from services.bank_gateway.storage.batches import attend, lock_batch
from services.bank_gateway.storage.items import accounts_in
from services.bank_gateway.storage.staging import begin_bulk
from services.bank_gateway.storage.withdrawals import withdraw_items
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound
from shared.kernel.money import format_yuan


class NotInBatch(NotFound):
    code = "not_in_batch"
    remedy: ClassVar[str] = "Check the account number; this batch asks for nothing from it."


@dataclass(frozen=True, slots=True)
class WithdrawDebits:
    """``account_nos`` None: the whole batch."""

    batch_no: int
    account_nos: tuple[str, ...] | None = None


def withdraw_debits(command: WithdrawDebits, work: Work) -> dict[str, Any]:
    """Refuses `batch_not_found`, `transition_refused` (handed over already), `not_in_batch`."""
    batch = lock_batch(work, command.batch_no)
    attend(work, batch.batch_no)
    BATCH.after("withdraw", batch.state)
    asked = None if command.account_nos is None else list(dict.fromkeys(command.account_nos))
    known = accounts_in(work, batch, asked or [])
    for account_no in asked or ():
        if account_no not in known:
            raise NotInBatch("this batch has no such item", account_no=account_no, batch_no=batch.batch_no)
    begin_bulk(work)
    withdrawn = withdraw_items(work, batch, asked, reason="withdrawn")
    return {
        "batch_no": batch.batch_no, "state": batch.state, "withdrawn": withdrawn, "count": batch.item_count,
        "amount": format_yuan(batch.amount_fen),
    }  # fmt: skip

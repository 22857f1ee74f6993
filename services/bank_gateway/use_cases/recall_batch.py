"""A bank that never answered says that it did not take a batch and will not: its homes are free again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.debit_batch import answer_due_on, assert_may_be_recalled
from services.bank_gateway.storage.batches import attend, lock_batch
from services.bank_gateway.storage.staging import begin_bulk
from services.bank_gateway.storage.withdrawals import recall_items
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RecallBatch:
    """``reason`` is the bank's word, with who gave it: it stands in the history of the batch."""

    batch_no: int
    reason: str


def recall_batch(command: RecallBatch, work: Work) -> dict[str, Any]:
    """Give all claims of an overdue batch back. A result that comes for it after all is refused as a whole.

    Refuses `batch_not_found`, `transition_refused` (not handed over, or answered), `batch_not_overdue`.
    """
    batch = lock_batch(work, command.batch_no)
    due_on = answer_due_on(batch.as_of, rules_on(work, work.today).batch_timeout_days)
    assert_may_be_recalled(batch.state, next_step=batch.next_step, due_on=due_on, today=work.today)
    attend(work, batch.batch_no)
    begin_bulk(work)
    recalled = recall_items(work, batch, reason=command.reason)
    return {"batch_no": batch.batch_no, "state": batch.state, "recalled": recalled}

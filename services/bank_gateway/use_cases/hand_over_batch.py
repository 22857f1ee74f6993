"""A batch is handed over: from now on the bank may have it, and nothing of it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.debit_batch import BUILT
from services.bank_gateway.storage.batches import attend, lock_batch, move
from services.bank_gateway.storage.items import items_of_revoked_mandates
from services.bank_gateway.storage.withdrawals import withdraw_items
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

REVOKED = "mandate_revoked"


@dataclass(frozen=True, slots=True)
class HandOverBatch:
    batch_no: int


def hand_over_batch(command: HandOverBatch, work: Work) -> dict[str, Any]:
    """The decision comes first, the file goes out after it: a file in ``out/`` is always one that was handed over.

    Items whose mandate was revoked since the batch was built are withdrawn. Refuses `batch_not_found`,
    `transition_refused`.
    """
    batch = lock_batch(work, command.batch_no)
    attend(work, batch.batch_no)
    revoked = items_of_revoked_mandates(work, batch) if batch.state == BUILT else []
    if revoked:
        withdraw_items(work, batch, revoked, reason=REVOKED)
    if batch.state == BUILT or not revoked:  # the last item may have been withdrawn just now, and the batch with it
        move(work, batch, "hand_over", next_step="publish")
    return {
        "batch_no": batch.batch_no, "state": batch.state, "count": batch.item_count,
        "amount": format_yuan(batch.amount_fen), "withdrawn": len(revoked),
    }  # fmt: skip


def hand_over_when_built(command: HandOverBatch, work: Work) -> dict[str, Any]:
    """The hand-over that was asked for when the batch was opened, unless somebody else has just done it."""
    if lock_batch(work, command.batch_no).next_step != "hand_over":
        return {}
    return hand_over_batch(command, work)

"""The results of an accepted file are told to payments, a chunk in a transaction, in the order of their items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.debit_batch import RETURNED
from services.bank_gateway.storage.batches import Batch, lock_batch, move
from services.bank_gateway.storage.results import lock_untold, next_results, set_told
from shared.chassis.unit_of_work import EVENT_ITEMS_MAX, Work
from shared.messages.bank_gateway import DebitResult, DebitsReturned


@dataclass(frozen=True, slots=True)
class TellResults:
    file_id: int


def tell_results(command: TellResults, work: Work) -> dict[str, Any]:
    """Tell the next chunk; ``told`` 0 when nothing is left, or somebody else is telling this file.

    The last chunk of a batch with no unknown items closes it.
    """
    file = lock_untold(work, command.file_id)
    if file is None:
        return {"told": 0}
    batch = lock_batch(work, file.batch_no)
    rows = next_results(work, file, limit=EVENT_ITEMS_MAX)
    items = tuple(
        DebitResult(account_no, item_no, collected_fen, reason) for account_no, item_no, collected_fen, reason in rows
    )
    work.emit(DebitsReturned(batch.bank, batch.batch_no, batch.as_of, items))
    done = set_told(work, file, until=rows[-1][1], count=len(rows))
    if done:
        _close(work, batch)
    return {"told": len(rows)}


def _close(work: Work, batch: Batch) -> None:
    if batch.state == RETURNED and not batch.unknown_count:
        move(work, batch, "close", reason="every result is told")

"""Items that leave a batch before the bank has it."""

from __future__ import annotations

from collections.abc import Sequence

from services.bank_gateway.domain.debit_batch import BATCH
from services.bank_gateway.storage.batches import Batch, count_items, move
from services.bank_gateway.storage.items import withdraw_open_items
from shared.chassis.unit_of_work import Work

RECALLED = "recalled"


def recall_items(work: Work, batch: Batch, *, reason: str) -> int:
    """Take everything that a locked batch asked for back, with the batch; how many items. Refuses `transition_refused`."""
    BATCH.after("recall", batch.state)
    count, _ = withdraw_open_items(work, batch, None, reason=RECALLED)
    move(work, batch, "recall", reason=reason)
    return count


def withdraw_items(work: Work, batch: Batch, account_nos: Sequence[str] | None, *, reason: str) -> int:
    """Take the items of these accounts (``None``: all) out of a locked batch; how many.

    Their claims are given back after this is committed. A batch without items is withdrawn itself. Refuses
    `transition_refused` when the batch is not built yet, or not here any more.
    """
    BATCH.after("withdraw", batch.state)
    count, amount_fen = withdraw_open_items(work, batch, account_nos, reason=reason)
    if count:
        count_items(work, batch, items=-count, amount_fen=-amount_fen, version=1)
    if not batch.item_count:
        move(work, batch, "withdraw", reason=reason)
    return count

"""A step of a batch: the verb is done to the next accounts of a page, and that it was is written in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.account_batch import DONE, Batch, Outcome
from services.accounts.storage.account_batches import add_outcomes, page_of
from shared.chassis.unit_of_work import Work

CarryOut = Callable[[Batch, Sequence[str], Work], Sequence[int]]
"""Does the batch's verb to the accounts in this work; by how many fen each account's bills change."""


@dataclass(frozen=True, slots=True)
class WorkOffBatch:
    """``most`` accounts of the page, in their order; ``carry_out`` does the verb."""

    batch_id: int
    page: int
    most: int
    carry_out: CarryOut = field(repr=False)


def work_off_batch(command: WorkOffBatch, work: Work) -> dict[str, Any]:
    """How many were done and are left. Refuses what the verb refuses: then none of them is done."""
    page = page_of(work, command.batch_id, command.page, locked=True)
    if page is None:
        return {"done": 0, "left": 0}
    account_nos = page.account_nos[: command.most]
    amounts = command.carry_out(page.batch, account_nos, work) if account_nos else []
    add_outcomes(work, page, [
        Outcome(account_no, DONE, amount_fen=fen) for account_no, fen in zip(account_nos, amounts, strict=True)
    ])  # fmt: skip
    return {"done": len(account_nos), "left": len(page.account_nos) - len(account_nos)}

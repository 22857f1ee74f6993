"""What became of accounts of a batch without anything being done: refused, so already, or looked at in a preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_batch import Outcome
from services.accounts.storage.account_batches import add_outcomes, page_of
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class TellBatchOutcomes:
    batch_id: int
    page: int
    outcomes: tuple[Outcome, ...]


def tell_batch_outcomes(command: TellBatchOutcomes, work: Work) -> dict[str, Any]:
    """Write them down; an account that has an outcome keeps it."""
    page = page_of(work, command.batch_id, command.page, locked=True)
    waiting = set(page.account_nos) if page is not None else set()
    told = [outcome for outcome in command.outcomes if outcome.account_no in waiting]
    if page is not None:
        add_outcomes(work, page, told)
    return {"told": len(told)}

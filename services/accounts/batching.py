"""Working off batches in a thread of the worker: page after page, and within a page around those that are refused.

A verb is all or nothing for its list, and its refusal names one account. The accounts before it passed, so they are
done next; the one is told; the rest follows. Where one after another is refused, steps become small, so that a page of
refusals costs as much as one of single requests and no more.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import structlog

from services.accounts.domain.account_batch import ALREADY, DONE, PAGE_ACCOUNTS, PREVIEW, REFUSED, BatchPage, Outcome
from services.accounts.storage.account_batches import next_pages, page_of
from services.accounts.use_cases.tell_batch_outcomes import TellBatchOutcomes, tell_batch_outcomes
from services.accounts.use_cases.work_off_batch import CarryOut, WorkOffBatch, work_off_batch
from shared.chassis.unit_of_work import Busy, Caller, Commands
from shared.kernel.errors import Refusal

logger = structlog.get_logger()

SERVER_ERROR = 500
NEXT_FEW = 16
TRIES_MAX = 100
IsAlready = Callable[[str, Refusal], bool]
"""Whether a verb's refusal says that the account is so already."""


class Batching(threading.Thread):
    """Works off batches until it is told to stop. What cannot be known now (payments is away) is tried again."""

    def __init__(self, commands: Commands, carry_out: CarryOut, is_already: IsAlready, *, stop: threading.Event,
                 poll_seconds: float = 0.5) -> None:  # fmt: skip
        super().__init__(name="batching", daemon=True)
        self.commands, self.carry_out, self.is_already = commands, carry_out, is_already
        self.stop, self.poll_seconds = stop, poll_seconds

    def run(self) -> None:
        pause = self.poll_seconds
        while not self.stop.is_set():
            try:
                work_off(self.commands, self.carry_out, self.is_already, stop=self.stop.is_set)
                pause = self.poll_seconds
            except Exception as error:  # the step was not kept; the page is still there
                logger.error("batch_step_failed", error=repr(error)[:300])
                pause = min(30.0, pause * 2)
            self.stop.wait(pause)


def work_off(commands: Commands, carry_out: CarryOut, is_already: IsAlready, batch_id: int | None = None, *,
             stop: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
    """Every page that waits, of one batch or of all. Of the next few one is taken at random: others work beside."""
    in_the_way = 0
    while not stop():
        with commands.reading() as work:
            found = next_pages(work, batch_id, limit=NEXT_FEW)
        if not found:
            return
        try:
            _work_off_page(commands, carry_out, is_already, *random.choice(found), stop=stop)
            in_the_way = 0
        except Busy:
            in_the_way += 1
            if in_the_way > TRIES_MAX:
                raise
            threading.Event().wait(random.uniform(0.05, 0.15))


def _work_off_page(commands: Commands, carry_out: CarryOut, is_already: IsAlready, batch_id: int, page: int, *,
                   stop: Callable[[], bool]) -> None:  # fmt: skip
    most = PAGE_ACCOUNTS
    while not stop():
        with commands.reading() as work:
            here = page_of(work, batch_id, page, locked=False)
        if here is None:
            return
        try:
            _step(commands, carry_out, here, most)
        except Refusal as refusal:
            if refusal.status >= SERVER_ERROR or isinstance(refusal, Busy):
                raise
            most = _tell_refused(commands, is_already, here, refusal, most)
        else:
            most = min(2 * most, PAGE_ACCOUNTS)


def _step(commands: Commands, carry_out: CarryOut, here: BatchPage, most: int) -> None:
    batch, account_nos = here.batch, here.account_nos[:most]
    caller = Caller(batch.actor)
    if batch.mode != PREVIEW:
        commands.run(work_off_batch, WorkOffBatch(batch.batch_id, here.page, most, carry_out), caller=caller)
        return
    with commands.reading() as work:
        amounts = carry_out(batch, account_nos, work) if account_nos else []
    looked_at = [
        Outcome(account_no, DONE, amount_fen=fen) for account_no, fen in zip(account_nos, amounts, strict=True)
    ]
    commands.run(tell_batch_outcomes, TellBatchOutcomes(batch.batch_id, here.page, tuple(looked_at)), caller=caller)


def _tell_refused(commands: Commands, is_already: IsAlready, here: BatchPage, refusal: Refusal, most: int) -> int:
    """Writes the refusal down; how many accounts are tried next. One that names no account is told of all that were tried."""
    tried = here.account_nos[:most]
    named = refusal.facts.get("account_no")
    if named not in tried and len(tried) > 1 and refusal.code != "needs_approval":
        return len(tried) // 2
    refused = [named] if named in tried else tried
    outcome = ALREADY if is_already(here.batch.verb, refusal) else REFUSED
    told = tuple(Outcome(account_no, outcome, refusal.code, refusal.detail[:500]) for account_no in refused)
    caller = Caller(here.batch.actor)
    commands.run(tell_batch_outcomes, TellBatchOutcomes(here.batch.batch_id, here.page, told), caller=caller)
    return max(tried.index(refused[0]), 1)

"""What goes on by itself: steps of batches, claims to be given back, results to be told.

A request does them at once as far as its time allows; a thread of the worker goes on where nobody does any more,
after a minute of silence (a process that died) or at once when a request gave the batch back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.gateways.payments import OUT_OF_REACH
from services.bank_gateway.storage.batches import attend, count_overdue, is_anything_to_do, read_batch, unattended_batch
from services.bank_gateway.storage.results import untold_file
from services.bank_gateway.use_cases.claim_debits import claim_debits
from services.bank_gateway.use_cases.hand_over_batch import HandOverBatch, hand_over_when_built
from services.bank_gateway.use_cases.release_debits import release_debits
from services.bank_gateway.use_cases.tell_results import TellResults, tell_results
from services.bank_gateway.use_cases.write_debit_file import publish_debit_file, write_debit_file
from shared.chassis import metrics
from shared.chassis.codec import strict_json
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Busy, Caller, Commands, Work

logger = structlog.get_logger()

CALLER_ACTOR = "worker:errands"
REQUEST_SECONDS = 25.0
"""So long a request waits for its batch; the rest goes on without it."""
AGAIN_SECONDS = 5
"""Payments did not answer: so long the batch rests."""


@dataclass(frozen=True, slots=True)
class Errands:
    commands: Commands
    outside: Outside

    def go_on(self, batch_no: int, *, caller: Caller, seconds: float = REQUEST_SECONDS,
              stop: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        """Do what is to be done on a batch until nothing is, or the time is over; then it is given back."""
        ends = time.monotonic() + seconds
        try:
            while self._step(batch_no, caller):
                if time.monotonic() > ends or stop():
                    self._give_back(batch_no, caller, 0)
                    return
        except (*OUT_OF_REACH, Busy) as away:
            logger.warning("batch_waits", batch_no=batch_no, code=away.code, detail=away.detail)
            self._give_back(batch_no, caller, AGAIN_SECONDS)

    def tell(self, file_id: int, *, caller: Caller, stop: Callable[[], bool] = lambda: False) -> int:
        """Tell the results of a file until none is left; how many."""
        told = 0
        while not stop():
            answer = self.commands.run(tell_results, TellResults(file_id), caller=caller)
            now = int(strict_json(answer.body.decode())["told"])
            told += now
            if not now:
                break
        return told

    def tell_quietly(self, file_id: int, *, caller: Caller) -> None:
        """Tell the results of a file that was accepted; trouble is no answer to whoever brought it, others go on."""
        try:
            self.tell(file_id, caller=caller)
        except Exception as error:
            logger.warning("results_wait", file_id=file_id, error=repr(error)[:300])

    def once(self, *, stop: Callable[[], bool] = lambda: False) -> bool:
        """Look for something to do and do it; whether there was anything."""
        caller = Caller(CALLER_ACTOR)
        with self.commands.reading() as work:
            file_id, waits = untold_file(work), is_anything_to_do(work)
            _tell_overdue(work)
        told = self.tell(file_id, caller=caller, stop=stop) if file_id is not None else 0
        if not waits:
            return bool(told)
        batch_no = strict_json(self.commands.run(take_batch, None, caller=caller).body.decode())["batch_no"]
        if batch_no is not None:
            self.go_on(batch_no, caller=caller, seconds=REQUEST_SECONDS, stop=stop)
        return bool(told) or batch_no is not None

    def _step(self, batch_no: int, caller: Caller) -> bool:
        if release_debits(batch_no, commands=self.commands, outside=self.outside, caller=caller):
            return True
        with self.commands.reading() as work:
            step = read_batch(work, batch_no).next_step
        if step is None:
            return False
        if step == "hand_over":
            self.commands.run(hand_over_when_built, HandOverBatch(batch_no), caller=caller)
        else:
            _STEPS[step](batch_no, commands=self.commands, outside=self.outside, caller=caller)
        return True

    def _give_back(self, batch_no: int, caller: Caller, seconds: int) -> None:
        self.commands.run(give_back, (batch_no, seconds), caller=caller)


_STEPS: dict[str, Callable[..., None]] = {
    "claim": claim_debits,
    "write": write_debit_file,
    "publish": publish_debit_file,
}


def _tell_overdue(work: Work) -> None:
    """The alarm: a bank that does not answer keeps homes from paying anywhere else."""
    timeout = timedelta(days=rules_on(work, work.today).batch_timeout_days)
    metrics.BATCHES_OVERDUE.set(count_overdue(work, due_before=work.today - timeout))


def take_batch(_: None, work: Work) -> dict[str, Any]:
    return {"batch_no": unattended_batch(work)}


def give_back(command: tuple[int, int], work: Work) -> dict[str, Any]:
    batch_no, seconds = command
    attend(work, batch_no, seconds=seconds)
    return {}


class ErrandRunner(threading.Thread):
    """Runs errands until it is told to stop. Trouble is written down and tried again."""

    def __init__(self, errands: Errands, *, stop: threading.Event, poll_seconds: float) -> None:
        super().__init__(name="errands", daemon=True)
        self.errands, self.stop, self.poll_seconds = errands, stop, poll_seconds

    def run(self) -> None:
        pause = self.poll_seconds
        while not self.stop.is_set():
            try:
                if self.errands.once(stop=self.stop.is_set):
                    pause = self.poll_seconds
                    continue
                pause = self.poll_seconds
            except Exception as error:  # what was to be done is still written down
                logger.error("errand_failed", error=repr(error)[:300])
                pause = min(30.0, pause * 2)
            self.stop.wait(pause)

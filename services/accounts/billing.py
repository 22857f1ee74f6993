"""Working off billing runs: chunk after chunk, in a thread of the worker or in a process of its own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.accounts.storage.billing_runs import has_open_chunks
from services.accounts.use_cases.issue_bills import BillNextChunk, NoChunkLeft, bill_next_chunk
from shared.chassis.unit_of_work import Busy, Caller, Commands

logger = structlog.get_logger()

CALLER_ACTOR = "worker:billing"
TRIES_MAX = 100


class Billing(threading.Thread):
    """Takes chunks of any run until it is told to stop. Trouble is written down and tried again."""

    def __init__(self, commands: Commands, *, stop: threading.Event, poll_seconds: float = 0.5) -> None:
        super().__init__(name="billing", daemon=True)
        self.commands, self.stop, self.poll_seconds = commands, stop, poll_seconds

    def run(self) -> None:
        pause = self.poll_seconds
        while not self.stop.is_set():
            try:
                work_off(self.commands, None, stop=self.stop.is_set)
                pause = self.poll_seconds
            except Exception as error:  # the chunk is still there and nothing of it was kept
                logger.error("billing_chunk_failed", error=repr(error)[:300])
                pause = min(30.0, pause * 2)
            self.stop.wait(pause)


def work_off(commands: Commands, run_id: int | None, *, stop: Callable[[], bool] = lambda: False,
             done: Callable[[], None] = lambda: None) -> int:  # fmt: skip
    """Bill chunks until none waits that nobody else is billing; how many. ``done()`` is called after each.

    A chunk that others are in the way of, or that the database gave up, is tried again a hundred times.
    """
    chunks = failures = 0
    while not stop():
        if not _is_waiting(commands, run_id):
            return chunks
        try:
            commands.run(bill_next_chunk, BillNextChunk(run_id), caller=Caller(CALLER_ACTOR))
        except NoChunkLeft:
            return chunks
        except (Busy, psycopg.OperationalError, SQLAlchemyError):
            failures += 1
            if failures > TRIES_MAX:
                raise
            threading.Event().wait(random.uniform(0.05, 0.15))
            continue
        chunks, failures = chunks + 1, 0
        done()
    return chunks


def _is_waiting(commands: Commands, run_id: int | None) -> bool:
    with commands.reading() as work:
        return has_open_chunks(work, run_id)

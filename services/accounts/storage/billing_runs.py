"""Billing runs and their chunks: what is planned, what is being done, what is done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from services.accounts.domain.season_run import Billed
from services.accounts.storage.rows import CHUNK_DONE, BillingChunkRow, ParkedRow
from shared.chassis.unit_of_work import Work


class BillingRun(NamedTuple):
    """``season_id`` names the declaration of the season that the run began with, if there was one."""

    run_id: int
    season: int
    mode: str
    policy_id: int
    season_id: int | None


class Chunk(NamedTuple):
    run_id: int
    chunk: int
    first_account_no: str
    last_account_no: str


_OPEN = """
SELECT run_id, chunk, first_account_no, last_account_no FROM billing_chunks
WHERE done_by IS NULL AND (%(run_id)s::bigint IS NULL OR run_id = %(run_id)s)
"""


def has_open_chunks(work: Work, run_id: int | None) -> bool:
    """Whether a chunk is not done yet, of one run or of any; somebody may be doing it."""
    return bool(work.rows(_OPEN + "LIMIT 1", {"run_id": run_id}))


def take_chunk(work: Work, run_id: int | None) -> Chunk | None:
    """The next chunk that nobody did or is doing, of one run or of any; it is ours until the work ends."""
    rows = work.rows(_OPEN + "ORDER BY run_id, chunk LIMIT 1 FOR UPDATE SKIP LOCKED", {"run_id": run_id})
    return Chunk(*rows[0]) if rows else None


def billing_run(work: Work, run_id: int) -> BillingRun:
    rows = work.rows("SELECT run_id, season, mode, policy_id, season_id FROM billing_runs WHERE run_id = %s", (run_id,))
    return BillingRun(*rows[0])


def add_chunks(work: Work, run_id: int, planned: Iterable[tuple[str, str, int]]) -> None:
    """Plan a run: ``(first number, last number, homes)`` for each chunk."""
    work.add(
        BillingChunkRow(run_id, number, first, last, None, homes)
        for number, (first, last, homes) in enumerate(planned, start=1)
    )


def add_done_chunk(work: Work, run_id: int, account_nos: list[str], billed: Billed, *, named: bool) -> None:
    """The only chunk of a run that was done at once."""
    work.add([
        BillingChunkRow(run_id, 1, min(account_nos, default=""), max(account_nos, default=""),
                        f"{{{','.join(account_nos)}}}" if named else None, len(account_nos), work.command_id,
                        *_counts(billed))
    ])  # fmt: skip


def mark_done(work: Work, chunk: Chunk, billed: Billed) -> None:
    work.change(CHUNK_DONE, [(chunk.run_id, chunk.chunk, work.command_id, *_counts(billed))])


def add_parked(work: Work, run_id: int, billed: Billed) -> None:
    work.add(ParkedRow(run_id, *parked) for parked in billed.parked)


def _counts(billed: Billed) -> tuple[int, int, int, str]:
    return len(billed.charges), billed.already, len(billed.parked), json.dumps(billed.sums)

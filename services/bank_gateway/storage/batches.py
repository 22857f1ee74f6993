"""Debit batches: one row each, moved only along the lifecycle, every move with a history row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from services.bank_gateway.domain.bank_file import BatchState, SentBatch
from services.bank_gateway.domain.debit_batch import BATCH, ITEMS_PER_PAGE
from services.bank_gateway.domain.debit_item import BankTerms
from services.bank_gateway.storage.rows import BatchMoveRow, BatchProgressRow, BatchRow
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound

ATTENDED_SECONDS = 60
"""So long a batch belongs to whoever touched it last; then a worker goes on with it."""

_COLUMNS = (
    "batch_no, bank, profile, parameters, as_of, file_no, first_number, adopted, hand_over, state, next_step,"
    " item_count, amount_fen, unknown_count, version, file_id, file_version"
)


_FIELDS = tuple(name.strip().replace("parameters", "terms") for name in _COLUMNS.split(","))


class BatchNotFound(NotFound):
    code = "batch_not_found"


@dataclass(slots=True)
class Batch:
    """A batch as it stands; only `move` and the functions of this module change it."""

    batch_no: int
    bank: str
    profile: str
    terms: BankTerms
    as_of: date
    file_no: str
    first_number: int
    adopted: bool
    hand_over: bool
    state: str
    next_step: str | None
    item_count: int
    amount_fen: int
    unknown_count: int
    version: int
    file_id: int | None
    file_version: int | None

    def sent(self, state: BatchState = "sent") -> SentBatch:
        """The batch in the words of its file."""
        return SentBatch(self.terms.parameters, self.as_of, self.file_no, self.item_count, self.amount_fen, state)


def party_of(terms: BankTerms) -> str:
    """Who we are to a bank, as one text: batches of one party, day and number are the same batch."""
    return canonical(dict(terms.parameters))


def new_batch_no(work: Work) -> int:
    return int(work.rows("SELECT nextval('batch_numbers')")[0][0])


def numbers_taken(work: Work, *, profile: str, terms: BankTerms, as_of: date) -> tuple[int, int]:
    """Of the batches of this party on this day: how many we made ourselves, and how many item numbers they took."""
    row = work.rows(
        "SELECT count(*), coalesce(max(first_number + (SELECT count(*) FROM batch_pages p WHERE p.batch_no = b.batch_no)"
        " * %s), 0)::bigint FROM batches b WHERE profile = %s AND party = %s AND as_of = %s AND NOT adopted",
        (ITEMS_PER_PAGE, profile, party_of(terms), as_of),
    )[0]
    return int(row[0]), int(row[1])


def is_number_taken(work: Work, *, profile: str, terms: BankTerms, as_of: date, file_no: str) -> bool:
    return bool(work.rows(
        "SELECT 1 FROM batches WHERE profile = %s AND party = %s AND as_of = %s AND file_no = %s",
        (profile, party_of(terms), as_of, file_no),
    ))  # fmt: skip


def add_batch(work: Work, batch: Batch, *, verb: str) -> None:
    """A new batch; ``verb`` is how it came to be."""
    work.add([BatchRow(
        batch.batch_no, batch.bank, batch.profile, party_of(batch.terms), Jsonb(batch.terms.stored()), batch.as_of,
        batch.file_no, batch.first_number, batch.adopted, batch.hand_over, batch.state, batch.next_step,
        batch.item_count, batch.amount_fen,
    )])  # fmt: skip
    work.add([BatchProgressRow(batch.batch_no)])
    work.add([BatchMoveRow(work.new_ids(1)[0], work.command_id, batch.batch_no, verb, "", batch.state, "")])


def read_batch(work: Work, batch_no: int) -> Batch:
    """Refuses `batch_not_found`."""
    return _one(work, f"SELECT {_COLUMNS} FROM batches WHERE batch_no = %s", (batch_no,))


def lock_batch(work: Work, batch_no: int) -> Batch:
    """The batch, locked until the work ends. Refuses `batch_not_found`."""
    return _one(work, f"SELECT {_COLUMNS} FROM batches WHERE batch_no = %s FOR NO KEY UPDATE", (batch_no,))


def find_batch(work: Work, *, profile: str, terms: BankTerms, as_of: date, file_no: str) -> Batch | None:
    """The batch that a file names, locked until the work ends."""
    rows = work.rows(
        f"SELECT {_COLUMNS} FROM batches WHERE profile = %s AND party = %s AND as_of = %s AND file_no = %s"
        " FOR NO KEY UPDATE",
        (profile, party_of(terms), as_of, file_no),
    )
    return _batch(rows[0]) if rows else None


def move(work: Work, batch: Batch, verb: str, *, reason: str = "", next_step: str | None = None) -> None:
    """Move a locked batch along its lifecycle. Refuses `transition_refused`."""
    state = BATCH.after(verb, batch.state)
    work.add([BatchMoveRow(work.new_ids(1)[0], work.command_id, batch.batch_no, verb, batch.state, state, reason)])
    batch.state, batch.next_step = state, next_step
    work.cursor.execute(
        "UPDATE batches SET state = %s, next_step = %s WHERE batch_no = %s", (state, next_step, batch.batch_no)
    )


def set_next_step(work: Work, batch: Batch, next_step: str | None) -> None:
    batch.next_step = next_step
    work.cursor.execute("UPDATE batches SET next_step = %s WHERE batch_no = %s", (next_step, batch.batch_no))


def count_items(work: Work, batch: Batch, *, items: int, amount_fen: int, version: int = 0) -> None:
    """Items came (or, below zero, went); ``version`` 1 makes the file of before outdated."""
    batch.item_count, batch.amount_fen = batch.item_count + items, batch.amount_fen + amount_fen
    batch.version += version
    work.cursor.execute(
        "UPDATE batches SET item_count = %s, amount_fen = %s, version = %s WHERE batch_no = %s",
        (batch.item_count, batch.amount_fen, batch.version, batch.batch_no),
    )


def set_file(work: Work, batch: Batch, *, file_id: int) -> None:
    batch.file_id, batch.file_version = file_id, batch.version
    work.cursor.execute(
        "UPDATE batches SET file_id = %s, file_version = %s WHERE batch_no = %s",
        (file_id, batch.version, batch.batch_no),
    )


def set_unknown_count(work: Work, batch: Batch, unknown_count: int) -> None:
    batch.unknown_count = unknown_count
    work.cursor.execute("UPDATE batches SET unknown_count = %s WHERE batch_no = %s", (unknown_count, batch.batch_no))


def attend(work: Work, batch_no: int, *, seconds: int = ATTENDED_SECONDS) -> None:
    """Somebody works on this batch for the next seconds; 0 gives it back."""
    work.cursor.execute(
        "UPDATE batches SET attended_until = now() + make_interval(secs => %s) WHERE batch_no = %s", (seconds, batch_no)
    )


OVERDUE = "as_of < %(due_before)s AND (state = 'handed_over' OR (state = 'returned' AND unknown_count > 0))"
"""Batches that the bank should have answered by now: `domain.debit_batch.is_overdue` as a condition."""


def count_overdue(work: Work, *, due_before: date) -> int:
    """How many batches that were sent before that day still wait for the bank's answer."""
    return int(work.rows(f"SELECT count(*) FROM batches WHERE {OVERDUE}", {"due_before": due_before})[0][0])


_UNATTENDED = (
    "SELECT batch_no FROM batches WHERE attended_until < now()"
    " AND (next_step IS NOT NULL OR batch_no IN (SELECT batch_no FROM releases WHERE NOT done))"
)


def is_anything_to_do(work: Work) -> bool:
    """Whether some batch waits for somebody."""
    return bool(work.rows(f"{_UNATTENDED} LIMIT 1"))


def unattended_batch(work: Work) -> int | None:
    """A batch on which something is to be done and nobody works, now attended to by the asker."""
    rows = work.rows(
        "UPDATE batches SET attended_until = now() + make_interval(secs => %s) WHERE batch_no ="
        f" ({_UNATTENDED} ORDER BY attended_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) RETURNING batch_no",
        (ATTENDED_SECONDS,),
    )
    return rows[0][0] if rows else None


def _one(work: Work, sql: str, values: tuple[Any, ...]) -> Batch:
    rows = work.rows(sql, values)
    if not rows:
        raise BatchNotFound("there is no such batch", batch_no=values[0])
    return _batch(rows[0])


def _batch(row: tuple[Any, ...]) -> Batch:
    values = dict(zip(_FIELDS, row, strict=True))
    stored = values["terms"]
    values["terms"] = BankTerms(stored["parameters"], stored["bank_codes"], stored["purpose"])
    return Batch(**values)

"""The items of a send file that another system wrote, on their way to become a batch of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.bank_gateway.storage.staging import stage
from shared.chassis.unit_of_work import Work

_STAGED = "line integer, key text, account_no text, bank_account text, amount_fen bigint, echo text"


def stage_items(work: Work, blocks: Iterable[Sequence[Sequence[str]]]) -> int:
    """Rows of a send file (line, key, account, bank account, fen, echo) into ``staged_items``; how many."""
    return stage(work, "staged_items", _STAGED, blocks)


def first_repeated_key(work: Work) -> tuple[int, str] | None:
    """Line and key of the first row whose key stood there before."""
    rows = work.rows(
        "SELECT line, key FROM (SELECT line, key, row_number() OVER (PARTITION BY key ORDER BY line) AS nth"
        " FROM staged_items) s WHERE nth > 1 ORDER BY line LIMIT 1"
    )
    return (rows[0][0], rows[0][1]) if rows else None


def first_strange_account(work: Work) -> tuple[int, str] | None:
    """Line and text of the first row that names no account number of ours."""
    rows = work.rows(
        "SELECT line, account_no FROM staged_items WHERE account_no !~ '^[0-9]{10}$' ORDER BY line LIMIT 1"
    )
    return (rows[0][0], rows[0][1]) if rows else None


def take_items(work: Work, batch_no: int) -> None:
    """The staged rows become the items of a batch, numbered in the order of the file."""
    work.cursor.execute(
        "INSERT INTO batch_items (batch_no, item_no, key, account_no, mandate_id, bank_account, amount_fen, echo)"
        " SELECT %s, row_number() OVER (ORDER BY line), key, account_no, NULL, bank_account, amount_fen, echo"
        " FROM staged_items ORDER BY line",
        (batch_no,),
    )

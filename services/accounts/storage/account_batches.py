"""Batches, their pages and what became of each account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from services.accounts.domain.account_batch import Batch, BatchPage, Outcome, json_of
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of

_BATCH = """
SELECT b.batch_id, b.verb, b.mode, b.request, k.actor FROM account_batches b JOIN commands k USING (command_id)
WHERE b.batch_id = %s
"""
_OPEN = """
SELECT batch_id, page FROM account_batch_pages
WHERE done_by IS NULL AND (%(batch_id)s::bigint IS NULL OR batch_id = %(batch_id)s) ORDER BY batch_id, page LIMIT %(limit)s
"""
PAGE_DONE = Change(
    "UPDATE account_batch_pages p SET done_by = v.done_by FROM {rows} AS v (batch_id, page, done_by)"
    " WHERE p.batch_id = v.batch_id AND p.page = v.page AND p.done_by IS NULL",
    ("bigint", "integer", "bigint"),
)


@row_of("account_batches")
class BatchRow(NamedTuple):
    batch_id: int
    command_id: int
    verb: str
    mode: str
    request: str
    chosen: str
    accounts: int


@row_of("account_batch_pages")
class BatchPageRow(NamedTuple):
    batch_id: int
    page: int
    account_nos: str


@row_of("account_batch_outcomes")
class OutcomeRow(NamedTuple):
    batch_id: int
    account_no: str
    command_id: int
    outcome: str
    code: str | None
    detail: str | None
    amount_fen: int


def add_batch(work: Work, verb: str, mode: str, request: object, chosen: object, account_nos: Sequence[str], *,
              page_accounts: int) -> int:  # fmt: skip
    """A batch with its pages; its number."""
    batch_id = work.new_ids(1)[0]
    work.add([BatchRow(batch_id, work.command_id, verb, mode, json_of(request), json_of(chosen), len(account_nos))])
    work.add(
        BatchPageRow(batch_id, page, f"{{{','.join(account_nos[first : first + page_accounts])}}}")
        for page, first in enumerate(range(0, len(account_nos), page_accounts), start=1)
    )
    return batch_id


def next_pages(work: Work, batch_id: int | None, *, limit: int) -> list[tuple[int, int]]:
    """Batch and number of pages that are not done, of one batch or of any; somebody may be at one of them."""
    return [(row[0], row[1]) for row in work.rows(_OPEN, {"batch_id": batch_id, "limit": limit})]


def page_of(work: Work, batch_id: int, page: int, *, locked: bool) -> BatchPage | None:
    """The page with the accounts that have no outcome yet; None: it is done. Locked, it is ours until the work ends."""
    lock = " FOR UPDATE" if locked else ""
    rows = work.rows(
        "SELECT account_nos, done_by FROM account_batch_pages WHERE batch_id = %s AND page = %s" + lock,
        (batch_id, page),
    )
    account_nos, done_by = rows[0]
    if done_by is not None:
        return None
    known = work.rows(
        "SELECT account_no FROM account_batch_outcomes WHERE batch_id = %s AND account_no = ANY(%s)",
        (batch_id, account_nos),
    )
    told = {row[0] for row in known}
    batch = Batch(*work.rows(_BATCH, (batch_id,))[0])
    return BatchPage(batch, page, [account_no for account_no in account_nos if account_no not in told])


def add_outcomes(work: Work, page: BatchPage, outcomes: Iterable[Outcome]) -> None:
    """What became of accounts of the page; when none is left, the page is done."""
    told = list(outcomes)
    work.add(
        OutcomeRow(
            page.batch.batch_id, each.account_no, work.command_id, each.outcome, each.code, each.detail, each.amount_fen
        )
        for each in told
    )
    if _are_all(page.account_nos, told):
        work.change(PAGE_DONE, [(page.batch.batch_id, page.page, work.command_id)])


def _are_all(account_nos: Sequence[str], told: Collection[Outcome]) -> bool:
    return set(account_nos) <= {each.account_no for each in told}

"""The items of a debit batch: planned in pages, claimed, withdrawn, read back in order for the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from services.bank_gateway.domain.debit_batch import ITEMS_PER_PAGE
from services.bank_gateway.domain.debit_item import Debtor
from services.bank_gateway.storage.batches import Batch
from shared.chassis.unit_of_work import Commands, Work


class Page(NamedTuple):
    """A page of claims: ``mandate_ids`` in the order of its items, ``None`` when the items are there already."""

    number: int
    mandate_ids: list[int] | None

    def item_no(self, place: int) -> int:
        """The number of the item at ``place`` (from 0) of a page."""
        return (self.number - 1) * ITEMS_PER_PAGE + place + 1


class StoredItem(NamedTuple):
    """An item with what its mandate says."""

    item_no: int
    key: str
    amount_fen: int
    debtor: Debtor


def plan_pages(work: Work, batch_no: int, *, bank: str) -> int:
    """Fix which live mandates of the bank the batch asks for, in the order of their accounts; how many pages."""
    work.cursor.execute(
        "INSERT INTO batch_pages (batch_no, page, mandate_ids)"
        " SELECT %s, (place - 1) / %s + 1, array_agg(mandate_id ORDER BY place) FROM ("
        "  SELECT mandate_id, row_number() OVER (ORDER BY account_no) AS place FROM mandates"
        "  WHERE bank = %s AND revoked_on IS NULL) live GROUP BY 2",
        (batch_no, ITEMS_PER_PAGE, bank),
    )
    return work.cursor.rowcount


def plan_pages_of_items(work: Work, batch_no: int, *, items: int) -> None:
    """Pages for items that are there already: those of an adopted batch."""
    pages = -(-items // ITEMS_PER_PAGE)
    work.cursor.execute(
        "INSERT INTO batch_pages (batch_no, page) SELECT %s, page FROM generate_series(1, %s) AS page",
        (batch_no, pages),
    )


def next_page(work: Work, batch_no: int) -> Page | None:
    """The first page that is not claimed yet."""
    rows = work.rows(
        "SELECT page, mandate_ids FROM batch_pages WHERE batch_no = %s AND NOT claimed ORDER BY page LIMIT 1",
        (batch_no,),
    )
    return Page(*rows[0]) if rows else None


def close_page(work: Work, batch_no: int, page: int) -> bool:
    """Mark a page as claimed; false when somebody else has done it before."""
    return bool(work.rows(
        "UPDATE batch_pages SET claimed = true WHERE batch_no = %s AND page = %s AND NOT claimed RETURNING 1",
        (batch_no, page),
    ))  # fmt: skip


def accounts_of_page(work: Work, batch_no: int, page: Page) -> list[tuple[int, str]]:
    """Item number and account of every item of a page, in order."""
    if page.mandate_ids is None:
        return work.rows(
            "SELECT item_no, account_no FROM batch_items WHERE batch_no = %s AND item_no BETWEEN %s AND %s ORDER BY item_no",
            (batch_no, page.item_no(0), page.item_no(ITEMS_PER_PAGE - 1)),
        )
    rows = work.rows(
        "SELECT v.place, m.account_no FROM unnest(%s::bigint[]) WITH ORDINALITY AS v (mandate_id, place)"
        " JOIN mandates m USING (mandate_id) ORDER BY v.place",
        (page.mandate_ids,),
    )
    return [(page.item_no(place - 1), account_no) for place, account_no in rows]


def asked_amounts(work: Work, batch_no: int, page: Page) -> dict[int, tuple[str, int]]:
    """Account and amount of every item of a page, by item number."""
    rows = work.rows(
        "SELECT item_no, account_no, amount_fen FROM batch_items WHERE batch_no = %s AND item_no BETWEEN %s AND %s",
        (batch_no, page.item_no(0), page.item_no(ITEMS_PER_PAGE - 1)),
    )
    return {item_no: (account_no, amount_fen) for item_no, account_no, amount_fen in rows}


_NOT_WITHDRAWN = "NOT EXISTS (SELECT FROM withdrawals w WHERE w.batch_no = i.batch_no AND w.item_no = i.item_no)"

_FILE_ITEMS = f"""
SELECT i.item_no, i.key, i.amount_fen, m.account_no, m.bank_name, m.bank_account, m.holder, m.id_type, m.id_no
FROM batch_items i JOIN mandates m USING (mandate_id)
WHERE i.batch_no = %s AND i.item_no > %s AND i.item_no <= %s AND {_NOT_WITHDRAWN}
ORDER BY i.item_no
"""


def items_for_file(commands: Commands, batch: Batch) -> Iterator[StoredItem]:
    """Items in order, a page in memory at a time; each page is its own short transaction."""
    with commands.reading() as work:
        last = work.rows("SELECT coalesce(max(item_no), 0) FROM batch_items WHERE batch_no = %s", (batch.batch_no,))[0][
            0
        ]
    for first in range(0, last, ITEMS_PER_PAGE):
        with commands.reading() as work:
            rows = work.rows(_FILE_ITEMS, (batch.batch_no, first, first + ITEMS_PER_PAGE))
        for row in rows:
            yield StoredItem(row[0], row[1], row[2], Debtor(*row[3:]))


_WITHDRAW = f"""
WITH gone AS (
  INSERT INTO withdrawals (batch_no, item_no, command_id, reason)
  SELECT i.batch_no, i.item_no, %(command_id)s, %(reason)s FROM batch_items i
  WHERE i.batch_no = %(batch_no)s AND (%(accounts)s::text[] IS NULL OR i.account_no = ANY(%(accounts)s)) AND {_NOT_WITHDRAWN}
  RETURNING item_no),
numbered AS (SELECT item_no, row_number() OVER (ORDER BY item_no) AS place FROM gone),
given_back AS (
  INSERT INTO releases (command_id, batch_no, item_nos, reason)
  SELECT %(command_id)s, %(batch_no)s, array_agg(item_no ORDER BY place), %(reason)s FROM numbered
  GROUP BY (place - 1) / %(page)s)
SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM gone JOIN batch_items i USING (item_no)
WHERE i.batch_no = %(batch_no)s
"""


def withdraw_open_items(work: Work, batch: Batch, account_nos: Sequence[str] | None, *, reason: str) -> tuple[int, int]:
    """Withdraw the items of these accounts (``None``: all), and write down that their claims are to be given back.

    How many they are, and their fen.
    """
    row = work.rows(_WITHDRAW, {
        "command_id": work.command_id, "reason": reason, "batch_no": batch.batch_no, "page": ITEMS_PER_PAGE,
        "accounts": None if account_nos is None else list(account_nos),
    })[0]  # fmt: skip
    return int(row[0]), int(row[1])


def accounts_in(work: Work, batch: Batch, account_nos: Sequence[str]) -> set[str]:
    """Those of the accounts that the batch asks for something."""
    rows = work.rows(
        f"SELECT i.account_no FROM batch_items i WHERE i.batch_no = %s AND i.account_no = ANY(%s) AND {_NOT_WITHDRAWN}",
        (batch.batch_no, list(account_nos)),
    )
    return {row[0] for row in rows}


def items_of_revoked_mandates(work: Work, batch: Batch) -> list[str]:
    """Accounts of items whose mandate was revoked since the batch was built."""
    rows = work.rows(
        "SELECT i.account_no FROM batch_items i JOIN mandates m USING (mandate_id) WHERE i.batch_no = %s"
        f" AND m.revoked_on IS NOT NULL AND {_NOT_WITHDRAWN}"
        " AND NOT EXISTS (SELECT FROM mandates again WHERE again.account_no = m.account_no AND again.revoked_on IS NULL"
        "  AND again.bank = m.bank AND again.bank_account = m.bank_account)"
        " ORDER BY i.item_no",
        (batch.batch_no,),
    )
    return [row[0] for row in rows]


class Release(NamedTuple):
    release_no: int
    batch_no: int
    item_nos: list[int]


def add_release(work: Work, batch_no: int, item_nos: Sequence[int], *, reason: str) -> None:
    """Claims of at most a page to be given back in payments, written before anybody is asked."""
    work.cursor.execute(
        "INSERT INTO releases (command_id, batch_no, item_nos, reason) VALUES (%s, %s, %s, %s)",
        (work.command_id, batch_no, list(item_nos), reason),
    )


def next_release(work: Work, batch_no: int) -> Release | None:
    rows = work.rows(
        "SELECT release_no, batch_no, item_nos FROM releases WHERE batch_no = %s AND NOT done ORDER BY release_no LIMIT 1",
        (batch_no,),
    )
    return Release(*rows[0]) if rows else None


def close_release(work: Work, release_no: int) -> None:
    work.cursor.execute("UPDATE releases SET done = true WHERE release_no = %s", (release_no,))


def remarks_of(
    work: Work, batch_no: int, *, reasons: Collection[str] | None, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """What payments said of items other than yes, in order of their numbers."""
    which = "" if reasons is None else " AND reason = ANY(%(reasons)s)"
    return work.rows(
        "SELECT item_no, account_no, reason, claimed_fen, detail FROM claim_remarks WHERE batch_no = %(batch_no)s"
        f" AND item_no > %(after)s{which} ORDER BY item_no LIMIT %(limit)s",
        {"batch_no": batch_no, "after": after, "reasons": None if reasons is None else list(reasons), "limit": limit},
    )

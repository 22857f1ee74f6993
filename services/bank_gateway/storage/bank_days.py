"""A bank's day and our book, staged side by side and compared as sets; what differs is kept as cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from services.bank_gateway.domain.day_book import CASE, CLASSES, BankLine, BookRow, ClassSum
from services.bank_gateway.storage.rows import CaseMoveRow
from services.bank_gateway.storage.staging import stage
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound

_LINES = "line integer, serial text, account_no text, amount_fen bigint"
_ROWS = "serial text, account_no text, amount_fen bigint, booked_on date, payment_id bigint"
_COPY_BYTES = 1 << 16


class BankOnly(NamedTuple):
    """Money that the bank has and our book has not."""

    case_no: int
    serial: str
    account_no: str
    amount_fen: int


class Case(NamedTuple):
    """A line or a row that does not agree, as it stands."""

    case_no: int
    bank: str
    day: date
    kind: str
    state: str
    serial: str
    account_no: str
    bank_fen: int | None


def stage_lines(work: Work, blocks: Iterable[list[BankLine]]) -> int:
    """The bank's lines into ``bank_lines``; how many."""
    return stage(work, "bank_lines", _LINES, (_columns(block) for block in blocks if block))


def _columns(block: list[BankLine]) -> list[list[str]]:
    lines, serials, account_nos, amounts_fen = zip(*block, strict=True)
    return [list(map(str, lines)), list(serials), list(account_nos), list(map(str, amounts_fen))]


def write_book(path: Path, pages: Iterable[list[BookRow]]) -> int:
    """Add pages of our book to a file that `stage_book` reads; how many rows."""
    count = 0
    with path.open("a", encoding="utf-8") as out:
        for page in pages:
            count += len(page)
            out.writelines(
                f"{_copied(row.serial)}\t{_copied(row.account_no)}\t{row.amount_fen}\t{row.booked_on}\t{row.payment_id}\n"
                for row in page
            )
    return count


def _copied(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def stage_book(work: Work, path: Path) -> None:
    """Our book into ``book_rows``."""
    work.cursor.execute(f"CREATE TEMPORARY TABLE book_rows ({_ROWS}) ON COMMIT DROP")
    with path.open("rb") as content, work.cursor.copy("COPY book_rows FROM STDIN") as copy:
        while block := content.read(_COPY_BYTES):
            copy.write(block)
    work.cursor.execute("ANALYZE book_rows")


def is_any_line_unbooked(work: Work) -> bool:
    """Whether the staged bank has a serial that the staged book has not."""
    return bool(work.rows(
        "SELECT 1 FROM bank_lines b LEFT JOIN book_rows k ON k.serial = b.serial WHERE k.serial IS NULL LIMIT 1"
    ))  # fmt: skip


_DIFFERING = """
CREATE TEMPORARY TABLE differing ON COMMIT DROP AS SELECT ''::text AS kind, ''::text AS serial, 1::bigint AS nth,
  ''::text AS account_no, 0::bigint AS bank_fen, 0::bigint AS book_fen, 0::bigint AS payment_id WHERE false
"""

# A serial's place is 1 for its first line or row and nothing for others, so that only the first ones meet.
_CLASSIFY = """
WITH lines AS (SELECT *, row_number() OVER (PARTITION BY serial ORDER BY line) AS nth FROM bank_lines),
book AS (
  SELECT *, row_number() OVER (PARTITION BY serial ORDER BY booked_on <> %(day)s, payment_id) AS nth FROM book_rows),
joined AS (
  SELECT coalesce(b.serial, k.serial) AS serial, coalesce(b.nth, k.nth) AS nth, coalesce(b.account_no, k.account_no) AS account_no,
    b.account_no <> k.account_no AS other_account, b.amount_fen AS bank_fen, k.amount_fen AS book_fen, k.payment_id,
    CASE WHEN k.serial IS NULL THEN CASE WHEN b.nth > 1 THEN 'duplicate_serial' ELSE 'bank_only' END
      WHEN b.serial IS NULL THEN 'book_only' WHEN b.amount_fen <> k.amount_fen THEN 'amount_differs'
      WHEN k.booked_on <> %(day)s THEN 'date_differs' ELSE 'matched' END AS class
  FROM (SELECT *, CASE nth WHEN 1 THEN 1 END AS place FROM lines) b
  FULL JOIN (SELECT *, CASE nth WHEN 1 THEN 1 END AS place FROM book) k ON k.serial = b.serial AND k.place = b.place
  WHERE b.serial IS NOT NULL OR k.booked_on = %(day)s),
kept AS (
  INSERT INTO differing SELECT CASE class WHEN 'matched' THEN 'account_differs' ELSE class END, serial, nth, account_no,
    bank_fen, book_fen, payment_id FROM joined WHERE class <> 'matched' OR other_account)
SELECT class, count(*), coalesce(sum(bank_fen), 0)::bigint, coalesce(sum(book_fen), 0)::bigint FROM joined GROUP BY class
"""


def classify(work: Work, *, day: date) -> dict[str, ClassSum]:
    """Put every staged line and row into exactly one class; what differs stands in ``differing`` afterwards.

    The first line of a serial is compared, every further one is a duplicate. Rows of other days count only for
    serials that the bank has. A line that matches but names another account is matched, and a case all the same.
    """
    work.cursor.execute(_DIFFERING)
    sums = dict.fromkeys(CLASSES, ClassSum())
    for name, *figures in work.rows(_CLASSIFY, {"day": day}):
        sums[name] = ClassSum(*figures)
    return sums


def staged_sums(work: Work, *, day: date) -> tuple[int, int, int, int]:
    """Counts and fen of both sides as they were staged: what the classes must add up to.

    Of our book: the rows of the day, and those of other days that the bank has.
    """
    bank = work.rows("SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM bank_lines")[0]
    book = work.rows(
        "SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM book_rows k WHERE booked_on = %s"
        " OR EXISTS (SELECT FROM bank_lines b WHERE b.serial = k.serial)",
        (day,),
    )[0]
    return bank[0], bank[1], book[0], book[1]


_SAME = (
    "c.serial = d.serial AND c.nth = d.nth AND c.kind = d.kind AND c.account_no = d.account_no"
    " AND c.bank_fen IS NOT DISTINCT FROM d.bank_fen AND c.book_fen IS NOT DISTINCT FROM d.book_fen"
)


def resolve_explained(work: Work, *, bank: str, day: date) -> Iterator[tuple[int, str]]:
    """Close open cases that this comparison explains: number and reason of each.

    Those of the day that are not found any more, and rows of other days that were missing at the bank until now.
    """
    for which, reason in (
        (f"c.day = %(day)s AND NOT EXISTS (SELECT FROM differing d WHERE {_SAME})", "not found again"),
        ("c.day <> %(day)s AND c.kind = 'book_only' AND EXISTS (SELECT FROM bank_lines b WHERE b.serial = c.serial)",
         f"in the bank's file of {day}"),
    ):  # fmt: skip
        rows = work.rows(
            f"UPDATE cases c SET state = 'resolved' WHERE c.bank = %(bank)s AND c.state = 'open' AND {which} RETURNING case_no",
            {"bank": bank, "day": day},
        )
        yield from ((row[0], reason) for row in rows)


def open_cases(work: Work, *, reconciliation_no: int, bank: str, day: date) -> int:
    """A case for everything that differs and has none; how many."""
    rows = work.rows("SELECT count(*) FROM differing")
    first = work.new_ids(max(1, rows[0][0])).start
    work.cursor.execute(
        "INSERT INTO cases (case_no, reconciliation_no, bank, day, kind, serial, nth, account_no, bank_fen, book_fen, payment_id)"
        " SELECT %(first)s + row_number() OVER (ORDER BY d.kind, d.serial, d.nth) - 1, %(no)s, %(bank)s, %(day)s, d.kind,"
        " d.serial, d.nth, d.account_no, d.bank_fen, d.book_fen, d.payment_id FROM differing d"
        f" WHERE NOT EXISTS (SELECT FROM cases c WHERE c.bank = %(bank)s AND c.day = %(day)s AND c.state = 'open' AND {_SAME})",
        {"first": first, "no": reconciliation_no, "bank": bank, "day": day},
    )
    return work.cursor.rowcount


def bank_only_cases(work: Work, *, bank: str, day: date, after: int, limit: int) -> list[BankOnly]:
    """Open cases of payments that only the bank has, in order."""
    rows = work.rows(
        "SELECT case_no, serial, account_no, bank_fen FROM cases WHERE bank = %s AND day = %s AND kind = 'bank_only'"
        " AND state = 'open' AND bank_fen > 0 AND case_no > %s ORDER BY case_no LIMIT %s",
        (bank, day, after, limit),
    )
    return [BankOnly(*row) for row in rows]


class UnknownCase(NotFound):
    code = "case_not_found"


def read_cases(work: Work, case_nos: Sequence[int]) -> dict[int, Case]:
    """These cases, by number. Refuses `case_not_found`."""
    rows = work.rows(
        "SELECT case_no, bank, day, kind, state, serial, account_no, bank_fen FROM cases WHERE case_no = ANY(%s)",
        (list(case_nos),),
    )
    found = {row[0]: Case(*row) for row in rows}
    for place, case_no in enumerate(case_nos):
        if case_no not in found:
            raise UnknownCase("there is no such case", place=f"/cases/{place}", value=case_no)
    return found


def post_case(work: Work, case_no: int, payment_id: int, *, reason: str) -> bool:
    """An open case is posted as that payment; False when it is not open any more."""
    state = CASE.after("post", CASE.initial)
    changed = work.rows(
        "UPDATE cases SET state = %s, payment_id = %s WHERE case_no = %s AND state = 'open' RETURNING 1",
        (state, payment_id, case_no),
    )
    if changed:
        add_move(work, case_no, "post", state, reason=reason)
    return bool(changed)


def add_move(work: Work, case_no: int, verb: str, state: str, *, reason: str) -> None:
    work.add([CaseMoveRow(work.new_ids(1)[0], work.command_id, case_no, verb, CASE.initial, state, reason)])


def cases_of(work: Work, *, bank: str, day: date | None, state: str, after: int, limit: int) -> list[tuple[Any, ...]]:
    return work.rows(
        "SELECT case_no, day, kind, serial, nth, account_no, bank_fen, book_fen, payment_id, state FROM cases"
        " WHERE bank = %(bank)s AND (%(day)s::date IS NULL OR day = %(day)s) AND state = %(state)s AND case_no > %(after)s"
        " ORDER BY case_no LIMIT %(limit)s",
        {"bank": bank, "day": day, "state": state, "after": after, "limit": limit},
    )

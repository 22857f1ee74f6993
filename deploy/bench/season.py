"""A season in SQL: homes made in sets, and billed in sets. The second is the floor of billing, and the past of a bank's return.

The first home of each kind is its pattern: it is billed by the services' own code, and what the homes of its kind have in
common is read from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

import psycopg

from deploy.bench.homes import CALLER, account_no
from deploy.bench.mixture import MIXTURES, Kind, Mixture
from deploy.bench.stage import Stage
from deploy.local.databases import conninfo
from services.accounts.policies import REFERENCE
from services.accounts.use_cases.activate_policy import ActivatePolicy, activate_policy
from services.accounts.use_cases.issue_bills import IssueBills, issue_bills
from services.payments.use_cases.open_receivables import open_receivables
from shared.chassis.codec import decode
from shared.messages.accounts import BillsIssued

SEASON = 2025
DAY = date(2025, 11, 20)
"""In the season and past every discount: what is owed of a bill is its amount."""

PATTERN = 0
"""The number of the first kind's pattern."""
OWN_IDS = 1_000_000_000
"""Rows made in sets take their numbers from here on, far above those that the services take."""

_COMMAND = """
INSERT INTO commands (command_id, name, actor, request_id, business_on)
VALUES (nextval('ids'), 'bench', 'bench', 'bench', %s) RETURNING command_id
"""

_HOMES = (
    "INSERT INTO customers (customer_id, command_id, name)"
    " SELECT %(ids)s + i, %(command)s, '住户' || i FROM generate_series(%(first)s::bigint, %(last)s) i",
    "INSERT INTO premises (premises_id, command_id, compound, building, unit, room, floor, building_area,"
    " storey_height) SELECT %(ids)s + i, %(command)s, '小区' || i / 2000, (i / 100 %% 20)::text, (i / 25 %% 4)::text, (i %% 25)::text,"
    " 1 + i %% 25, 45 + (i * 7919 %% 9000) / 100.0, (%(heights)s::numeric[])[1 + i %% %(kinds)s]"
    " FROM generate_series(%(first)s::bigint, %(last)s) i",
    "INSERT INTO heat_accounts (account_no, command_id, customer_id, premises_id, price_class, state, opened_on,"
    " connected_on, suspended_from, varies_from)"
    " SELECT lpad(i::text, 10, '0'), %(command)s, %(ids)s + i, %(ids)s + i, (%(classes)s::text[])[1 + i %% %(kinds)s],"
    " (%(states)s::text[])[1 + i %% %(kinds)s], '2019-07-01', (%(connected)s::date[])[1 + i %% %(kinds)s],"
    " (%(suspended)s::smallint[])[1 + i %% %(kinds)s], (%(varies)s::smallint[])[1 + i %% %(kinds)s]"
    " FROM generate_series(%(first)s::bigint, %(last)s) i",
)
_OF_KIND = (
    "CREATE TEMP TABLE homes ON COMMIT DROP AS"
    " SELECT i FROM generate_series(%(first)s::bigint, %(last)s) i WHERE i %% %(kinds)s = %(kind)s"
)
_PAYERS = (
    "INSERT INTO accounts (account_no, opened_on) SELECT lpad(i::text, 10, '0'), '2019-07-01'"
    " FROM generate_series(%(first)s::bigint, %(last)s) i"
)

# A home pays like the pattern of its kind, by its own area. What it has of shares goes far above the numbers of all homes.
_BILLS = """
WITH patterns AS (
    SELECT b.*, building_area AS pattern_area, row_number() OVER (PARTITION BY b.account_no ORDER BY b.payer DESC) - 1 AS nth
    FROM bills b JOIN heat_accounts USING (account_no) JOIN premises USING (premises_id) WHERE b.account_no < %(homes_no)s
)
INSERT INTO bills (bill_no, payer, command_id, run_id, account_no, season, kind, price_class, suspended, amount_fen,
                   posted_on, parts, terms_id, tariff_id, derivation)
SELECT %(ids)s + a.account_no::bigint, p.payer, %(command)s, p.run_id, a.account_no, p.season, p.kind, a.price_class,
       p.suspended, amount.fen, p.posted_on, jsonb_build_array(jsonb_build_array(amount.fen, p.parts -> 0 -> 1)),
       p.terms_id, p.tariff_id, p.derivation
FROM heat_accounts a JOIN premises USING (premises_id)
JOIN patterns p ON p.account_no::bigint = a.account_no::bigint %% %(kinds)s
CROSS JOIN LATERAL (SELECT round(p.amount_fen * building_area / p.pattern_area)::bigint AS fen OFFSET 0) amount
WHERE a.account_no BETWEEN %(first_no)s AND %(last_no)s
"""
_RECEIVABLES = """
WITH patterns AS (
    SELECT *, row_number() OVER (PARTITION BY account_no ORDER BY payer DESC) - 1 AS nth FROM receivables
    WHERE account_no < %(homes_no)s
)
INSERT INTO receivables (receivable_id, command_id, account_no, bill_no, part, season, payer, kind, price_class,
                         suspended, terms_id, amount_fen, due_on, posted_on)
SELECT %(ids)s + p.nth * 100000000 + s.account_no::bigint, %(command)s, s.account_no, s.bill_no, p.part, p.season, p.payer,
       p.kind, p.price_class, p.suspended, p.terms_id, s.amount_fen, p.due_on, p.posted_on
FROM staged s JOIN patterns p ON p.account_no::bigint = s.account_no::bigint %% %(kinds)s AND p.payer = s.payer
"""
_POSTINGS = """
WITH patterns AS (
    SELECT *, row_number() OVER (PARTITION BY account_no ORDER BY payer DESC) - 1 AS nth FROM postings
    WHERE account_no < %(homes_no)s
)
INSERT INTO postings (posting_id, command_id, posted_on, debit, credit, amount_fen, account_no, payer, season, reference)
SELECT %(ids)s + p.nth * 100000000 + s.account_no::bigint, %(command)s, p.posted_on, p.debit, p.credit, s.amount_fen,
       s.account_no, p.payer, p.season, %(ids)s + p.nth * 100000000 + s.account_no::bigint
FROM staged s JOIN patterns p ON p.account_no::bigint = s.account_no::bigint %% %(kinds)s AND p.payer = s.payer
"""


def make_homes(where: Stage, count: int, mixture: Mixture = MIXTURES["plain"]) -> None:
    """``count`` homes and a pattern of each kind, in accounts and payments; the patterns are billed.

    Patterns have the first numbers, from 0 on.
    """
    kinds = mixture.kinds
    with writing(where.databases["accounts"]) as (cursor, command):
        names = {"ids": OWN_IDS, "command": command, "first": 0, "last": count + len(kinds) - 1, **_arrays(kinds)}
        for statement in _HOMES:
            cursor.execute(statement, names)
        for number, kind in enumerate(kinds):
            if kind.more:
                cursor.execute(_OF_KIND, {**names, "kind": number})
                for statement in kind.more:
                    cursor.execute(statement, names)
                cursor.execute("DROP TABLE homes")
    with writing(where.databases["payments"]) as (cursor, _):
        cursor.execute(_PAYERS, {"first": 0, "last": count + len(kinds) - 1})
    _bill_patterns(where, mixture)


def _arrays(kinds: Sequence[Kind]) -> dict[str, Any]:
    """What differs between kinds, an array a column, in the order of the kinds."""
    return {
        "kinds": len(kinds),
        "classes": [kind.price_class for kind in kinds],
        "heights": [kind.storey_height for kind in kinds],
        "connected": [kind.connected_on for kind in kinds],
        "states": ["suspended" if kind.suspended else "active" for kind in kinds],
        "suspended": [SEASON if kind.suspended else None for kind in kinds],
        "varies": [SEASON - 1 if kind.varies else None for kind in kinds],
    }


def _bill_patterns(where: Stage, mixture: Mixture) -> None:
    """By the use cases themselves. Their event is handed over by hand: nobody else needs to hear of it."""
    accounts, payments = where.runtime("accounts"), where.runtime("payments")
    if mixture.changes:
        accounts.commands.run(activate_policy, ActivatePolicy(REFERENCE, mixture.changes), caller=CALLER)
    patterns = tuple(account_no(number) for number in range(len(mixture.kinds)))
    accounts.commands.run(issue_bills, IssueBills(SEASON, account_nos=patterns), caller=CALLER)
    with closing(psycopg.connect(conninfo(where.databases["accounts"]))) as connection, connection:
        told = connection.execute("DELETE FROM outbox RETURNING type, body").fetchall()
        for body in (body for type_, body in told if type_ == BillsIssued.NAME):
            payments.commands.run(open_receivables, decode(BillsIssued, body), caller=CALLER)
    accounts.engine.dispose()
    payments.engine.dispose()


def bill_in_sets(databases: dict[str, str], first: int, last: int, *, kinds: int = 1) -> None:
    """Bills of the homes ``first`` to ``last``, counted from 1, and what payments keeps of them: one statement a table."""
    names = {"ids": OWN_IDS, "kinds": kinds, "homes_no": account_no(kinds), "first_no": account_no(first + kinds - 1),
             "last_no": account_no(last + kinds - 1)}  # fmt: skip
    with writing(databases["accounts"]) as (accounts, command):
        accounts.execute(_BILLS, {**names, "command": command})
        accounts.connection.commit()
        with writing(databases["payments"]) as (payments, command):
            payments.execute(
                "CREATE TEMP TABLE staged (account_no text, bill_no bigint, payer text, amount_fen bigint)"
            )
            piped(
                accounts, "SELECT account_no, bill_no, payer, amount_fen FROM bills WHERE account_no BETWEEN"
                f" '{names['first_no']}' AND '{names['last_no']}'", payments, "staged",
            )  # fmt: skip
            payments.execute(_RECEIVABLES, {**names, "command": command})
            payments.execute(_POSTINGS, {**names, "command": command})


@contextmanager
def writing(url: str) -> Iterator[tuple[psycopg.Cursor[Any], int]]:
    """A cursor of the tables' owner and a command that heads what it writes; committed at the end."""
    with closing(psycopg.connect(conninfo(url))) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_COMMAND, (DAY,))
        command = cursor.fetchone()
        yield cursor, command[0] if command else 0


def piped(source: psycopg.Cursor[Any], query: str, target: psycopg.Cursor[Any], table: str) -> None:
    """What a query finds in one database, into a table of another; nothing is looked at on the way."""
    taking, giving = f"COPY ({query}) TO STDOUT (FORMAT binary)", f"COPY {table} FROM STDIN (FORMAT binary)"
    with source.copy(taking) as rows, target.copy(giving) as copy:
        for block in rows:
            copy.write(block)
    target.execute(f"ANALYZE {table}")


def by_workers(workers: int, count: int, one: Callable[[int, int], Any]) -> None:
    """``one(first, last)`` for each worker's share of the numbers 1 to ``count``, all at once."""
    share = -(-count // workers)
    with ThreadPoolExecutor(workers) as pool:
        parts = [(first, min(first + share - 1, count)) for first in range(1, count + 1, share)]
        list(pool.map(lambda part: one(*part), parts))


def one_number(url: str, query: str) -> int:
    """What a query of one row and column finds; 0 for nothing."""
    with closing(psycopg.connect(conninfo(url))) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0] or 0) if row else 0

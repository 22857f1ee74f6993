"""The checker: the clients' own books against every table, log and position. Exact; nothing is tolerated."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.databases import conninfo
from deploy.prove.books import Books, read_books
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.event_log import GENESIS, first_broken
from shared.kernel.money import parse_yuan

Connection = psycopg.Connection[tuple[object, ...]]
Databases = dict[str, Connection]


@dataclass(frozen=True)
class Promise:
    """One promise of the list in docs/reliability.md, with what was counted."""

    id: str
    figure: str
    held: bool


def check(folder: Path, urls: dict[str, str]) -> list[Promise]:
    """``folder``: the clients' books; ``urls``: the owner's database URLs of accounts and payments, at rest."""
    books = read_books(folder)
    with ExitStack() as stack:
        databases = {service: stack.enter_context(psycopg.connect(conninfo(url))) for service, url in urls.items()}
        return [
            _acknowledged_is_kept(books, databases),
            _done_once(books, databases),
            _balanced(databases["payments"]),
            _services_agree(databases),
            _in_order(databases),
        ]


def _acknowledged_is_kept(books: Books, databases: Databases) -> Promise:
    """P1. What was answered is stored with that answer, as it was asked; nothing is stored that nobody asked for."""
    stored = {key: answer for connection in databases.values() for key, _, answer in _keyed_commands(connection)}
    lost = [key for key, answer in books.acked.items() if stored.get(key) != answer]
    wrong = _otherwise_than_asked(books, databases["payments"])
    strangers = set(stored) - set(books.tried)
    held = not lost and not wrong and not strangers and not books.refused and bool(books.acked)
    return Promise(
        "P1",
        f"{len(books.acked)} acknowledged, {len(lost)} lost, {len(wrong)} otherwise than asked,"
        f" {len(strangers)} that nobody asked for, {len(books.refused)} refused",
        held,
    )


def _keyed_commands(connection: Connection) -> list[tuple[str, int, str]]:
    """Key, how many commands it stands for, the answer of one of them. Without the stage's own preparations."""
    rows = connection.execute(
        "SELECT key, count(*), min(convert_from(answer, 'UTF8')) FROM commands"
        " WHERE key IS NOT NULL AND key NOT LIKE 'stage-%' GROUP BY key"
    ).fetchall()
    return [(str(key), int(str(count)), str(answer)) for key, count, answer in rows]


def _otherwise_than_asked(books: Books, payments: Connection) -> list[str]:
    """Keys whose payments or reversals in the books are not those of the request."""
    kept: dict[str, Counter[tuple[str, str, int]]] = {}
    back: dict[str, Counter[int]] = {}
    for key, account_no, channel, amount_fen, reverses in payments.execute(
        "SELECT c.key, p.account_no, p.channel, p.amount_fen, p.reverses FROM payments p JOIN commands c USING (command_id)"
        " WHERE c.key IS NOT NULL"
    ):
        if reverses is None:
            kept.setdefault(str(key), Counter())[str(account_no), str(channel), int(str(amount_fen))] += 1
        else:
            back.setdefault(str(key), Counter())[int(str(reverses))] += 1
    asked = {
        key: Counter((i["account_no"], i["channel"], parse_yuan(i["amount"])) for i in items)
        for key, items in books.asked("payments")
    }
    taken_back = {key: Counter(int(i["payment_id"]) for i in items) for key, items in books.asked("reversals")}
    return [key for key in kept if kept[key] != asked.get(key)] + [k for k in back if back[k] != taken_back.get(k)]


def _done_once(books: Books, databases: Databases) -> Promise:
    """P2. One command for one key, whose effects are its own; every repeat was answered with the same bytes."""
    commands = [row for connection in databases.values() for row in _keyed_commands(connection)]
    doubled = sum(count != 1 for _, count, _ in commands)
    payments = databases["payments"]
    empty = _count(payments, "SELECT count(*) FROM commands c WHERE name IN ('pay', 'reverse') AND NOT EXISTS"
                             " (SELECT FROM payments p WHERE p.command_id = c.command_id)")  # fmt: skip
    orphans = _count(
        payments, "SELECT count(*) FROM payments WHERE command_id NOT IN (SELECT command_id FROM commands)"
    )
    figure = (
        f"{len(commands)} keys, {doubled} done more than once, {empty + orphans} without an effect or a command,"
        f" {books.repeats} repeats answered with the same bytes, {len(books.differing)} otherwise"
    )
    return Promise("P2", figure, not doubled and not empty and not orphans and not books.differing)


def _balanced(payments: Connection) -> Promise:
    """P3. The ledger equals the running sums and the movements, to the fen."""
    off = sum(_count(payments, statement) for statement in BALANCE)
    postings = _count(payments, "SELECT count(*) FROM postings")
    return Promise("P3", f"{postings} postings, {off} fen or rows out of balance", off == 0 and postings > 0)


_SIDES = "coalesce(sum(CASE WHEN debit = '{0}' THEN amount_fen WHEN credit = '{0}' THEN -amount_fen ELSE 0 END), 0)"

BALANCE = (
    f"SELECT abs((SELECT {_SIDES.format('receivable')} FROM postings)"
    " - (SELECT coalesce(sum(amount_fen - reduced_fen - settled_fen), 0) FROM receivables))",
    f"SELECT abs((SELECT {_SIDES.format('credit')} FROM postings)"
    " + (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits))",
    "SELECT coalesce(sum(abs(ours - theirs)), 0)::bigint FROM"
    " (SELECT channel, sum(amount_fen) AS ours FROM payments GROUP BY channel) p CROSS JOIN LATERAL"
    " (SELECT coalesce(sum(CASE WHEN debit = p.channel THEN amount_fen WHEN credit = p.channel THEN -amount_fen ELSE 0 END), 0)"
    " AS theirs FROM postings) l",
    "SELECT count(*) FROM receivables r WHERE settled_fen <> (SELECT coalesce(sum(paid_fen + discount_fen + rounding_fen), 0)"
    " FROM settlements s WHERE s.receivable_id = r.receivable_id)",
    "SELECT count(*) FROM payments back JOIN payments made ON back.reverses = made.payment_id"
    " WHERE back.amount_fen <> -made.amount_fen OR back.account_no <> made.account_no",
    "SELECT count(*) FROM commands c WHERE EXISTS (SELECT FROM payments p WHERE p.command_id = c.command_id)"
    " AND NOT EXISTS (SELECT FROM postings g WHERE g.command_id = c.command_id)",
)


_BILLED_THERE = """
SELECT bill_no || ' ' || payer, sum(amount_fen - reduced_fen)::bigint FROM receivables GROUP BY bill_no, payer
"""
_BILLED_HERE = """
SELECT b.bill_no || ' ' || b.payer, (b.amount_fen + coalesce(sum(c.amount_fen), 0))::bigint FROM bills b
LEFT JOIN bill_corrections c ON c.bill_no = b.bill_no AND c.payer = b.payer GROUP BY b.bill_no, b.payer
"""


def _services_agree(databases: Databases) -> Promise:
    """P4. Accounts, bills, their corrections and what is open of them are the same on both sides; everybody has heard everything."""
    payments, accounts = databases["payments"], databases["accounts"]
    ours = _pairs(
        payments,
        "SELECT bill_no || ' ' || payer || ' ' || account_no, sum(amount_fen - reduced_fen - settled_fen)::bigint"
        " FROM receivables GROUP BY bill_no, payer, account_no",
    )
    theirs = _pairs(
        accounts,
        "SELECT b.bill_no || ' ' || b.payer || ' ' || b.account_no, coalesce(d.open_fen, b.amount_fen)"
        " FROM bills b LEFT JOIN debts d USING (bill_no, payer) WHERE b.amount_fen > 0",
    )
    differences = sum(ours.get(bill) != theirs.get(bill) for bill in ours.keys() | theirs.keys())
    billed, corrected = _pairs(payments, _BILLED_THERE), _pairs(accounts, _BILLED_HERE)
    differences += sum(billed.get(bill, 0) != corrected.get(bill, 0) for bill in billed.keys() | corrected.keys())
    homes = _column(payments, "SELECT account_no FROM accounts")
    strangers = len(homes ^ _column(accounts, "SELECT account_no FROM heat_accounts"))
    behind = sum(_behind(databases, consumer, producer) for consumer, producer in _streams(databases))
    waiting = sum(_count(connection, "SELECT count(*) FROM outbox") for connection in databases.values())
    parked = sum(
        _count(connection, "SELECT count(*) FROM parked WHERE resolved_at IS NULL") for connection in databases.values()
    )
    figure = (
        f"{len(ours)} bills compared, {differences} differ, {strangers} accounts unknown to one side,"
        f" {behind} streams behind or elsewhere, {waiting} events not sequenced, {parked} parked"
    )
    return Promise("P4", figure, not (differences or strangers or behind or waiting or parked) and bool(ours))


def _streams(databases: Databases) -> Iterable[tuple[str, str]]:
    """Consumer and producer, of the services that are looked at."""
    for consumer, producers in SUBSCRIPTIONS.items():
        for producer in producers:
            if {consumer, producer} <= databases.keys():
                yield consumer, producer


def _behind(databases: Databases, consumer: str, producer: str) -> bool:
    """Whether a stream's position is not the very end of its producer's log, or stands still."""
    head = databases[producer].execute("SELECT epoch, pos, hash FROM log_head").fetchone()
    row = databases[consumer].execute(
        "SELECT epoch, pos, hash, halted FROM positions WHERE producer = %s", (producer,)
    ).fetchone()  # fmt: skip
    reached = row or (1, 0, GENESIS, None)
    return head is None or reached != (*head, None)


def _in_order(databases: Databases) -> Promise:
    """P12. The logs are whole and chained, tell of every change once, and of an account's changes in their order."""
    broken = []
    for service, connection in databases.items():
        with connection.cursor() as cursor:
            position = first_broken(cursor)
            broken += [] if position is None else [f"{service} at {position}"]
    payments = databases["payments"]
    changes: dict[str, tuple[int, str]] = {}
    told: Counter[int] = Counter()
    inversions = events = 0
    for type_, cause, body in payments.execute("SELECT type, cause, body FROM event_log ORDER BY pos"):
        events += 1
        for item in json.loads(str(body))["items"]:
            if type_ in ("PaymentsReceived", "PaymentsReversed"):
                told[item["payment_id"]] += 1
            known = changes.get(item["account_no"], (0, ""))
            change = item["version"], str(cause)
            inversions += change != known and change[0] != known[0] + 1
            changes[item["account_no"]] = change
    versions = {account_no: version for account_no, (version, _) in changes.items()}
    made = Counter(map(int, _column(payments, "SELECT payment_id FROM payments")))
    untold = sum(((made - told) + (told - made)).values())
    kept = _pairs(payments, "SELECT account_no, version FROM accounts WHERE version > 0")
    inversions += len(kept.items() ^ versions.items())
    figure = (
        f"{events} events of {len(versions)} accounts, {inversions} out of order, {untold} payments untold or told twice,"
        f" {f'chain broken: {broken}' if broken else 'chains whole'}"
    )
    return Promise("P12", figure, not inversions and not untold and not broken and events > 0)


def _pairs(connection: Connection, statement: str) -> dict[str, int]:
    return {str(name): int(str(number)) for name, number in connection.execute(statement.encode())}


def _column(connection: Connection, statement: str) -> set[str]:
    return {str(row[0]) for row in connection.execute(statement.encode())}


def _count(connection: Connection, statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return 0 if row is None else int(str(row[0]))

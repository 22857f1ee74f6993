"""The checker: the writers' own books against every table, log and position. Exact; nothing is tolerated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from deploy.local.databases import conninfo
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.event_log import first_broken
from shared.kernel.money import parse_yuan


@dataclass(frozen=True)
class Promise:
    """One promise of the list in docs/reliability.md, with what was counted."""

    id: str
    figure: str
    held: bool


def check(folder: Path, urls: dict[str, str], *, faults: dict[str, int]) -> list[Promise]:
    """``urls``: the owner's database URLs of accounts and payments."""
    tried, acked, differing, refused = read_books(folder)
    with (
        psycopg.connect(conninfo(urls["payments"])) as payments,
        psycopg.connect(conninfo(urls["accounts"])) as accounts,
    ):
        stored = _stored(payments)
        return [
            _p1(tried, acked, refused, stored),
            _p2(differing, stored, payments),
            _p3(payments),
            _p4(payments, accounts),
            _p5(faults),
            _p7(faults, payments, accounts),
            _p12(payments),
        ]


def read_books(folder: Path) -> tuple[dict[str, str], dict[str, str], list[str], list[str]]:
    """What the writers tried, what was answered, repeats that were answered differently, refusals."""
    tried: dict[str, str] = {}
    acked: dict[str, str] = {}
    for path in sorted(folder.glob("*.tried")):
        tried.update(_lines(path))
    for path in sorted(folder.glob("*.acked")):
        acked.update(_lines(path))
    differing = [key for key in acked if key.startswith("DIFFERS-")]
    refused = [f"{key} {answer}" for key, answer in acked.items() if key.startswith("REFUSED-")]
    plain = {key: answer for key, answer in acked.items() if not key.startswith(("DIFFERS-", "REFUSED-"))}
    return tried, plain, differing, refused


def _lines(path: Path) -> dict[str, str]:
    lines = path.read_text().split("\n")[:-1]
    return {key: rest for key, _, rest in (line.partition(" ") for line in lines)}


def _stored(payments: psycopg.Connection[tuple[Any, ...]]) -> dict[str, tuple[int, int, str]]:
    """Key → what the books hold of it: number of payments, fen, the answer."""
    rows = payments.execute(
        "SELECT c.key, count(p.payment_id), coalesce(sum(p.amount_fen), 0)::bigint, convert_from(c.answer, 'UTF8')"
        " FROM commands c LEFT JOIN payments p USING (command_id) WHERE c.name = 'pay' GROUP BY c.key, c.answer"
    ).fetchall()
    return {str(key): (int(str(count)), int(str(fen)), str(answer)) for key, count, fen, answer in rows}


def _p1(
    tried: dict[str, str], acked: dict[str, str], refused: list[str], stored: dict[str, tuple[int, int, str]]
) -> Promise:
    lost = [key for key, answer in acked.items() if key not in stored or stored[key][2] != answer]
    wrong = [key for key, body in tried.items() if key in stored and stored[key][1] != _asked_fen(body)]
    held = not lost and not wrong and not refused and bool(acked)
    return Promise(
        "P1",
        f"{len(acked)} acknowledged, {len(lost)} lost, {len(wrong)} with another amount, {len(refused)} refused",
        held,
    )


def _asked_fen(body: str) -> int:
    return sum(parse_yuan(payment["amount"]) for payment in json.loads(body)["payments"])


def _p2(
    differing: list[str], stored: dict[str, tuple[int, int, str]], payments: psycopg.Connection[tuple[Any, ...]]
) -> Promise:
    doubled = [key for key, (count, _, _) in stored.items() if count != 1]
    strangers = _count(
        payments, "SELECT count(*) FROM payments WHERE command_id NOT IN (SELECT command_id FROM commands)"
    )
    return Promise("P2", f"{len(stored)} keys, {len(doubled)} with other than one effect, {len(differing)} repeats answered differently",
                   not doubled and not differing and strangers == 0)  # fmt: skip


def _p3(payments: psycopg.Connection[tuple[Any, ...]]) -> Promise:
    off = sum(_count(payments, statement) for statement in BALANCE)
    postings = _count(payments, "SELECT count(*) FROM postings")
    return Promise("P3", f"{postings} postings, {off} fen or rows out of balance", off == 0)


BALANCE = (
    "SELECT abs((SELECT coalesce(sum(CASE WHEN debit = 'receivable' THEN amount_fen ELSE 0 END"
    " - CASE WHEN credit = 'receivable' THEN amount_fen ELSE 0 END), 0) FROM postings)"
    " - (SELECT coalesce(sum(amount_fen - settled_fen), 0) FROM receivables))",
    "SELECT abs((SELECT coalesce(sum(CASE WHEN credit = 'credit' THEN amount_fen ELSE 0 END"
    " - CASE WHEN debit = 'credit' THEN amount_fen ELSE 0 END), 0) FROM postings)"
    " - (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits))",
    "SELECT abs((SELECT coalesce(sum(amount_fen), 0) FROM postings WHERE debit = 'pos')"
    " - (SELECT coalesce(sum(amount_fen), 0) FROM payments WHERE channel = 'pos'))",
    "SELECT count(*) FROM receivables r WHERE settled_fen <> (SELECT coalesce(sum(paid_fen + discount_fen + rounding_fen), 0)"
    " FROM settlements s WHERE s.receivable_id = r.receivable_id)",
)


def _p4(payments: psycopg.Connection[tuple[Any, ...]], accounts: psycopg.Connection[tuple[Any, ...]]) -> Promise:
    ours: dict[Any, Any] = dict(payments.execute(
        "SELECT bill_no, sum(amount_fen - settled_fen)::bigint FROM receivables GROUP BY bill_no"
    ).fetchall())  # fmt: skip
    theirs: dict[Any, Any] = dict(accounts.execute(
        "SELECT b.bill_no, coalesce(d.open_fen, b.amount_fen) FROM bills b LEFT JOIN debts d USING (bill_no)"
    ).fetchall())  # fmt: skip
    differences = sum(ours.get(bill) != theirs.get(bill) for bill in ours.keys() | theirs.keys())
    behind = sum(_lag(consumer, producer, {"payments": payments, "accounts": accounts})
                 for consumer, producers in SUBSCRIPTIONS.items() for producer in producers
                 if {consumer, producer} <= {"payments", "accounts"})  # fmt: skip
    parked = sum(_count(c, "SELECT count(*) FROM parked WHERE resolved_at IS NULL") for c in (payments, accounts))
    return Promise("P4", f"{len(ours)} bills compared, {differences} differ, {behind} events behind, {parked} parked",
                   differences == 0 and behind == 0 and parked == 0 and bool(ours))  # fmt: skip


def _lag(consumer: str, producer: str, connections: dict[str, psycopg.Connection[tuple[Any, ...]]]) -> int:
    head = _count(connections[producer], "SELECT pos FROM log_head")
    row = connections[consumer].execute("SELECT pos FROM positions WHERE producer = %s", (producer,)).fetchone()
    return head - (int(str(row[0])) if row else 0)


def _p5(faults: dict[str, int]) -> Promise:
    kills, wipes = faults.get("broker", 0), faults.get("broker wiped", 0)
    if not kills + wipes:
        return Promise("P5", "no broker on this machine: not tried", False)
    return Promise("P5", f"broker killed {kills} times, its disk lost {wipes} times; see P1, P2, P4", wipes > 0)


def _p7(faults: dict[str, int], *connections: psycopg.Connection[tuple[Any, ...]]) -> Promise:
    broken = []
    for connection in connections:
        with connection.cursor() as cursor:
            broken.append(first_broken(cursor))
    crashes = faults.get("postgres", 0)
    return Promise("P7", f"{crashes} crashes of the database, chains broken at {[b for b in broken if b]}",
                   crashes > 0 and not any(broken))  # fmt: skip


def _p12(payments: psycopg.Connection[tuple[Any, ...]]) -> Promise:
    """In the order of the log every account's version grows by one from command to command."""
    last: dict[str, int] = {}
    inversions = 0
    for (body,) in payments.execute("SELECT body FROM event_log ORDER BY pos"):
        for item in json.loads(str(body))["items"]:
            if "version" in item:
                known = last.get(item["account_no"], 0)
                inversions += item["version"] not in (known, known + 1)
                last[item["account_no"]] = item["version"]
    return Promise(
        "P12", f"{sum(last.values())} changes of {len(last)} accounts, {inversions} out of order", inversions == 0
    )


def _count(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return 0 if row is None else int(str(row[0]))

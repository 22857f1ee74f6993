"""What holds at the end of every story, whatever it told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from deploy.local.in_process import InProcessSystem
from services.accounts.storage.hindrances import HINDRANCES
from shared.chassis.database import transaction
from shared.chassis.event_log import first_broken, read_after


def differences(system: InProcessSystem) -> Iterator[tuple[str, str]]:
    """Pairs of what must be and what is; nothing when all is well."""
    with transaction(system.runtimes["payments"].engine) as cursor:
        for statement, expected in _CHECKS:
            row = cursor.execute(statement).fetchone()
            if row is None or row[0] != 0:
                yield expected, f"{row[0] if row else 'nothing'} rows differ"
    for service, runtime in system.runtimes.items():
        with transaction(runtime.engine) as cursor:
            broken = first_broken(cursor)
            parked = cursor.execute("SELECT count(*) FROM parked WHERE resolved_at IS NULL").fetchone()
        if broken is not None:
            yield f"the log of {service} verifies", f"position {broken} does not"
        if parked is not None and parked[0]:
            yield f"{service} applied every event", f"{parked[0]} items are parked"
    yield from _replayed(system)
    yield from _collected(system)
    yield from _agreed(system)


_CHECKS = (
    ("SELECT abs((SELECT coalesce(sum(amount_fen), 0) FROM postings WHERE debit = 'receivable')"
     " - (SELECT coalesce(sum(amount_fen), 0) FROM postings WHERE credit = 'receivable')"
     " - (SELECT coalesce(sum(amount_fen - reduced_fen - settled_fen), 0) FROM receivables))::bigint",
     "the ledger's receivables are the open receivables"),
    ("SELECT abs((SELECT coalesce(sum(amount_fen), 0) FROM postings WHERE credit = 'credit')"
     " - (SELECT coalesce(sum(amount_fen), 0) FROM postings WHERE debit = 'credit')"
     " - (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits))::bigint",
     "the ledger's credit is the open credit"),
    ("SELECT count(*) FROM receivables r WHERE r.settled_fen <> (SELECT coalesce(sum(s.paid_fen + s.discount_fen"
     " + s.rounding_fen), 0) FROM settlements s WHERE s.receivable_id = r.receivable_id)",
     "billed = settled + open for every bill and payer"),
    ("SELECT count(*) FROM accounts a LEFT JOIN holds h ON h.hold_id = a.hold_id WHERE a.hold_id IS NOT NULL"
     " AND h.state IS DISTINCT FROM 'open'",
     "no account is held by a batch that has ended"),
)  # fmt: skip


def _replayed(system: InProcessSystem) -> Iterator[tuple[str, str]]:
    """The logs alone, read from their beginning, give the balances that the tables hold."""
    open_fen: dict[tuple[Any, Any], Any] = {}
    for type_, event in _events(system, "accounts"):
        if type_ == "BillsIssued":
            for item in event["items"]:
                open_fen[item["bill_no"], item["payer"]] = sum(amount for amount, _ in item["parts"])
    for type_, event in _events(system, "payments"):
        if type_ == "DebtsChanged":
            for item in event["items"]:
                open_fen[item["bill_no"], item["payer"]] = item["open_fen"]
    with transaction(system.runtimes["payments"].engine) as cursor:
        rows = cursor.execute(
            "SELECT bill_no, payer, sum(amount_fen - reduced_fen - settled_fen)::bigint FROM receivables GROUP BY bill_no, payer"
        ).fetchall()
    stored = {(bill_no, payer): amount for bill_no, payer, amount in rows if amount}
    open_fen = {share: amount for share, amount in open_fen.items() if amount}
    if stored != open_fen:
        yield f"replaying the logs gives {open_fen}", f"the books hold {stored}"


def _collected(system: InProcessSystem) -> Iterator[tuple[str, str]]:
    """What was told of money that met bills is, day by day, what the books hold of it."""
    told: dict[tuple[int, str], list[int]] = {}
    for type_, event in _events(system, "payments"):
        for item in event["items"] if type_ == "DebtsChanged" else ():
            for settled in item["settlements"]:
                sums = told.setdefault((item["bill_no"], settled["settled_on"]), [0, 0, 0, 0])
                for place, name in enumerate(("paid_fen", "discount_fen", "rounding_fen", "late_fee_fen")):
                    sums[place] += settled[name]
    with transaction(system.runtimes["payments"].engine) as cursor:
        rows = cursor.execute(
            "SELECT r.bill_no, s.settled_on::text, sum(s.paid_fen)::bigint, sum(s.discount_fen)::bigint,"
            " sum(s.rounding_fen)::bigint, sum(s.late_fee_fen)::bigint"
            " FROM settlements s JOIN receivables r USING (receivable_id) GROUP BY 1, 2"
        ).fetchall()
    held = {(bill_no, day): list(sums) for bill_no, day, *sums in rows if any(sums)}
    told = {key: sums for key, sums in told.items() if any(sums)}
    if told != held:
        yield f"the books hold settlements {held}", f"what was told of them gives {told}"


def _agreed(system: InProcessSystem) -> Iterator[tuple[str, str]]:
    """Every fen that accounts billed is open, or was met by money, as payments told it."""
    with transaction(system.runtimes["accounts"].engine) as cursor:
        for (season,) in cursor.execute("SELECT DISTINCT season FROM bills").fetchall():
            for bill_no, detail in cursor.execute(HINDRANCES["not_agreed"].sql, {"season": season}).fetchall():
                yield f"accounts and payments agree on bill {bill_no}", str(detail)


def _events(system: InProcessSystem, service: str) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    pos = 0
    while True:
        with transaction(system.runtimes[service].engine) as cursor:
            entries = read_after(cursor, pos)
        if not entries:
            return
        for entry in entries:
            yield entry.type, json.loads(entry.body)
        pos = entries[-1].pos

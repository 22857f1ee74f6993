"""A bank's result: file, payments, allocations, ledger, and accounts told; in sets, and by the services."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import requests

from deploy.bench.billing import Measured
from deploy.bench.company import Company
from deploy.bench.debit_batch import BANK, REFUSED_ONE_IN, Sent, send_batch
from deploy.bench.floor import FloorFailed
from deploy.bench.season import DAY, OWN_IDS, bill_in_sets, by_workers, make_homes, one_number, piped, writing
from deploy.bench.stage import Stage, stage
from shared.chassis.auth import Keys, staff_token

SERVICES = ("accounts", "payments", "bank_gateway")

_STAGED_LINES = """
CREATE TEMP TABLE staged (bank_code text, day text, key text, status text, code text, flag text, card text, fen bigint,
                          purpose text, account_no text)
"""
_RESULTS = """
INSERT INTO results (batch_no, item_no, file_id, account_no, reason, code, collected_fen)
SELECT i.batch_no, i.item_no, 1, i.account_no, CASE s.code WHEN '00' THEN 'ok' ELSE 'insufficient' END, s.code,
       CASE s.code WHEN '00' THEN s.fen ELSE 0 END
FROM staged s JOIN batch_items i ON i.batch_no = %(batch_no)s AND i.key = s.key AND i.account_no = s.account_no
WHERE i.amount_fen = s.fen ORDER BY i.item_no
"""
_TOLD = "CREATE TEMP TABLE staged (account_no text, item_no integer, fen bigint)"
_POSTED = (
    "INSERT INTO payments (payment_id, command_id, account_no, payer, channel, amount_fen, received_on, partner, serial)"
    " SELECT %(ids)s + item_no, %(command)s, account_no, 'self', 'bank', fen, %(day)s, %(bank)s,"
    " %(batch_no)s || '/' || item_no FROM staged WHERE fen > 0",
    "INSERT INTO settlements (settlement_id, command_id, receivable_id, payment_id, settled_on, paid_fen)"
    " SELECT %(ids)s + s.item_no, %(command)s, r.receivable_id, %(ids)s + s.item_no, %(day)s, s.fen"
    " FROM staged s JOIN receivables r ON r.account_no = s.account_no AND NOT r.closed WHERE s.fen > 0",
    "INSERT INTO postings (posting_id, command_id, posted_on, debit, credit, amount_fen, account_no, payer, season,"
    " reference) SELECT 2 * %(ids)s + s.item_no, %(command)s, %(day)s, 'bank', 'receivable', s.fen, s.account_no,"
    " r.payer, r.season, %(ids)s + s.item_no"
    " FROM staged s JOIN receivables r ON r.account_no = s.account_no AND NOT r.closed WHERE s.fen > 0",
    "UPDATE receivables r SET settled_fen = r.settled_fen + s.fen, closed = true"
    " FROM staged s WHERE r.account_no = s.account_no AND NOT r.closed AND s.fen > 0",
    "UPDATE accounts a SET version = a.version + least(s.fen, 1), hold_id = NULL FROM staged s"
    " WHERE a.account_no = s.account_no",
    "UPDATE holds h SET state = CASE WHEN s.fen > 0 THEN 'settled' ELSE 'released' END FROM staged s"
    " WHERE h.batch_no = %(batch_no)s AND h.item_no = s.item_no",
)
_SETTLED = "CREATE TEMP TABLE staged (bill_no bigint, payer text, account_no text, version bigint, open_fen bigint, paid_fen bigint)"
_DEBTS = (
    "INSERT INTO debts (bill_no, payer, account_no, version, open_fen, settled)"
    " SELECT bill_no, payer, account_no, version, open_fen, open_fen = 0 FROM staged",
    "INSERT INTO collections (bill_no, payer, account_no, version, collected_on, paid_fen, discount_fen, rounding_fen,"
    " late_fee_fen, season) SELECT s.bill_no, s.payer, s.account_no, s.version, %(day)s, s.paid_fen, 0, 0, 0, b.season"
    " FROM staged s JOIN bills b USING (bill_no, payer)",
)


def measure(admin_url: str, *, lines: int, workers: int, told: Callable[[str], None]) -> Measured:
    """The floor on copies of the databases, then us on the databases themselves."""
    with stage(admin_url, day=DAY, services=SERVICES, bus=True) as where:
        told(f"{lines} homes, billed and asked for in one debit file …")
        make_homes(where, lines)
        by_workers(workers, lines, partial(bill_in_sets, where.databases))
        sent = send_batch(where, lines, parts=workers)
        where.tidy()
        told("floor: results, payments, settlements, postings and debts in sets …")
        with where.copies() as copies:
            began = time.monotonic()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(partial(_return_in_sets, copies, sent.batch_no), sent.parts))
            floor = time.monotonic() - began
            _assert_posted(copies, lines)
        told("the services take the file …")
        company = Company(where, *SERVICES)
        with company:
            began = time.monotonic()
            _return(where, sent)
            company.come_to_rest(also=lambda: _is_told(where))
            ours = time.monotonic() - began
        _assert_posted(where.databases, lines)
    return Measured(floor, ours, company.peaks_mb)


def _return_in_sets(databases: dict[str, str], batch_no: int, part: Path) -> None:
    """A part of the file, from its bytes to the debts that accounts keeps."""
    names = {"batch_no": batch_no, "ids": OWN_IDS, "day": DAY, "bank": BANK}
    with writing(databases["bank_gateway"]) as (gateway, _):
        gateway.execute(_STAGED_LINES)
        with part.open("rb") as lines, gateway.copy("COPY staged FROM STDIN (DELIMITER '|', ENCODING 'GBK')") as copy:
            while block := lines.read(1 << 20):
                copy.write(block)
        gateway.execute("ANALYZE staged")
        gateway.execute(_RESULTS, names)
        with writing(databases["payments"]) as (payments, command):
            payments.execute(_TOLD)
            piped(gateway, "SELECT r.account_no, item_no, collected_fen FROM results r JOIN staged s USING (account_no)",
                  payments, "staged")  # fmt: skip
            gateway.connection.commit()
            for statement in _POSTED:
                payments.execute(statement, {**names, "command": command})
            with writing(databases["accounts"]) as (accounts, _):
                accounts.execute(_SETTLED)
                piped(payments, "SELECT r.bill_no, r.payer, r.account_no, a.version, r.amount_fen - r.settled_fen,"
                      " s.fen FROM"
                      " staged s JOIN receivables r USING (account_no) JOIN accounts a USING (account_no) WHERE s.fen > 0",
                      accounts, "staged")  # fmt: skip
                payments.connection.commit()
                for statement in _DEBTS:
                    accounts.execute(statement, names)


def _return(where: Stage, sent: Sent) -> None:
    """The file is put into the inbox and the gateway told to take it."""
    inbox = where.folder / "work" / "in"
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.move(sent.result, inbox / sent.result.name)
    token = staff_token(
        Keys(where.folder / "keys"), login="bench", person="bench", roles=("clerk",), signed_in_at=int(time.time())
    )
    answer = requests.post(
        f"{where.urls['bank_gateway']}/batches/results", json={"path": sent.result.name, "bank": BANK}, timeout=1800,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
    )  # fmt: skip
    if answer.status_code != requests.codes.created:
        raise FloorFailed("the result was refused", answer=answer.text[:500])


def _is_told(where: Stage) -> bool:
    return one_number(where.databases["bank_gateway"], "SELECT count(*) FROM result_files WHERE done") == 1


def _assert_posted(databases: dict[str, str], lines: int) -> None:
    """Every success is a payment that settled its bill in full, in the ledger, and accounts know it; no account is held."""
    payments = databases["payments"]
    taken_fen = one_number(databases["bank_gateway"], "SELECT sum(collected_fen) FROM results")
    found = {
        "results": one_number(databases["bank_gateway"], "SELECT count(*) FROM results"),
        "payments": one_number(payments, "SELECT count(*) FROM payments"),
        "closed": one_number(payments, "SELECT count(*) FROM receivables WHERE closed"),
        "debts": one_number(databases["accounts"], "SELECT count(*) FROM debts WHERE open_fen = 0"),
        "told_fen": taken_fen - one_number(databases["accounts"], "SELECT sum(paid_fen) FROM collections"),
        "held": one_number(payments, "SELECT count(*) FROM accounts WHERE hold_id IS NOT NULL"),
        "missing_fen": taken_fen - one_number(payments, "SELECT sum(amount_fen) FROM postings WHERE debit = 'bank'"),
    }
    paid = lines - lines // REFUSED_ONE_IN
    sound = {
        "results": lines,
        "payments": paid,
        "closed": paid,
        "debts": paid,
        "told_fen": 0,
        "held": 0,
        "missing_fen": 0,
    }
    if found != sound:
        raise FloorFailed("the results are not in the books", **found)

"""A season during which every long command is killed in the middle ends in the same rows as one that nobody disturbed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import requests

from deploy.demo.bank import answer
from deploy.demo.city import ledger
from deploy.demo.story import BANK, BANK_NAME, MERCHANT
from deploy.local.databases import conninfo
from deploy.local.in_process import InProcessSystem
from deploy.prove.stage import stage_folder
from tests.faults.house import House

PREMISES, SEED = 2300, 7
SEASON = "2025-2026"
IMPORT_DAY, BILL_DAY, DEBIT_DAY, RESULT_DAY = (
    date(2025, 7, 1), date(2025, 7, 2), date(2025, 10, 8), date(2025, 10, 9),
)  # fmt: skip

CONTENT = {
    "accounts": (
        "SELECT a.account_no, a.state, a.price_class, c.name, p.compound, p.building, p.unit, p.room, p.building_area"
        " FROM heat_accounts a JOIN premises p USING (premises_id) JOIN customers c USING (customer_id)",
        "SELECT account_no, season, payer, kind, price_class, amount_fen, parts::text, terms_id, tariff_id,"
        " derivation::text, live FROM bills",
        "SELECT b.account_no, b.season, d.payer, d.open_fen FROM debts d JOIN bills b USING (bill_no, payer)",
    ),
    "payments": (
        "SELECT account_no, season, payer, part, kind, amount_fen, due_on, settled_fen, closed FROM receivables",
        "SELECT account_no, payer, channel, amount_fen, received_on, serial FROM payments",
        "SELECT account_no, payer, amount_fen, used_fen FROM credits",
        "SELECT account_no, bank, item_no, amount_fen, state FROM holds",
        "SELECT account_no, payer, season, debit, credit, amount_fen FROM postings",
    ),
    "bank_gateway": (
        "SELECT account_no, bank, bank_account, holder FROM mandates",
        "SELECT bank, state, item_count, amount_fen, unknown_count FROM batches",
        "SELECT posted_count, settled_fen, credit_fen FROM batch_progress",
        "SELECT name, kind, outcome FROM files WHERE outcome <> 'refused'",
    ),
}
"""What a season leaves behind, without the numbers that are drawn anew each time."""


NOT_POSTED = "SELECT (SELECT count(*) FROM results WHERE reason = 'ok') - (SELECT coalesce(sum(posted_count), 0) FROM batch_progress)"
"""What the gateway took and has not heard back of from payments: it tells in its own time."""

STOPS = (("files", "WHERE sha256"), ("results", "INSERT INTO results"), ("batch_moves", "INSERT INTO batch_moves"))
"""Where a gateway that takes a result is killed: before it reads the file, before its rows are taken, before the end."""


def content(rows: Callable[[str, str], list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return {sql: sorted(rows(service, sql), key=repr) for service, queries in CONTENT.items() for sql in queries}


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_bytes(ledger(premises=PREMISES, seed=SEED))
    return path


@pytest.fixture
def house() -> Iterator[House]:
    with stage_folder() as folder:
        made = House(folder)
        made.set_day(IMPORT_DAY)
        made.up()
        yield made
        made.down()


def test_killed_in_every_long_command_a_season_ends_like_one_that_nobody_disturbed(
    house: House, system: InProcessSystem, ledger_file: Path
) -> None:
    undisturbed = season_undisturbed(system, ledger_file)
    imports_killed(house, ledger_file, undisturbed.report)
    billing_killed(house)
    result_killed(house)
    house.kill_all()
    house.up()
    house.wait_until(lambda: house.rows("bank_gateway", NOT_POSTED) == [(0,)])
    house.settle()
    killed = content(house.rows)
    for sql, expected in undisturbed.content.items():
        assert expected, sql
        assert killed[sql] == expected, sql
    assert house.nuan("trial-balance")[1]["balanced"] is True


def imports_killed(house: House, ledger_file: Path, expected: dict[str, Any]) -> None:
    """Killed before the first chunk is in, the second and the third; then left alone."""
    for done in (0, 1000, 2000):
        with house.paused("accounts", "heat_accounts", once=f"SELECT count(*) >= {done} FROM heat_accounts") as waits:
            process = house.start("import", ledger_file)
            house.wait_until(waits)
            process.kill()
            process.communicate()
        assert imported(house) == done
    _, report = house.nuan("import", ledger_file)
    assert (report["imported"], report["unchanged"]) == (expected["imported"] - 2000, 2000)
    assert (report["rows"], report["refused"]) == (expected["rows"], expected["refused"])
    assert imported(house) == expected["imported"]
    house.settle()


class Undisturbed(NamedTuple):
    report: dict[str, Any]
    content: dict[str, list[tuple[Any, ...]]]


def imported(house: House) -> int:
    return int(house.rows("accounts", "SELECT count(*) FROM heat_accounts")[0][0])


def billing_killed(house: House) -> None:
    """The worker that bills dies after a chunk, and the command that waits for it too; the command is typed again."""
    house.set_day(BILL_DAY)
    post(house.variables["NUAN_ACCOUNTS_URL"], "/policies", {"name": "default"}, house)
    done = "SELECT count(*) FROM billing_chunks WHERE done_by IS NOT NULL"
    with house.paused("accounts", "billing_chunks", once=f"SELECT ({done}) >= 1") as waits:
        process = house.start("bill", SEASON)
        house.wait_until(waits)
        house.kill("accounts-worker")
        process.kill()
        process.communicate()
    assert house.rows("accounts", done) == [(1,)]
    house.up()
    assert house.nuan("bill", SEASON)[0] == 0
    house.wait_until(lambda: house.rows("accounts", "SELECT 1 FROM billing_chunks WHERE done_by IS NULL") == [])
    house.settle()


def result_killed(house: House) -> None:
    """The gateway dies at several moments of taking a bank's result, which is brought again until it is taken."""
    house.set_day(DEBIT_DAY)
    code, told = house.nuan("bank", "declare", BANK, "--name", BANK_NAME, "--profile", "chinapay",
                            "--set", f"merchant={MERCHANT}", "--bank-code", "0102")  # fmt: skip
    assert code == 0, told
    code, batch = house.nuan("bank", "send", BANK)
    while batch["waits_for"]:  # a busy machine: a worker goes on with it
        code, batch = house.nuan("bank", "show", str(batch["batch_no"]))
    assert (code, batch["state"]) == (0, "handed_over"), batch
    (sent,) = (house.folder / "home" / "work" / "out").rglob("*_Q.txt")
    name, result = answer(sent.name, sent.read_bytes(), seed=SEED)
    path = house.folder / name
    path.write_bytes(result)
    house.set_day(RESULT_DAY)
    for table, statement in STOPS:
        with house.stopped_at("bank_gateway", table, statement=statement) as waits:
            process = house.start("bank", "return", path)
            house.wait_until(waits)
            house.kill("bank_gateway-web", "bank_gateway-worker")
        out, _ = process.communicate()
        assert json.loads(out)["refusal"]["code"] == "service_away", table
        assert house.rows("bank_gateway", "SELECT count(*) FROM results") == [(0,)], table
        house.up()
    code, told = house.nuan("bank", "return", path)
    assert (code, told["succeeded"] + told["failed"]) == (0, batch["count"]), told
    code, told = house.nuan("bank", "return", path)
    assert (code, told["refusal"]["code"]) == (1, "duplicate_file")


def post(url: str, path: str, body: Any, asks: House | InProcessSystem) -> Any:
    return answered(requests.post(url + path, json=body, headers=headers(asks), timeout=60))


def upload(url: str, path: str, name: str, file: bytes, asks: InProcessSystem) -> Any:
    return answered(requests.post(url + path, files={"file": (name, file)}, headers=headers(asks), timeout=120))


def headers(asks: House | InProcessSystem) -> dict[str, str]:
    token = asks.token("supervisor", "finance", "clerk", "system_admin")
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}


def answered(answer: requests.Response) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


def is_billed(system: InProcessSystem, run_id: int) -> bool:
    url = f"{system.urls['accounts']}/billing-runs/{run_id}"
    return bool(answered(requests.get(url, headers=headers(system), timeout=10))["state"] == "done")


def is_handed_over(system: InProcessSystem, batch_no: int) -> bool:
    url = f"{system.urls['bank_gateway']}/batches/{batch_no}"
    return bool(answered(requests.get(url, headers=headers(system), timeout=10))["state"] == "handed_over")


def season_undisturbed(system: InProcessSystem, ledger_file: Path) -> Undisturbed:
    """The same through the same interfaces, and nobody dies."""
    urls = system.urls
    system.set_day(IMPORT_DAY)
    report = upload(urls["accounts"], "/imports", ledger_file.name, ledger_file.read_bytes(), system)
    system.settle(seconds=180)
    system.set_day(BILL_DAY)
    post(urls["accounts"], "/policies", {"name": "default"}, system)
    run = post(urls["accounts"], "/billing-runs", {"season": SEASON}, system)
    system.settle(seconds=180, also=lambda: is_billed(system, run["run_id"]))
    system.set_day(DEBIT_DAY)
    declaration = {"code": BANK, "name": BANK_NAME, "profile": "chinapay", "bank_code": "0102",
                   "parameters": {"merchant": MERCHANT}}  # fmt: skip
    post(urls["bank_gateway"], "/banks", declaration, system)
    batch = post(urls["bank_gateway"], "/batches", {"bank": BANK, "hand_over": True}, system)
    system.settle(seconds=180, also=lambda: is_handed_over(system, batch["batch_no"]))
    (sent,) = system.folder.rglob("out/*_Q.txt")
    name, result = answer(sent.name, sent.read_bytes(), seed=SEED)
    system.set_day(RESULT_DAY)
    upload(urls["bank_gateway"], "/batches/results", name, result, system)

    def rows(service: str, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(conninfo(system.settings[service].database_url)) as connection:
            return connection.execute(sql.encode()).fetchall()

    system.settle(seconds=180, also=lambda: rows("bank_gateway", NOT_POSTED) == [(0,)])
    return Undisturbed(report, content(rows))

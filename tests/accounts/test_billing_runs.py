"""Runs of many homes: chunk by chunk, by one process or many, interrupted at any place and resumed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import psycopg
import pytest

from services.accounts.billing import Billing, work_off
from services.accounts.use_cases import issue_bills as issue_bills_module
from services.accounts.use_cases.issue_bills import BillNextChunk, bill_next_chunk
from shared.chassis.unit_of_work import Caller
from tests.accounts.billing_steps import bill, bills_issued, open_homes
from tests.accounts.conftest import AccountsService, a_home


@pytest.fixture
def many(service: AccountsService, monkeypatch: pytest.MonkeyPatch) -> AccountsService:
    """Ten homes, in a run of chunks of three."""
    monkeypatch.setattr(issue_bills_module, "CHUNK_HOMES_MAX", 3)
    open_homes(service, *(a_home(number, account_no=f"01100000{number:02d}") for number in range(10)))
    return service


def test_a_run_of_many_homes_is_planned_and_worked_off(many: AccountsService) -> None:
    begun = bill(many)
    assert (begun["state"], begun["accounts"]) == ("running", 10)
    _, progress = many.get(f"/billing-runs/{begun['run_id']}")
    assert (progress["state"], progress["done"], progress["finished_at"]) == ("running", 0, None)
    assert work_off(many.runtime.commands, begun["run_id"]) == 4
    _, progress = many.get(f"/billing-runs/{begun['run_id']}")
    assert (progress["state"], progress["billed"], progress["amount"]) == ("done", 10, "23303.80")
    assert progress["finished_at"] is not None
    assert [len(event.items) for event in bills_issued(many)] == [3, 3, 3, 1]


def test_progress_tells_the_rate_and_the_expected_end(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    for _ in range(2):
        many.runtime.commands.run(bill_next_chunk, BillNextChunk(run_id), caller=Caller("test"))
    _, progress = many.get(f"/billing-runs/{run_id}")
    assert (progress["done"], progress["state"]) == (6, "running")
    assert progress["rate_per_second"] > 0
    assert progress["expected_end_at"] >= progress["started_at"][:19]


def test_a_run_keeps_the_policy_that_it_began_with(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    many.post("/policies", {"name": "default", "set": {"price_residential": "40.00"}})
    work_off(many.runtime.commands, run_id)
    assert many.rows("SELECT DISTINCT amount_fen FROM bills") == [(233038,)]


def test_a_chunk_that_dies_leaves_nothing_and_is_done_by_the_next(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    many.as_owner(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
        " BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    many.as_owner("CREATE TRIGGER die BEFORE UPDATE ON billing_chunks FOR EACH STATEMENT EXECUTE FUNCTION die()")
    before = many.content()
    with pytest.raises(psycopg.OperationalError):
        many.runtime.commands.run(bill_next_chunk, BillNextChunk(run_id), caller=Caller("test"))
    assert many.content() == before
    many.as_owner("DROP TRIGGER die ON billing_chunks")
    work_off(many.runtime.commands, run_id)
    assert many.rows("SELECT count(*), count(DISTINCT account_no) FROM bills") == [(10, 10)]


def test_a_process_that_is_killed_is_followed_by_another(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    many.as_owner("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " IF NEW.chunk = 3 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$")  # fmt: skip
    many.as_owner("CREATE TRIGGER wait BEFORE UPDATE ON billing_chunks FOR EACH ROW EXECUTE FUNCTION wait()")
    process = subprocess.Popen([sys.executable, "-m", "services.accounts", "bill", str(run_id)], env=variables(many))
    try:
        while many.rows("SELECT count(*) FROM billing_chunks WHERE done_by IS NOT NULL") != [(2,)]:
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    many.as_owner("DROP TRIGGER wait ON billing_chunks")
    many.as_owner(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query ~ 'billing' AND pid <> pg_backend_pid()"
    )
    done = subprocess.run([sys.executable, "-m", "services.accounts", "bill", str(run_id)], env=variables(many))
    assert done.returncode == 0
    assert many.rows("SELECT count(*), count(DISTINCT account_no) FROM bills") == [(10, 10)]
    assert [len(event.items) for event in bills_issued(many)] == [3, 3, 3, 1]


def variables(service: AccountsService) -> dict[str, str]:
    """What a process of this service is told."""
    settings = service.runtime.settings
    return {
        **os.environ,
        "NUAN_ACCOUNTS_DATABASE_URL": settings.database_url,
        "NUAN_BUS_URL": settings.bus_url,
        "NUAN_KEYS": str(settings.keys_folder),
        **{f"NUAN_{name.upper()}_URL": url for name, url in settings.urls.items()},
        "NUAN_ENVIRONMENT": settings.environment,
        "NUAN_STORY_CLOCK": str(settings.story_clock),
    }


def test_a_process_that_is_called_without_a_number_tells_how() -> None:
    command = [sys.executable, "-m", "services.accounts", "bill", "x"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "usage: python -m services.accounts bill RUN_ID\n")


def test_a_chunk_that_somebody_bills_is_passed_over(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    with many.runtime.commands.reading() as work:
        work.rows("SELECT 1 FROM billing_chunks WHERE chunk = 1 FOR UPDATE")
        assert work_off(many.runtime.commands, run_id) == 3
    assert work_off(many.runtime.commands, run_id) == 1


def test_two_runs_side_by_side_bill_each_home_once(many: AccountsService) -> None:
    runs = [bill(many)["run_id"], bill(many)["run_id"]]
    workers = [threading.Thread(target=work_off, args=(many.runtime.commands, run_id)) for run_id in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert many.rows("SELECT count(*), count(DISTINCT account_no) FROM bills") == [(10, 10)]
    assert many.rows("SELECT sum(billed), sum(already) FROM billing_chunks") == [(10, 10)]


def test_the_worker_bills_what_waits(many: AccountsService) -> None:
    run_id = bill(many)["run_id"]
    stop = threading.Event()
    billing = Billing(many.runtime.commands, stop=stop, poll_seconds=0.01)
    billing.start()
    for _ in range(500):
        if many.get(f"/billing-runs/{run_id}")[1]["state"] == "done":
            break
    stop.set()
    billing.join()
    assert many.get(f"/billing-runs/{run_id}")[1]["billed"] == 10


def test_a_run_that_does_not_exist_is_not_found(service: AccountsService) -> None:
    for run_id in ("4711", "x", "9" * 30):
        for path in ("", "/parked"):
            status, answer = service.get(f"/billing-runs/{run_id}{path}")
            assert (status, answer["code"]) == (404, "unknown_run")

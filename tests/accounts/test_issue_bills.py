"""The season run: every home once, the bad ones parked, interrupted at any place and resumed."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import psycopg
import pytest

from services.accounts.billing import Billing, work_off
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.use_cases import issue_bills as issue_bills_module
from services.accounts.use_cases.issue_bills import BillNextChunk, bill_next_chunk
from shared.chassis.unit_of_work import Caller
from shared.kernel.money import parse_yuan
from shared.messages.accounts import SELF, BillsIssued
from tests.accounts.conftest import AccountsService, a_home

SEASON = "2025-2026"


def open_homes(service: AccountsService, *homes: dict[str, Any]) -> list[str]:
    status, answer = service.post("/accounts", {"accounts": list(homes)})
    assert status == 201, answer
    return list(answer["account_nos"])


def bill(service: AccountsService, *named: str, season: str = SEASON, mode: str = "issue") -> dict[str, Any]:
    body = {"season": season, "mode": mode, **({"accounts": list(named)} if named else {})}
    status, answer = service.post("/billing-runs", body)
    assert status == 201, answer
    return dict(answer)


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["billed"], answer["already"], answer["parked"]


def bills_issued(service: AccountsService) -> list[BillsIssued]:
    return [event for event in service.events() if isinstance(event, BillsIssued)]


@pytest.fixture
def many(service: AccountsService, monkeypatch: pytest.MonkeyPatch) -> AccountsService:
    """Ten homes, in a run of chunks of three."""
    monkeypatch.setattr(issue_bills_module, "CHUNK_HOMES_MAX", 3)
    open_homes(service, *(a_home(number, account_no=f"01100000{number:02d}") for number in range(10)))
    return service


def test_a_home_is_billed_by_its_area(service: AccountsService) -> None:
    account_no, _ = open_homes(service, a_home(1), a_home(2, building_area="100.00"))
    assert counts(bill(service)) == (2, 0, 0)
    _, answer = service.get(f"/accounts/{account_no}/bills")
    (only,) = answer["bills"]
    assert (only["season"], only["payer"], only["kind"], only["amount"], only["open"]) == (
        SEASON, SELF, "season", "2330.38", "2330.38"
    )  # fmt: skip
    assert only["parts"] == [{"amount": "2330.38", "due_on": "2025-12-31"}]
    assert recomputed_fen(only["derivation"]) == 233038
    assert "2330.38" in only["explanation"]


def test_bills_are_told_with_their_terms(service: AccountsService) -> None:
    (account_no,) = open_homes(service, a_home())
    bill(service)
    (event,) = bills_issued(service)
    (item,) = event.items
    assert (item.account_no, item.season, item.payer, item.kind, item.suspended) == (
        account_no,
        2025,
        SELF,
        "season",
        False,
    )
    assert (item.posted_on, item.parts) == (date(2025, 10, 20), ((233038, date(2025, 12, 31)),))
    assert event.terms[item.terms].late_fee_kind == "DAILY"


def test_a_second_run_bills_nothing(service: AccountsService) -> None:
    open_homes(service, a_home(1), a_home(2))
    bill(service)
    told = len(bills_issued(service))
    assert counts(bill(service)) == (0, 2, 0)
    assert len(bills_issued(service)) == told


def test_a_named_home_that_is_billed_is_refused(service: AccountsService) -> None:
    (account_no,) = open_homes(service, a_home())
    bill(service, account_no)
    before = service.content()
    status, answer = service.post("/billing-runs", {"season": SEASON, "accounts": [account_no]})
    assert (status, answer["code"], answer["facts"]["account_no"]) == (409, "already_billed", account_no)
    assert service.content() == before


def test_of_named_homes_the_rest_is_billed(service: AccountsService) -> None:
    first, second, third = open_homes(service, a_home(1), a_home(2), a_home(3))
    bill(service, first)
    assert counts(bill(service, first, second)) == (1, 1, 0)
    assert service.get(f"/accounts/{third}/bills")[1]["bills"] == []


def test_the_next_season_is_another_bill(service: AccountsService) -> None:
    (account_no,) = open_homes(service, a_home())
    bill(service, season="2024-2025")
    assert counts(bill(service)) == (1, 0, 0)
    _, answer = service.get(f"/accounts/{account_no}/bills?season={SEASON}")
    assert [b["season"] for b in answer["bills"]] == [SEASON]


@pytest.mark.parametrize(
    ("state", "suspended_from", "billed"),
    [
        ("active", None, "2330.38"),
        ("cut", None, "2330.38"),
        ("suspended", 2025, "699.11"),
        ("suspended", 2020, "699.11"),
        ("suspended", 2026, "2330.38"),
        ("not_connected", None, None),
        ("disconnected", None, None),
    ],
)
def test_what_is_charged_in_each_state(
    service: AccountsService, state: str, suspended_from: int | None, billed: str | None
) -> None:
    (account_no,) = open_homes(service, a_home())
    service.as_owner("UPDATE heat_accounts SET state = %s, suspended_from = %s", (state, suspended_from))
    assert counts(bill(service)) == ((1, 0, 0) if billed else (0, 0, 0))
    _, answer = service.get(f"/accounts/{account_no}/bills")
    assert [b["amount"] for b in answer["bills"]] == ([billed] if billed else [])
    assert [item.suspended for event in bills_issued(service) for item in event.items] == (
        [suspended_from is not None and suspended_from <= 2025] if billed else []
    )


def test_a_named_home_that_is_not_charged_is_parked(service: AccountsService) -> None:
    (account_no,) = open_homes(service, a_home())
    service.as_owner("UPDATE heat_accounts SET state = 'disconnected'")
    run = bill(service, account_no)
    assert counts(run) == (0, 0, 1)
    _, parked = service.get(f"/billing-runs/{run['run_id']}/parked")
    assert [(p["account_no"], p["reason"]) for p in parked] == [(account_no, "not_billable")]


def test_a_home_connected_within_the_season_pays_from_that_day(service: AccountsService) -> None:
    service.set_day(date(2026, 1, 10))
    (account_no,) = open_homes(service, a_home(connected_on="2026-01-10"))
    bill(service, account_no)
    (event,) = bills_issued(service)
    assert event.items[0].parts == ((125007, date(2026, 1, 10)),)  # 81 of 151 days; due when it is posted


def test_a_home_connected_after_the_season_has_no_bill_of_it(service: AccountsService) -> None:
    service.set_day(date(2026, 7, 1))
    (account_no,) = open_homes(service, a_home(connected_on="2026-04-01"))
    assert counts(bill(service)) == (0, 0, 0)
    assert counts(bill(service, account_no)) == (0, 0, 1)


def test_a_bad_home_is_parked_and_the_run_goes_on(service: AccountsService) -> None:
    good, bad = open_homes(service, a_home(1), a_home(2))
    service.as_owner("UPDATE heat_accounts SET price_class = 'greenhouse' WHERE account_no = %s", (bad,))
    run = bill(service)
    assert counts(run) == (1, 0, 1)
    _, progress = service.get(f"/billing-runs/{run['run_id']}")
    assert [(p["account_no"], p["reason"]) for p in progress["parked_accounts"]] == [
        (bad, "price_class_unknown")
    ]
    service.as_owner("UPDATE heat_accounts SET price_class = 'residential' WHERE account_no = %s", (bad,))
    assert counts(bill(service)) == (1, 1, 0)


def test_a_charge_of_nothing_is_a_bill_that_nobody_collects(service: AccountsService) -> None:
    (account_no,) = open_homes(service, a_home(price_class="garage"))
    assert service.post("/policies", {"name": "default", "set": {"price_garage_factor": "0"}})[0] == 201
    assert counts(bill(service)) == (1, 0, 0)
    assert [b["amount"] for b in service.get(f"/accounts/{account_no}/bills")[1]["bills"]] == ["0.00"]
    assert bills_issued(service) == []
    assert counts(bill(service)) == (0, 1, 0)


def test_a_preview_counts_and_bills_nothing(service: AccountsService) -> None:
    open_homes(service, a_home(1), a_home(2, price_class="nonresidential"), a_home(3))
    service.as_owner("UPDATE heat_accounts SET price_class = 'greenhouse' WHERE account_no = '9000000003'")
    run = bill(service, mode="preview")
    assert (counts(run), run["amount"]) == ((2, 0, 1), "5198.54")
    _, progress = service.get(f"/billing-runs/{run['run_id']}")
    assert progress["by_class"] == [
        {"price_class": "nonresidential", "bills": 1, "amount": "2868.16"},
        {"price_class": "residential", "bills": 1, "amount": "2330.38"},
    ]
    assert [p["reason"] for p in progress["parked_accounts"]] == ["price_class_unknown"]
    assert service.rows("SELECT count(*) FROM bills") == [(0,)]
    assert bills_issued(service) == []
    assert counts(bill(service)) == (2, 0, 1)


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
    many.as_owner(
        "CREATE TRIGGER die BEFORE UPDATE ON billing_chunks FOR EACH STATEMENT EXECUTE FUNCTION die()"
    )
    before = many.content()
    with pytest.raises(psycopg.OperationalError):
        many.runtime.commands.run(bill_next_chunk, BillNextChunk(run_id), caller=Caller("test"))
    assert many.content() == before
    many.as_owner("DROP TRIGGER die ON billing_chunks")
    work_off(many.runtime.commands, run_id)
    assert many.rows("SELECT count(*), count(DISTINCT account_no) FROM bills") == [(10, 10)]


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


def test_every_derivation_can_be_worked_out_again(service: AccountsService) -> None:
    account_nos = open_homes(
        service,
        a_home(1, price_class="nonresidential", storey_height="4.30"),
        a_home(2, price_class="garage"),
        a_home(3, price_class="school", building_area="1234.56"),
    )
    bill(service)
    for account_no in account_nos:
        for one in service.get(f"/accounts/{account_no}/bills")[1]["bills"]:
            assert recomputed_fen(one["derivation"]) == parse_yuan(one["amount"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"season": "2026-2027"}, 422, "season_not_open"),
        ({"season": "2025-2027"}, 422, "invalid_input"),
        ({"season": "1990-1991"}, 422, "policy_not_in_force"),
        ({"season": SEASON, "mode": "draft"}, 422, "invalid_input"),
        ({"season": SEASON, "accounts": []}, 422, "invalid_input"),
        ({"season": SEASON, "accounts": ["9000000001", "9000000001"]}, 422, "invalid_input"),
        ({"season": SEASON, "accounts": ["%"]}, 422, "invalid_input"),
        ({"season": SEASON, "accounts": ["0110000009"]}, 404, "unknown_account"),
        ({}, 422, "invalid_input"),
    ],
)
def test_a_run_that_cannot_be_is_refused(
    service: AccountsService, body: dict[str, Any], status: int, code: str
) -> None:
    open_homes(service, a_home())
    before = service.content()
    answered, answer = service.post("/billing-runs", body)
    assert (answered, answer["code"]) == (status, code)
    assert service.content() == before


def test_a_run_without_homes_bills_nothing(service: AccountsService) -> None:
    assert counts(bill(service)) == (0, 0, 0)


def test_a_run_that_does_not_exist_is_not_found(service: AccountsService) -> None:
    for run_id in ("4711", "x", "9" * 30):
        status, answer = service.get(f"/billing-runs/{run_id}")
        assert (status, answer["code"]) == (404, "unknown_run")


def test_billing_needs_the_role(service: AccountsService) -> None:
    assert service.post("/billing-runs", {"season": SEASON}, roles=["cashier", "clerk"])[0] == 403

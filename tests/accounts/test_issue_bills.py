"""The season run: every home once, by its state and the policy; the bad ones parked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from shared.kernel.money import parse_yuan
from shared.messages.accounts import SELF
from tests.accounts.billing_steps import SEASON, bill, bills_issued, counts, open_homes
from tests.accounts.conftest import AccountsService, a_home


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
    _, bad = open_homes(service, a_home(1), a_home(2))
    service.as_owner("UPDATE heat_accounts SET price_class = 'greenhouse' WHERE account_no = %s", (bad,))
    run = bill(service)
    assert counts(run) == (1, 0, 1)
    _, progress = service.get(f"/billing-runs/{run['run_id']}")
    assert [(p["account_no"], p["reason"]) for p in progress["parked_accounts"]] == [(bad, "price_class_unknown")]
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


def test_billing_needs_the_role(service: AccountsService) -> None:
    assert service.post("/billing-runs", {"season": SEASON}, roles=["cashier", "clerk"])[0] == 403

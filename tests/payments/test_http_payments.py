"""Payments over HTTP: what each route answers, to whom, and how it refuses: code, place, value, remedy."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.payments.bootstrap import web
from shared.chassis.auth import service_token, staff_token
from tests.payments.till import DUE, FEE, IN_WINDOW, LATE, Till

CASHIER, SUPERVISOR, AUDITOR, FINANCE = ("cashier",), ("supervisor",), ("auditor",), ("finance",)


class Desk:
    """Asks in somebody's name: a role, or the bank gateway."""

    def __init__(self, app: Flask, till: Till) -> None:
        self.client: FlaskClient = app.test_client()
        self.keys = till.runtime.keys

    def token(self, who: tuple[str, ...] | str, body: bytes) -> str:
        if isinstance(who, str):
            return service_token(self.keys, service=who, audience="payments", body=body)
        return staff_token(self.keys, login="zhang", person="p1", roles=who, signed_in_at=int(time.time()))

    def get(self, path: str, *, who: tuple[str, ...] | str = CASHIER, **query: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token(who, b'')}"}
        return self.client.get(path, headers=headers, query_string=query)

    def post(self, path: str, body: Any, *, who: tuple[str, ...] | str = CASHIER, key: str | None = "") -> TestResponse:
        """``key`` empty: one of its own; None: none."""
        text = json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token(who, text)}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        return self.client.post(path, headers=headers, data=text)

    def pay(self, account_no: str, amount: str = FEE, channel: str = "pos", *, who: tuple[str, ...] | str = CASHIER,
            key: str | None = "", **words: Any) -> TestResponse:  # fmt: skip
        payment = {"account_no": account_no, "amount": amount, "channel": channel, **words}
        return self.post("/payments", {"payments": [payment]}, who=who, key=key)


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal in its form: problem+json with detail, remedy and request id."""
    told = response.get_json(force=True)
    assert response.mimetype == "application/problem+json"
    assert told["status"] == response.status_code
    assert told["detail"] and told["request_id"] and told["remedy"]
    return response.status_code, told["code"]


@pytest.fixture
def desk(till: Till) -> Desk:
    return Desk(web(till.runtime), till)


def test_a_payment_is_answered_with_all_that_a_receipt_shows(till: Till, desk: Desk) -> None:
    home = till.home()
    bill_no = till.bill(home)
    till.on_day(IN_WINDOW)
    response = desk.pay(home, "2295.40", "cash", outlet="HTTP-1")
    [taken] = response.get_json()["payments"]
    assert response.status_code == 201
    assert {**taken, "payment_id": 0} == {
        "payment_id": 0, "account_no": home, "payer": "self", "channel": "cash", "amount": "2295.40",
        "received_on": "2025-09-10", "credit": "0.00", "rounding": "-0.02",
        "receipt": {"outlet": "HTTP-1", "number": "000001"},
        "settled": [{"season": "2025-2026", "bill_no": bill_no, "principal": "2295.40", "discount": "34.96",
                     "rounding": "0.02", "late_fee": "0.00"}],
    }  # fmt: skip


def test_a_visit_of_several_homes_is_taken_whole_or_not_at_all(till: Till, desk: Desk) -> None:
    homes = till.homes(2)
    for home in homes:
        till.bill(home)
    visit = [{"account_no": home, "amount": FEE, "channel": "pos"} for home in (*homes, "0119999992")]
    response = desk.post("/payments", {"payments": visit})
    assert refusal(response) == (404, "unknown_account")
    assert [till.owes(home) for home in homes] == [FEE, FEE]
    assert desk.post("/payments", {"payments": visit[:2]}).status_code == 201


def test_the_same_key_and_body_are_answered_with_the_same_bytes_and_marked(till: Till, desk: Desk) -> None:
    home = till.home()
    first = desk.pay(home, "1.00", key="http-1")
    again = desk.pay(home, "1.00", key="http-1")
    assert (first.data, first.status_code) == (again.data, again.status_code)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert refusal(desk.pay(home, "2.00", key="http-1")) == (422, "idempotency_key_reused")
    assert till.credit(home) == "1.00"


def test_a_body_that_says_the_same_in_another_order_is_the_same_request(till: Till, desk: Desk) -> None:
    home = till.home()
    first = desk.post(
        "/payments", {"payments": [{"account_no": home, "amount": "1.00", "channel": "pos"}]}, key="http-2"
    )
    again = desk.post(
        "/payments", {"payments": [{"channel": "pos", "amount": "1.00", "account_no": home}]}, key="http-2"
    )
    assert first.data == again.data


def test_twenty_repeats_at_once_are_one_payment_and_one_answer(till: Till, desk: Desk) -> None:
    home = till.home()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.pay(home, "1.00", key="http-3"), range(20)))
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert till.credit(home) == "1.00"


def test_money_without_a_key_is_refused(till: Till, desk: Desk) -> None:
    response = desk.pay(till.home(), "1.00", key=None)
    assert refusal(response) == (400, "invalid_input")
    assert response.get_json(force=True)["facts"]["place"] == "Idempotency-Key"


def facts(response: TestResponse) -> dict[str, Any]:
    told: dict[str, Any] = response.get_json(force=True)["facts"]
    return told


def test_a_refusal_in_a_list_names_the_place_the_account_and_the_value(till: Till, desk: Desk) -> None:
    home, settled = till.homes(2)
    till.bill(home)
    good = {"account_no": home, "amount": "1.00", "channel": "pos"}
    response = desk.post("/payments", {"payments": [good, {**good, "account_no": settled, "season": "2025-2026"}]})
    assert refusal(response) == (409, "already_collected")
    assert facts(response) == {"place": "/payments/1", "account_no": settled, "season": "2025-2026"}
    response = desk.post("/payments", {"payments": [good, {**good, "amount": "10000000.01"}]})
    assert refusal(response) == (400, "invalid_input")
    assert facts(response) == {"place": "/payments/1/amount", "account_no": home, "value": "10000000.01"}


def test_a_value_of_another_form_names_its_place(till: Till, desk: Desk) -> None:
    response = desk.pay(till.home(), "1e3")
    assert refusal(response) == (422, "invalid_input")
    assert [error["place"] for error in response.get_json(force=True)["errors"]] == ["/payments/0/amount"]


def test_an_older_season_that_is_open_is_named(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home, "100.00", season=2024)
    till.bill(home)
    response = desk.pay(home, season="2025-2026")
    assert refusal(response) == (409, "debt_outstanding")
    assert facts(response)["open_seasons"] == ["2024-2025"]


def test_a_serial_that_is_in_the_books_and_one_without_its_partner_are_refused(till: Till, desk: Desk) -> None:
    home = till.home()
    assert desk.pay(home, "1.00", "wechat", partner="wechat", serial="HTTP-S1").status_code == 201
    assert refusal(desk.pay(home, "1.00", "wechat", partner="wechat", serial="HTTP-S1")) == (409, "duplicate_serial")
    response = desk.pay(home, "1.00", "wechat", serial="HTTP-S2")
    assert refusal(response) == (400, "invalid_input")
    assert facts(response) == {"place": "/payments/0/serial", "account_no": home, "value": "HTTP-S2"}


def test_a_payer_who_was_never_billed_is_refused(till: Till, desk: Desk) -> None:
    response = desk.pay(till.home(), "1.00", payer="employer:nobody")
    assert refusal(response) == (409, "not_this_payer")
    assert facts(response)["payer"] == "employer:nobody"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"received_on": "2025-10-01"}, "/payments/0/received_on"),
        ({"channel": "bank", "partner": "icbc", "serial": "HTTP-B1"}, "/payments/0/channel"),
        ({"force": "insists"}, "/payments/0/force"),
        ({"keep_old_debt": "disputed"}, "/payments/0/keep_old_debt"),
    ],
)  # fmt: skip
def test_what_is_not_a_cashiers_to_do_is_forbidden_and_named(
    till: Till, desk: Desk, words: dict[str, str], place: str
) -> None:
    response = desk.pay(till.home(), "1.00", **{"channel": "pos", **words})
    assert refusal(response) == (403, "forbidden")
    assert facts(response)["place"] == place


def test_a_supervisor_forces_and_passes_over_old_debt(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home, "100.00", season=2024)
    till.bill(home)
    assert desk.pay(home, season="2025-2026", keep_old_debt="disputed", who=SUPERVISOR).status_code == 201
    till.claim(home)
    assert refusal(desk.pay(home, "100.00")) == (409, "in_bank_collection")
    assert desk.pay(home, "100.00", force="insists", who=SUPERVISOR).status_code == 201


def test_the_gateway_posts_money_of_banks_as_of_the_banks_day_and_nothing_else(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(LATE)
    bank = {"partner": "icbc", "serial": "HTTP-G1", "received_on": DUE.isoformat()}
    assert desk.pay(home, FEE, "bank", who="bank_gateway", **bank).status_code == 201
    assert till.has(home) == ("0.00", "0.00")
    assert refusal(desk.pay(home, "1.00", "cash", who="bank_gateway")) == (403, "forbidden")
    assert refusal(desk.pay(home, "1.00", "bank", who="bank_gateway", partner="icbc")) == (400, "invalid_input")
    tomorrow = {**bank, "serial": "HTTP-G2", "received_on": "2026-01-21"}
    assert facts(desk.pay(home, "1.00", "bank", who="bank_gateway", **tomorrow)) == {
        "place": "/payments/0/received_on", "account_no": home, "value": "2026-01-21",
    }  # fmt: skip


def test_nobody_pays_through_what_an_old_system_held(till: Till, desk: Desk) -> None:
    response = desk.pay(till.home(), "1.00", "legacy")
    assert response.get_json(force=True)["errors"][0]["place"] == "/payments/0/channel"


def test_reversals_are_the_counters_on_their_day_and_a_supervisors_later(till: Till, desk: Desk) -> None:
    home = till.home()
    first, second = (desk.pay(home, "5.00").get_json()["payments"][0]["payment_id"] for _ in range(2))

    def take_back(payment_id: int, who: tuple[str, ...], **words: str) -> TestResponse:
        return desk.post(
            "/payments/reversals", {"reversals": [{"payment_id": payment_id, "reason": "x", **words}]}, who=who
        )

    response = take_back(first, CASHIER)
    [told] = response.get_json()["reversals"]
    assert (response.status_code, told["reverses"], told["account_no"], told["amount"]) == (201, first, home, "5.00")
    assert refusal(take_back(first, CASHIER)) == (409, "already_reversed")
    till.on_day(date(2025, 10, 21))
    assert refusal(take_back(second, CASHIER)) == (409, "reversal_window_closed")
    assert refusal(take_back(second, CASHIER, at="hall")) == (403, "forbidden")
    assert take_back(second, SUPERVISOR, at="hall").status_code == 201
    assert refusal(take_back(2**60, CASHIER)) == (404, "not_found")


def test_what_is_owed_is_asked_for_one_account_and_for_many(till: Till, desk: Desk) -> None:
    homes = till.homes(3)
    for home in homes:
        till.bill(home)
    one = desk.get(f"/accounts/{homes[0]}/owed", day="2025-09-10", channel="wechat").get_json()
    assert (one["payers"][0]["total"], one["payers"][0]["seasons"][0]["discount"]) == ("2295.42", "34.96")
    many = desk.post("/owed", {"account_nos": homes, "day": "2026-01-20", "payer": "self"}, key=None)
    assert many.status_code == 200
    assert [each["payers"][0]["late_fee"] for each in many.get_json()] == ["46.61"] * 3
    assert refusal(desk.post("/owed", {"account_nos": [*homes, "0119999991"]}, key=None)) == (404, "unknown_account")
    assert refusal(desk.post("/owed", {"account_nos": []}, key=None)) == (422, "invalid_input")
    assert refusal(desk.get("/accounts/12/owed")) == (404, "unknown_account")


def test_a_statement_and_its_late_fees_are_told(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home)
    till.pay(home, "2400.00", "cash", outlet="HTTP-2")
    till.take_back(till.pay(home, "1.00", "wechat", partner="wechat", serial="HTTP-S3")["payment_id"])
    told = desk.get(f"/accounts/{home}/statement").get_json()
    assert {key: told[key] for key in ("lines", "bills", "payments", "credits")} == {
        key: till.statement(home)[key] for key in ("lines", "bills", "payments", "credits")
    }
    assert [line["balance"] for line in told["lines"]] == [FEE, "-69.62", "-70.62", "-69.62"]


def test_a_late_fee_is_explained_to_whoever_asks(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home)
    [explained] = desk.get(f"/accounts/{home}/late-fees", day="2026-01-20").get_json()
    assert (explained["accrued"], explained["days"]) == (
        "46.61", [{"from": "2026-01-01", "until": "2026-01-20", "days": 20, "overdue": FEE}],
    )  # fmt: skip
    assert refusal(desk.get("/accounts/0119999990/statement")) == (404, "unknown_account")
    assert refusal(desk.get("/accounts/0119999990/late-fees")) == (404, "unknown_account")


def test_the_books_are_for_those_who_keep_and_audit_them(till: Till, desk: Desk) -> None:
    assert desk.get("/ledger/trial-balance", who=FINANCE).get_json()["balanced"] is True
    assert desk.get("/ledger/completeness", who=AUDITOR).get_json()["complete"] is True
    assert refusal(desk.get("/ledger/trial-balance", who=CASHIER)) == (403, "forbidden")
    assert refusal(desk.get("/ledger/completeness", who=CASHIER)) == (403, "forbidden")
    assert refusal(desk.pay(till.home(), "1.00", who=AUDITOR)) == (403, "forbidden")


def test_the_gateway_claims_releases_and_reads_its_book(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home)
    claim = {"bank": "icbc", "batch_no": 880001, "as_of": "2025-10-20", "items": [{"item_no": 1, "account_no": home}]}
    answer = desk.post("/debit-claims", claim, who="bank_gateway", key="http-claim")
    assert (answer.status_code, answer.get_json()["claimed"][0]["amount"]) == (201, FEE)
    assert desk.post("/debit-claims", claim, who="bank_gateway", key="http-claim").data == answer.data
    again = desk.post("/debit-claims", claim, who="bank_gateway")
    assert refusal(again) == (409, "item_already_claimed")
    assert facts(again) == {"place": "/items/0/item_no", "value": 1}
    assert refusal(desk.post("/debit-claims", claim)) == (403, "forbidden")
    release = {"batch_no": 880001, "item_nos": [1, 2]}
    assert desk.post("/debit-claims/releases", release, who="bank_gateway").get_json() == {"released": [1]}
    desk.pay(home, FEE, "bank", who="bank_gateway", partner="book-bank", serial="HTTP-K1", received_on="2025-10-19")
    book = desk.get("/bank-book", who="bank_gateway", partner="book-bank", day="2025-10-19").get_json()
    assert [(line["serial"], line["account_no"], line["amount"]) for line in book["lines"]] == [("HTTP-K1", home, FEE)]


def test_a_busy_account_is_answered_in_time_and_may_be_asked_again(till: Till, desk: Desk) -> None:
    home = till.home()
    till.bill(home)
    engine = till.runtime.engine
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT 1 FROM accounts WHERE account_no = '{home}' FOR UPDATE")
        started = time.monotonic()
        response = desk.pay(home)
        assert time.monotonic() - started < 8
        connection.rollback()
    assert refusal(response) == (409, "busy")
    assert response.headers["Retry-After"] == "1"
    assert desk.pay(home).status_code == 201


GROUP_PAYMENT = {"payer": "TEXTILE", "amount": "100.00", "channel": "transfer"}


@pytest.mark.parametrize("change", [
    {"payer": None}, {"payer": ""}, {"payer": "x" * 81}, {"payer": 7}, {"payer": "self"}, {"amount": 100}, {"amount": "1.005"},
    {"amount": "-1.00"}, {"amount": "0.00"}, {"amount": None}, {"channel": "bank"}, {"channel": "subsidy"}, {"channel": "legacy"},
    {"channel": None}, {"outlet": "hall"}, {"partner": "boc"}, {"serial": "x" * 65, "partner": "boc"}, {"account_no": "0110000001"},
])  # fmt: skip
def test_what_is_no_group_payment_names_its_place(desk: Desk, change: dict[str, Any]) -> None:
    answer = desk.post("/group-payments", {"payments": [{**GROUP_PAYMENT, **change}]})
    assert refusal(answer)[1] == "invalid_input"


@pytest.mark.parametrize("payments", [None, [], {}, [GROUP_PAYMENT] * 101, [GROUP_PAYMENT] * 2, [None]])
def test_group_payments_are_a_list_of_one_to_a_hundred_payers(desk: Desk, till: Till, payments: Any) -> None:
    till.bill(till.home(), payer="TEXTILE")
    assert refusal(desk.post("/group-payments", {"payments": payments}))[1] == "invalid_input"


def test_a_group_payment_is_for_the_hall_and_needs_a_key(desk: Desk) -> None:
    body = {"payments": [GROUP_PAYMENT]}
    assert refusal(desk.post("/group-payments", body, who=AUDITOR))[0] == 403
    assert refusal(desk.post("/group-payments", body, key=None))[0] == 400


def test_a_group_payment_that_is_repeated_takes_nothing_twice(desk: Desk, till: Till) -> None:
    home = till.home()
    till.bill(home, "150.00", payer="REPEATER")
    body, key = {"payments": [{**GROUP_PAYMENT, "payer": "REPEATER"}]}, uuid.uuid4().hex
    first, again = (desk.post("/group-payments", body, key=key) for _ in range(2))
    assert (first.status_code, first.data) == (201, again.data)
    assert desk.get("/payers/statement", payer="REPEATER").get_json()["open"] == "50.00"


@pytest.mark.parametrize("query", [{}, {"payer": ""}, {"payer": "X", "limit": "0"}, {"payer": "X", "limit": "1001"},
                                   {"payer": "X", "after": "1"}, {"payer": "X", "day": "2026-02-30"}])  # fmt: skip
def test_what_is_no_question_about_a_payer_is_refused(desk: Desk, query: dict[str, str]) -> None:
    assert refusal(desk.get("/payers/statement", **query))[1] == "invalid_input"


def test_nobody_of_that_name_was_billed(desk: Desk) -> None:
    assert refusal(desk.get("/payers/statement", payer="NOBODY")) == (409, "not_this_payer")

"""How a service answers: problems with stable codes, headers, ids, and nothing of its inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc
import structlog
from flask import Flask, Response
from flask.testing import FlaskClient
from marshmallow import Schema

from shared.chassis.auth import Keys, allow, make_keys, staff_token
from shared.chassis.http import Blueprint, caller, json_body, make_app
from shared.chassis.operations import operations
from shared.chassis.schemas import AccountNo, Day, Flag, QueryNumber, SeasonField, Text, WholeNumber, Yuan
from shared.kernel.errors import InvalidInput, Refusal


class TooTired(Refusal):
    code = "too_tired"
    status = 409
    remedy = "Sleep."


class Everything(Schema):
    amount = Yuan(attribute="amount_fen")
    day = Day()
    season = SeasonField()
    text = Text(longest=10)
    account_no = AccountNo()
    number = WholeNumber(least=1, most=10)
    flag = Flag()


class Asked(Schema):
    limit = QueryNumber(least=1, most=10, load_default=5)


RAISED: dict[str, Exception] = {
    "refusal": TooTired("this is too much", account_no="0110000001", left_fen=3, nested={"a": [1]}),
    "defect": RuntimeError("secret inside: password=hunter2"),
    "pool": sqlalchemy.exc.TimeoutError("QueuePool limit reached"),
    "database": psycopg.OperationalError("the connection to 10.1.2.3 is lost"),
    "value": psycopg.errors.NumericValueOutOfRange("bigint out of range"),
    "key": KeyError("account"),
}


@pytest.fixture
def raised() -> list[Exception]:
    return []


@pytest.fixture
def app(tmp_path: Path, raised: list[Exception]) -> Iterator[Flask]:
    make_keys(tmp_path / "keys", issuers=["accounts", "payments"])
    desk = Blueprint("desk", "desk")

    @desk.post("/everything")
    @allow("cashier")
    @desk.arguments(Everything)
    def everything(body: dict[str, Any]) -> Any:
        return Response(json.dumps({name: str(value) for name, value in body.items()}), mimetype="application/json")

    @desk.get("/asked")
    @allow("cashier")
    @desk.arguments(Asked, location="query")
    def asked(query: dict[str, Any]) -> Any:
        return {"limit": query["limit"], "actor": caller().actor, "request_id": caller().request_id}

    @desk.post("/echo")
    @allow("cashier")
    def echo() -> Any:
        return {"got": json_body()}

    @desk.get("/raise/<name>")
    @allow("cashier")
    def raising(name: str) -> Any:
        raise RAISED[name]

    @desk.get("/forgotten")
    def forgotten() -> Any:
        return {"open": True}

    app = make_app("payments", title="Test", keys=Keys(tmp_path / "keys"), blueprints=[operations, desk], extensions={})
    yield app
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def headers(app: Flask) -> Callable[..., dict[str, str]]:
    def make(*roles: str) -> dict[str, str]:
        token = staff_token(
            app.extensions["keys"], login="li", person="Li", roles=roles or ("cashier",), signed_in_at=0
        )
        return {"Authorization": f"Bearer {token}"}

    return make


def test_a_refusal_is_a_problem_with_its_code_facts_and_remedy(client: FlaskClient, headers: Any) -> None:
    answer = client.get("/raise/refusal", headers={**headers(), "X-Request-Id": "abc123"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert answer.json == {
        "type": "/problems/too_tired", "title": "too tired", "status": 409, "code": "too_tired",
        "detail": "this is too much", "remedy": "Sleep.", "request_id": "abc123",
        "facts": {"account_no": "0110000001", "left_fen": 3, "nested": {"a": [1]}},
    }  # fmt: skip
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("name", ["defect", "key"])
def test_a_defect_tells_nothing_of_its_inside(client: FlaskClient, headers: Any, name: str) -> None:
    answer = client.get(f"/raise/{name}", headers=headers())
    assert (answer.status_code, answer.json["code"]) == (500, "defect")
    assert b"hunter2" not in answer.data
    assert b"Traceback" not in answer.data


@pytest.mark.parametrize(("name", "status", "code"), [
    ("pool", 503, "overloaded"), ("database", 503, "overloaded"), ("value", 400, "invalid_input"),
])  # fmt: skip
def test_a_database_that_is_away_or_refuses_is_no_defect(
    client: FlaskClient, headers: Any, name: str, status: int, code: str
) -> None:
    answer = client.get(f"/raise/{name}", headers=headers())
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert b"10.1.2.3" not in answer.data
    assert (answer.headers.get("Retry-After") == "1") == (status == 503)


def test_a_route_that_names_nobody_is_open_to_nobody(client: FlaskClient, headers: Any) -> None:
    assert client.get("/forgotten").status_code == 401
    assert client.get("/forgotten", headers=headers("cashier", "supervisor", "system_admin")).status_code == 403


def test_every_answer_names_its_request_and_is_not_kept(client: FlaskClient, headers: Any) -> None:
    for path in ("/livez", "/nothing", "/asked", "/raise/defect"):
        answer = client.get(path, headers=headers())
        assert answer.headers["X-Request-Id"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_view_is_told_who_asks_and_under_which_id(client: FlaskClient, headers: Any) -> None:
    answer = client.get("/asked?limit=7", headers={**headers(), "X-Request-Id": "R1"})
    assert answer.json == {"limit": 7, "actor": "staff:li", "request_id": "R1"}


GOOD = {"amount": "2330.38", "day": "2025-10-20", "season": "2025-2026", "text": "王秀英", "account_no": "0110000001",
        "number": 10, "flag": True}  # fmt: skip


def test_fields_take_their_written_form(client: FlaskClient, headers: Any) -> None:
    answer = client.post("/everything", json=GOOD, headers=headers())
    assert answer.json == {"amount_fen": "233038", "day": "2025-10-20", "season": "2025", "text": "王秀英",
                           "account_no": "0110000001", "number": "10", "flag": "True"}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [
    ("amount", 2330.38), ("amount", "2330.380"), ("day", "2025-02-29"), ("day", 20251020), ("season", "2025"),
    ("season", 2025), ("text", "a" * 11), ("text", 1), ("text", " a"), ("account_no", "011000000١"), ("account_no", 110000001),
    ("number", "10"), ("number", 10.0), ("number", True), ("number", 0), ("number", 11), ("number", 10**400), ("flag", 1),
    ("flag", "true"), ("flag", None), ("number", None), ("text", None), ("amount", None), ("day", None),
])  # fmt: skip
def test_fields_take_nothing_else_and_the_place_is_named(
    client: FlaskClient, headers: Any, field: str, value: Any
) -> None:
    answer = client.post("/everything", json={field: value}, headers=headers())
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert [error["place"] for error in answer.json["errors"]] == [f"/{field}"]


def test_everything_that_is_wrong_is_told_at_once_but_not_without_end(client: FlaskClient, headers: Any) -> None:
    answer = client.post("/everything", json={"amount": 1, "day": 1, "number": "x"}, headers=headers())
    assert {error["place"] for error in answer.json["errors"]} == {"/amount", "/day", "/number"}
    answer = client.post("/everything", json={f"{'x' * 300}{n}": 1 for n in range(500)}, headers=headers())
    assert len(answer.json["errors"]) == 50
    assert max(len(error["place"]) for error in answer.json["errors"]) <= 200


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=11", "limit=x", "limit=１", "limit=", "limit=1e0", "other=1", "limit=+1"]
)
def test_a_query_is_as_strict(client: FlaskClient, headers: Any, query: str) -> None:
    assert client.get("/asked", query_string=query, headers=headers()).status_code in (400, 422)


def test_text_that_only_looks_like_an_escape_is_text(client: FlaskClient, headers: Any) -> None:
    raw = rb'{"a": "\\u0000", "b": "\\\\u0000", "c": "\u4e2d", "d": "\ud83d\ude00"}'
    answer = client.post("/echo", data=raw, headers={**headers(), "Content-Type": "application/json"})
    assert answer.json["got"] == {"a": r"\u0000", "b": r"\\u0000", "c": "中", "d": "😀"}
    for bad in (rb'{"a": "\u0000"}', rb'{"a": "\\\u0000"}', rb'{"a": "\ud83d"}'):
        answer = client.post("/echo", data=bad, headers={**headers(), "Content-Type": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient, headers: Any) -> None:
    answer = client.delete("/everything", headers=headers())
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "OPTIONS, POST"


def test_requests_are_counted_by_route_method_and_status_and_by_no_word_that_was_sent(
    client: FlaskClient, headers: Any
) -> None:
    client.get("/asked", headers=headers())
    client.open("/nothing/0110000001", method="BREW13812345678", headers=headers())
    counted = client.get("/metrics").get_data(as_text=True)
    assert 'nuan_http_seconds_count{method="GET",route="/asked",status="200"}' in counted
    assert "13812345678" not in counted
    assert "0110000001" not in counted


def test_the_process_answers_and_the_openapi_page_needs_nobody_outside(client: FlaskClient) -> None:
    assert client.get("/livez").json == {"status": "alive"}
    page = client.get("/docs").get_data(as_text=True)
    assert "https://" not in page
    assert client.get("/docs/files/swagger-ui.css").status_code == 200
    document = client.get("/openapi.json").json
    assert document["openapi"] == "3.1.0"


def test_a_service_whose_database_is_away_is_alive_but_not_ready(tmp_path: Path) -> None:
    from tests.support.apps import app_without_database

    app, _ = app_without_database("payments", tmp_path)
    client = app.test_client()
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert b"127.0.0.1" not in answer.data


def test_a_service_that_is_ready_tells_how_far_it_is(make_runtime: Callable[..., Any]) -> None:
    from services.payments.bootstrap import web

    answer = web(make_runtime("payments")).test_client().get("/readyz")
    assert answer.json == {"status": "ready", "log": {"epoch": 1, "pos": 0, "published": 0, "outbox": 0}, "streams": {},
                           "parked": 0}  # fmt: skip


def test_the_page_of_a_problem_takes_codes_only(client: FlaskClient) -> None:
    assert client.get("/problems/too_tired").json["code"] == "too_tired"
    assert client.get("/problems/%3Cscript%3E").status_code == 400


def test_invalid_input_names_its_place() -> None:
    assert InvalidInput("x", place="amount").facts == {"place": "amount"}

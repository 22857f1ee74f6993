"""Every route of accounts under every bad input (reliability 6.1): refused clearly, soon, and nothing is written.

The routes are those of the URL map: one that is added without an example of its body fails here.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.chassis.auth import ROLES
from tests.bad_input.accounts_bodies import BODIES, WITHOUT_JSON, H, K
from tests.bad_input.broken_bodies import Schemas, broken
from tests.bad_input.three_services import Answer, Services
from tests.support.apps import Route, app_without_database, routes_of

REFUSED = {400, 404, 409, 413, 415, 422}


def _routes() -> tuple[list[Route], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        app, _ = app_without_database("accounts", Path(folder))
        document: dict[str, Any] = json.loads(app.test_client().get("/openapi.json").data)
        return list(routes_of(app)), document


ROUTES, DOCUMENT = _routes()
SCHEMAS = Schemas(DOCUMENT)
TAKES_JSON = [route for route in ROUTES if route.name in BODIES]
ASKED = [route for route in ROUTES if route.method == "GET" and route.allowed]


@pytest.fixture(scope="module")
def office(services: Services) -> Services:
    """Two homes are there; the policy is the reference."""
    homes = [{"account_no": number, "name": "王秀英", "compound": "幸福小区", "building": "3", "unit": "2", "room": room,
              "building_area": "89.63"} for number, room in ((H, "101"), (K, "102"))]  # fmt: skip
    assert services.ask("accounts", "POST", "/accounts", {"accounts": homes}).status == 201
    assert services.ask("accounts", "POST", "/policies", {"name": "default", "set": {}}).status == 201
    return services


def operation(route: Route) -> dict[str, Any]:
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
    found: dict[str, Any] = DOCUMENT["paths"][path][route.method.lower()]
    return found


def url_of(route: Route) -> str:
    """Of a thing that is not there, where the path names one."""
    return re.sub(r"<(?:\w+:)?\w+>", "7", route.path)


def token_for(office: Services, route: Route) -> str:
    """Of somebody who may: a body is not even looked at before that is known."""
    roles = [role for role in route.allowed if role in ROLES]
    return office.token(*(roles or ["cashier"]))


def wrongly(answer: Answer) -> str:
    """What is wrong with a refusal; nothing when it is one."""
    if answer.status not in REFUSED:
        return f"answers {answer.status} {answer.raw[:80]!r}"
    if answer.headers["Content-Type"] != "application/problem+json" or not answer.code:
        return "is no problem document"
    return "" if answer.seconds < 5 and len(answer.raw) < 100_000 else "is slow or long"


def test_every_route_has_an_example_and_every_example_a_route() -> None:
    """Whoever adds a route adds a line to `accounts_bodies.py`."""
    assert {route.name for route in ROUTES if route.method != "GET"} == set(BODIES) | set(WITHOUT_JSON)


@pytest.mark.parametrize("route", TAKES_JSON, ids=lambda route: route.name)
def test_a_body_that_is_broken_anywhere_is_refused_and_nothing_is_written(office: Services, route: Route) -> None:
    schema = operation(route)["requestBody"]["content"]["application/json"]["schema"]
    token, before, found = token_for(office, route), office.content(), []
    for what, raw in broken(SCHEMAS, schema, BODIES[route.name]):
        headers = {"Content-Type": "application/json"}
        wrong = wrongly(office.ask("accounts", "POST", url_of(route), raw, headers=headers, token=token))
        if wrong:
            found.append(f"{what}: {wrong}")
    assert found == []
    assert office.content() == before


@pytest.mark.parametrize("route", TAKES_JSON, ids=lambda route: route.name)
def test_a_body_that_is_sent_otherwise_is_refused(office: Services, route: Route) -> None:
    raw, token, before, found = json.dumps(BODIES[route.name]).encode(), token_for(office, route), office.content(), []
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ):
        answer = office.ask("accounts", "POST", url_of(route), raw, headers={"Content-Type": kind}, token=token)
        if wrong := wrongly(answer):
            found.append(f"{kind}: {wrong}")
    for headers in ({"Content-Encoding": "gzip"}, {"X-HTTP-Method-Override": "DELETE", "Content-Encoding": "br"}):
        answer = office.ask(
            "accounts", "POST", url_of(route), raw, headers={"Content-Type": "application/json", **headers}, token=token
        )
        if wrong := wrongly(answer):
            found.append(f"{headers}: {wrong}")
    assert found == []
    assert office.content() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.allowed], ids=lambda route: route.name)
def test_nobody_and_no_other_role_is_let_in(office: Services, route: Route) -> None:
    body = json.dumps(BODIES[route.name]).encode() if route.name in BODIES else None
    headers = {"Content-Type": "application/json"} if body else {}
    before = office.content()
    for role in (role for role in ROLES if role not in route.allowed):
        answer = office.ask("accounts", route.method, url_of(route), body, headers=headers, token=office.token(role))
        assert (answer.status, answer.code) == (403, "forbidden"), role
    answer = office.ask("accounts", route.method, url_of(route), body, headers=headers, token=None)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert office.content() == before


NEEDS_KEY = [
    route
    for route in TAKES_JSON
    if "Idempotency-Key" in operation(route).get("summary", "") + operation(route).get("description", "")
]
KEYS = [None, " ", "x" * 256, "a,b", "é", "a b", "a\tb"]


@pytest.mark.parametrize("route", NEEDS_KEY, ids=lambda route: route.name)
def test_a_route_that_says_that_it_needs_a_key_is_not_served_without_one(office: Services, route: Route) -> None:
    before = office.content()
    for key in KEYS:
        answer = office.ask(
            "accounts", "POST", url_of(route), BODIES[route.name], key=key, token=token_for(office, route)
        )
        assert (answer.status, answer.code) == (400, "invalid_input"), (key, answer.raw)
        assert "Idempotency-Key" in answer.places()
    assert office.content() == before


def test_the_routes_that_need_a_key_are_found() -> None:
    assert len(NEEDS_KEY) > 30


def repeated(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with each of its lists of things twice over."""
    for name, value in body.items():
        if isinstance(value, list) and value:
            yield name, {**body, name: [*value, *value]}


@pytest.mark.parametrize(("route", "name", "body"), [
    pytest.param(route, name, body, id=f"{route.name} {name}")
    for route in TAKES_JSON for name, body in repeated(BODIES[route.name])
])  # fmt: skip
def test_a_thing_that_stands_twice_in_a_list_is_refused(
    office: Services, route: Route, name: str, body: dict[str, Any]
) -> None:
    before = office.content()
    answer = office.ask("accounts", "POST", url_of(route), body, token=token_for(office, route))
    if answer.status == 200 and all("refusal" in each for each in answer.body.get(name, [{}])):
        return  # each is decided for itself, and each was refused
    assert wrongly(answer) == "", answer.raw
    assert office.content() == before


# What is asked

NUMBERS = ["0", "-1", "1.0", "1e3", "１", "", "ten", "9" * 5000]
TEXTS = ["", "%00", "a%09b", "%E2%80%AE", "x" * 3000]


def broken_questions(route: Route) -> list[str]:
    """Every argument of the route with what it cannot be, and arguments that it does not have."""
    declared = {
        each["name"]: each["schema"] for each in operation(route).get("parameters", []) if each.get("in") == "query"
    }
    queries = ["is_admin=1", "order=id;drop%20table%20accounts", "offset=-1"] if declared else []
    for name, schema in declared.items():
        if name == "limit":
            queries += [f"limit={schema['maximum'] + 1}", *(f"limit={value}" for value in NUMBERS)]
        else:
            queries += [f"{name}={value}" for value in TEXTS]
    return queries


@pytest.mark.parametrize("route", ASKED, ids=lambda route: route.name)
def test_a_question_that_is_broken_is_refused(office: Services, route: Route) -> None:
    of_services = all(name.startswith("service:") for name in route.allowed)
    token = office.of_service("payments", "accounts") if of_services else token_for(office, route)
    asked = {
        query: office.ask("accounts", "GET", f"{url_of(route)}?{query}", token=token)
        for query in broken_questions(route)
    }
    assert {query[:60]: wrong for query, answer in asked.items() if (wrong := wrongly(answer))} == {}


NAMED = [route for route in ROUTES if route.allowed and "<" in route.path]
NAMES = ["x", "-1", "0x1", "9" * 40, "%00", "%E2%80%AE", "１", "..%2F..%2Fetc", "'%20OR%201=1--", "7;x=1", "x" * 3000]


@pytest.mark.parametrize("route", NAMED, ids=lambda route: route.name)
def test_a_path_that_names_nothing_is_not_found(office: Services, route: Route) -> None:
    body = json.dumps(BODIES[route.name]).encode() if route.name in BODIES else None
    headers = {"Content-Type": "application/json"} if body else {}
    before, found = office.content(), []
    for name in NAMES:
        url = re.sub(r"<(?:\w+:)?\w+>", name, route.path)
        answer = office.ask("accounts", route.method, url, body, headers=headers, token=token_for(office, route))
        if answer.status not in (400, 404, 422):
            found.append(f"{name[:40]}: {answer.status} {answer.raw[:80]!r}")
    assert found == []
    assert office.content() == before


@pytest.mark.parametrize("route", TAKES_JSON, ids=lambda route: route.name)
def test_the_example_of_a_route_is_one(office: Services, route: Route) -> None:
    """Nothing is wrong with its form: else what is broken in it below would prove nothing."""
    body = BODIES[route.name]
    if (
        "preview"
        in SCHEMAS.whole(operation(route)["requestBody"]["content"]["application/json"]["schema"])["properties"]
    ):
        body = {**body, "preview": True}
    answer = office.ask("accounts", "POST", url_of(route), body, token=token_for(office, route))
    assert answer.status < 500 or answer.code == "payments_unavailable", answer.raw
    assert not (answer.code == "invalid_input" and answer.body.get("errors")), answer.raw

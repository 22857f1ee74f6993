"""Every route asks who is there, and lets in exactly those whom roles.txt names."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from flask import Flask

from shared.chassis.auth import ROLES, Keys, service_token, staff_token
from shared.chassis.http import OPEN_ENDPOINTS
from shared.chassis.settings import SERVICES
from tests.support.apps import Route, app_without_database, routes_of

MATRIX = Path(__file__).with_name("roles.txt")
OPEN = {
    "GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /docs", "GET /docs/files/<path:name>",
    "GET /problems/<code>", "POST /sign-in",
}  # fmt: skip
"""The routes that ask nobody: health and metrics, what the interface is like, and signing in itself."""


@pytest.fixture
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Flask, Keys]]:
    folder = tmp_path_factory.mktemp("apps")
    return {service: app_without_database(service, folder) for service in SERVICES}


def all_routes(apps: dict[str, tuple[Flask, Keys]]) -> list[Route]:
    return [route for app, _ in apps.values() for route in routes_of(app)]


def written(routes: list[Route]) -> str:
    """The matrix as it is stored: a line for each route, those who may use it in the order of the roles."""
    lines = [f"{route.service:<13} {route.method:<5} {route.path:<40} {' '.join(_ordered(route.allowed)) or 'anybody'}"
             for route in routes]  # fmt: skip
    return "\n".join(sorted(lines)) + "\n"


def _ordered(allowed: tuple[str, ...]) -> list[str]:
    known = [*ROLES, *(f"service:{service}" for service in SERVICES)]
    return sorted(set(allowed), key=known.index)


def test_the_routes_that_ask_nobody_are_these(apps: dict[str, tuple[Flask, Keys]]) -> None:
    unnamed = {route.name for route in all_routes(apps) if not route.allowed}
    assert unnamed == OPEN
    assert {route.endpoint for route in all_routes(apps) if not route.allowed} == OPEN_ENDPOINTS


def test_whoever_is_allowed_is_a_role_or_a_service_that_exists(apps: dict[str, tuple[Flask, Keys]]) -> None:
    known = {*ROLES, *(f"service:{service}" for service in SERVICES)}
    for route in all_routes(apps):
        assert set(route.allowed) <= known, route.name


def test_who_may_use_what_is_as_it_is_stored(apps: dict[str, tuple[Flask, Keys]]) -> None:
    """A change shows in roles.txt, where it can be reviewed: ``python -m tests.contracts.renew`` writes it."""
    assert written(all_routes(apps)) == MATRIX.read_text(encoding="utf-8")


def test_every_cell_of_the_matrix_holds(apps: dict[str, tuple[Flask, Keys]]) -> None:
    """Every route asked by every role, every service, and by nobody: in, 403 or 401 as stored."""
    stored = {}
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        service, method, path, *allowed = line.split()
        stored[service, method, path] = allowed
    asked = 0
    for service, (app, keys) in apps.items():
        for endpoint, view in app.view_functions.items():
            app.view_functions[endpoint] = _reached(getattr(view, "allowed", ()))
        client = app.test_client()
        for route in routes_of(app):
            allowed = stored[service, route.method, route.path]
            url = re.sub(r"<int:\w+>", "1", re.sub(r"<(path:)?\w+>", "x", route.path))
            for who, token in {None: None, **_everybody(keys, service)}.items():
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                status = client.open(url, method=route.method, headers=headers).status_code
                expected = 204 if allowed == ["anybody"] or who in allowed else 401 if who is None else 403
                assert status == expected, (route.name, who)
                asked += 1
    assert asked > 400


def _reached(allowed: tuple[str, ...]) -> object:
    def view(**_: object) -> tuple[str, int]:
        return "", 204

    view.allowed = allowed  # type: ignore[attr-defined]
    return view


def _everybody(keys: Keys, audience: str) -> dict[str | None, str]:
    now = int(time.time())
    tokens: dict[str | None, str] = {
        role: staff_token(keys, login="li", person="li", roles=[role], signed_in_at=now) for role in ROLES
    }
    tokens |= {f"service:{name}": service_token(keys, service=name, audience=audience, body=b"") for name in SERVICES}
    tokens["nothing"] = staff_token(keys, login="li", person="li", roles=[], signed_in_at=now)
    tokens["a word that is no role"] = staff_token(
        keys, login="li", person="li", roles=["admin", "root"], signed_in_at=now
    )
    return tokens


MOVES_MONEY = re.compile(
    r"POST /(payments|payments/reversals|debit-claims|debit-claims/releases|batches|billing-runs)\b"
)


def test_a_route_that_moves_money_needs_a_key(apps: dict[str, tuple[Flask, Keys]]) -> None:
    """Without an Idempotency-Key it is refused before anything else happens (the database is not even there)."""
    bodies = {
        "POST /payments": {"payments": [{"account_no": "0110000001", "amount": "1.00", "channel": "pos"}]},
        "POST /payments/reversals": {"reversals": [{"payment_id": 1, "reason": "x"}]},
        "POST /debit-claims": {"bank": "B", "batch_no": 1, "as_of": "2025-10-20", "items": [{"item_no": 1, "account_no": "0110000001"}]},
        "POST /debit-claims/releases": {"batch_no": 1, "item_nos": [1]},
        "POST /batches": {"bank": "BOC"},
        "POST /batches/<int:batch_no>/hand-over": {},
        "POST /batches/<int:batch_no>/withdrawals": {},
        "POST /batches/<int:batch_no>/recalls": {"reason": "x"},
        "POST /billing-runs": {"season": "2025-2026"},
    }  # fmt: skip
    money = {route.name: route for route in all_routes(apps) if MOVES_MONEY.match(route.name)}
    missing = set(money) - set(bodies) - {"POST /batches/results", "POST /batches/adoptions"}
    assert not missing, f"a route that moves money and is not in this test: {missing}"
    for name, body in bodies.items():
        route = money[name]
        app, keys = apps[route.service]
        raw = app.json.dumps(body).encode()
        token = (service_token(keys, service="bank_gateway", audience=route.service, body=raw)
                 if route.allowed == ("service:bank_gateway",)
                 else staff_token(keys, login="li", person="li", roles=["supervisor"], signed_in_at=int(time.time())))  # fmt: skip
        answer = app.test_client().post(
            route.path.replace("<int:batch_no>", "1"), data=raw,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 400, (name, answer.data)
        assert (answer.status_code, answer.json["facts"]["place"]) == (400, "Idempotency-Key"), name

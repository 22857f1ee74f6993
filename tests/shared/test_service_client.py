"""Asking another service: signed, bounded in time, one clear refusal when it does not answer as it should."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.chassis import service_client
from shared.chassis.auth import Keys, identify, make_keys
from shared.chassis.event_log import GENESIS, LogDiffers
from shared.chassis.service_client import HttpLogReader, PassedOn, ServiceAway, ServiceClient


@dataclass
class Other:
    """A service that answers what it is told to, and keeps what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    wait_seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def other() -> Iterator[Other]:
    told = Other()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append((self.command, self.path, dict(self.headers), body))
            time.sleep(told.wait_seconds)
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(told.body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    class Patient(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that hung up is part of the test."""

    server = Patient(("127.0.0.1", 0), Answering)
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    make_keys(tmp_path / "keys", issuers=["accounts", "payments"])
    return Keys(tmp_path / "keys")


@pytest.fixture
def client(other: Other, keys: Keys) -> ServiceClient:
    return ServiceClient(keys=keys, service="accounts", audience="payments", url=other.url)


def test_a_request_is_signed_for_its_service_and_its_body(client: ServiceClient, other: Other, keys: Keys) -> None:
    client.post("/owed", {"b": 1, "a": "中"}, key="k1")
    method, path, headers, body = other.asked[0]
    assert (method, path, body.decode()) == ("POST", "/owed", '{"a":"中","b":1}')
    assert headers["Idempotency-Key"] == "k1"
    assert identify(keys, headers["Authorization"], service="payments", body=lambda: body).subject == "service:accounts"


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (502, b"<html>"), (503, b"{}"), (200, b"<html>login</html>"),
                                              (200, b""), (404, b"nothing here"), (200, b"\xff")])  # fmt: skip
def test_an_answer_that_is_none_means_that_the_service_is_away(
    client: ServiceClient, other: Other, status: int, body: bytes
) -> None:
    other.status, other.body = status, body
    with pytest.raises(ServiceAway) as refused:
        client.get("/x")
    assert (refused.value.code, refused.value.status) == ("service_away", 503)


def test_nobody_there_means_away_and_soon(keys: Keys) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceAway):
        ServiceClient(keys=keys, service="accounts", audience="payments", url="http://127.0.0.1:9").get("/x")
    assert time.monotonic() - began < 3


def test_a_service_that_does_not_answer_in_time_is_away(
    client: ServiceClient, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_client, "READ_SECONDS", 0.2)
    other.wait_seconds = 1.0
    with pytest.raises(ServiceAway):
        client.get("/x")


def test_a_refusal_is_passed_on_with_its_code_status_and_facts(client: ServiceClient, other: Other) -> None:
    other.status = 409
    other.body = json.dumps(
        {"code": "in_bank_collection", "detail": "d", "remedy": "r", "facts": {"account_no": "1"}}
    ).encode()
    with pytest.raises(PassedOn) as refused:
        client.get("/x")
    assert (refused.value.code, refused.value.status, refused.value.remedy) == ("in_bank_collection", 409, "r")
    assert refused.value.facts == {"account_no": "1"}


def test_a_redirect_is_not_followed(client: ServiceClient, other: Other) -> None:
    """It would carry our token to wherever it points."""
    other.status, other.headers, other.body = 302, {"Location": "http://127.0.0.1:9/"}, b"{}"
    with pytest.raises(ServiceAway):
        client.get("/x")
    assert len(other.asked) == 1


def test_a_log_that_differs_is_said_as_itself(client: ServiceClient, other: Other) -> None:
    other.status, other.body = 409, json.dumps({"code": "log_differs", "detail": "not yours"}).encode()
    with pytest.raises(LogDiffers):
        HttpLogReader(client).after(7, GENESIS)
    assert other.asked[0][1] == f"/log?after=7&hash={'00' * 32}&limit=500"


def test_a_page_of_the_log_is_read_as_it_was_written(client: ServiceClient, other: Other) -> None:
    entry = {"pos": 1, "event_id": "01234567-89ab-cdef-0123-456789abcdef", "type": "T", "schema": 1, "body": "{}",
             "actor": "a", "cause": "c", "at": "2025-10-20T04:00:00+00:00", "hash": "ab" * 32}  # fmt: skip
    other.body = json.dumps({"epoch": 2, "head": 9, "entries": [entry]}).encode()
    page = HttpLogReader(client).after(0, GENESIS)
    assert (page.epoch, page.head, page.entries[0].pos, page.entries[0].hash) == (2, 9, 1, bytes.fromhex("ab" * 32))

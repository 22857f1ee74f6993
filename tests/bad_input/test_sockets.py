"""HTTP below the framework (reliability 6.1, rows 39, 40, 48, 51–53): raw bytes to a payments service under gunicorn."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from deploy.local.databases import ScratchDatabases
from deploy.local.ports import free_port
from shared.chassis.auth import Keys, make_keys, staff_token
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from tests.bad_input.three_services import H, a_payment
from tests.support.bills import issue, open_home

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A service in a process of its own, as it is deployed."""

    port: int
    runtime: Runtime
    keys: Keys

    @property
    def authorization(self) -> bytes:
        token = staff_token(self.keys, login="zhang", person="zhang", roles=["cashier"], signed_in_at=int(time.time()))
        return f"Authorization: Bearer {token}\r\n".encode()

    @contextmanager
    def connection(self, *, seconds: float = 5) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as opened:
            yield opened

    def say(self, request: bytes, *, seconds: float = 5) -> bytes:
        """What comes back until the server closes, or ``seconds`` of silence."""
        with self.connection(seconds=seconds) as opened:
            opened.sendall(request)
            answer = b""
            try:
                while part := opened.recv(65536):
                    answer += part
                    if _is_whole(answer):
                        break
            except (TimeoutError, ConnectionResetError):
                pass
            return answer

    def payments(self) -> int:
        with transaction(self.runtime.engine) as cursor:
            row = cursor.execute("SELECT count(*) FROM payments").fetchone()
            return int(row[0]) if row else 0

    def is_well(self) -> bool:
        return self.say(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if found and line.lower().startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False


@pytest.fixture(scope="module")
def server(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(date(2025, 10, 20).isoformat())
    port = free_port()
    with ScratchDatabases(admin_url, services=("payments",)) as urls:
        settings = Settings(service="payments", database_url=urls["payments"], bus_url="memory://",
                            keys_folder=folder / "keys", urls={}, environment="story-test",
                            story_clock=folder / "clock")  # fmt: skip
        runtime = start(settings)
        open_home(runtime, H)
        issue(runtime, H, 1_000_000)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUAN_")},
            "NUAN_PAYMENTS_DATABASE_URL": urls["payments"], "NUAN_BUS_URL": "memory://", "NUAN_KEYS": str(folder / "keys"),
            **{f"NUAN_{service.upper()}_URL": f"http://127.0.0.1:{port}" for service in SERVICES},
            "NUAN_ENVIRONMENT": "story-test", "NUAN_STORY_CLOCK": str(folder / "clock"),
        }  # fmt: skip
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "services.payments", "web"], cwd=ROOT, env=environment, stderr=log
        )
        try:
            found = Server(port, runtime, Keys(folder / "keys"))
            _wait_for(found, process, folder / "log")
            yield found
            assert process.poll() is None, "the service died of what it was sent"
            assert b'"defect"' not in (folder / "log").read_bytes()
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()
            runtime.engine.dispose()


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 30
    while True:
        try:
            if server.is_well():
                return
        except OSError:
            time.sleep(0.05)
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()


def a_request(server: Server, body: bytes, *, length: int | None = None, more: bytes = b"", key: str = "") -> bytes:
    sent = len(body) if length is None else length
    return (b"POST /payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + server.authorization
            + f"Idempotency-Key: {key or uuid.uuid4().hex}\r\nContent-Length: {sent}\r\n".encode() + more + b"\r\n" + body)  # fmt: skip


GOOD = json.dumps(a_payment()).encode()


def test_a_sound_request_over_the_socket_is_taken(server: Server) -> None:
    """The measure of everything below."""
    before = server.payments()
    assert server.say(a_request(server, GOOD)).startswith(b"HTTP/1.1 201")
    assert server.payments() == before + 1


def refused(server: Server, request: bytes, *, seconds: float = 3) -> bytes:
    """Not taken, no 5xx, and the next one is served."""
    before = server.payments()
    answer = server.say(request, seconds=seconds)
    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5")), answer[:200]
    assert server.payments() == before
    assert server.is_well()
    return answer


def test_6_1_39_a_length_shorter_than_the_body_is_half_a_document(server: Server) -> None:
    assert refused(server, a_request(server, GOOD, length=len(GOOD) - 5)).startswith(b"HTTP/1.1 4")


def test_6_1_39_a_length_longer_than_the_body_waits_and_takes_nothing(server: Server) -> None:
    before = server.payments()
    with server.connection() as opened:
        opened.sendall(a_request(server, GOOD, length=len(GOOD) + 50))
        assert server.is_well(), "one that waits does not hold up the others"
    time.sleep(0.2)
    assert server.payments() == before


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"0x10", b"", b"+5", b"5, 5", b"99999999999999999999"])
def test_6_1_39_a_length_that_is_no_number_is_refused(server: Server, length: bytes) -> None:
    request = a_request(server, GOOD).replace(f"Content-Length: {len(GOOD)}".encode(), b"Content-Length: " + length)
    refused(server, request, seconds=2)


def test_6_1_39_two_different_lengths_are_refused(server: Server) -> None:
    refused(server, a_request(server, GOOD, more=b"Content-Length: 5\r\n"), seconds=2)


@pytest.mark.parametrize(
    "coding", [b"chunked", b"Chunked", b"gzip, chunked", b"chunked, chunked", b" chunked", b"identity"]
)
def test_6_1_40_chunks_and_a_length_together_are_never_two_requests(server: Server, coding: bytes) -> None:
    """The classic of smuggling: whichever counts, what follows is not believed to be another request."""
    smuggled = b"0\r\n\r\n" + a_request(server, GOOD)
    before = server.payments()
    answer = server.say(a_request(server, smuggled, more=b"Transfer-Encoding: " + coding + b"\r\n"), seconds=2)
    assert server.payments() == before
    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5"))
    assert server.is_well()


def test_a_chunked_body_is_bounded_too(server: Server) -> None:
    """It has no length to look at: what counts is what comes."""
    head = a_request(server, b"", length=0, more=b"Transfer-Encoding: chunked\r\n").replace(
        b"Content-Length: 0\r\n", b""
    )
    chunk = b"%x\r\n" % 100_000 + b" " * 100_000 + b"\r\n"
    before = server.payments()
    with server.connection(seconds=10) as opened:
        try:
            opened.sendall(head + chunk * 30 + b"0\r\n\r\n")
            answer = opened.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            answer = b"HTTP/1.1 413"
    assert answer.startswith(b"HTTP/1.1 4"), answer[:100]
    assert server.payments() == before


def test_6_1_51_bodies_that_drip_do_not_hold_up_the_others(server: Server) -> None:
    with server.connection() as first, server.connection() as second, server.connection() as third:
        for slow in (first, second, third):
            slow.sendall(a_request(server, GOOD)[: -len(GOOD)])
        for byte in GOOD[:5]:
            for slow in (first, second, third):
                slow.sendall(bytes([byte]))
            began = time.monotonic()
            assert server.is_well()
            assert time.monotonic() - began < 2


def test_6_1_52_who_hangs_up_before_the_answer_asks_again_under_the_same_key(server: Server) -> None:
    before, key = server.payments(), uuid.uuid4().hex
    with server.connection() as opened:
        opened.sendall(a_request(server, GOOD, key=key))
    ends = time.monotonic() + 10
    while server.payments() == before:
        assert time.monotonic() < ends, "what was sent whole is carried out"
        time.sleep(0.02)
    answer = server.say(a_request(server, GOOD, key=key))
    assert answer.startswith(b"HTTP/1.1 201")
    assert b"Idempotent-Replayed: true" in answer
    assert server.payments() == before + 1


@pytest.mark.parametrize("request_", [
    pytest.param(b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 65_536 + b"\r\n\r\n", id="6.1-53-header-of-64-kB"),
    pytest.param(b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + b"\r\n",
                 id="6.1-53-1000-headers"),
    pytest.param(b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="6.1-48-long-path"),
    pytest.param(b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n", id="version"),
    pytest.param(b"GET  /livez  HTTP/1.1\r\nHost: x\r\n\r\n", id="blanks"),
    pytest.param(b"GET /livez\r\n\r\n", id="http-0.9"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n", id="tls-hello"),
    pytest.param(b"\x00" * 1000 + b"\r\n\r\n", id="nul-bytes"),
    pytest.param(b"POST /payments HTTP/1.1\r\nHost: x\r\nX : y\r\nContent-Length: 0\r\n\r\n", id="blank-before-colon"),
    pytest.param(b"POST /payments HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", id="folded-header"),
    pytest.param(b"POST /payments HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n", id="nul-in-header"),
    pytest.param(b"GET http://evil.example/accounts/0110000001/owed HTTP/1.1\r\nHost: x\r\n\r\n", id="absolute-form"),
    pytest.param(b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", id="connect"),
])  # fmt: skip
def test_what_is_no_sound_http_is_refused_and_the_next_one_served(server: Server, request_: bytes) -> None:
    refused(server, request_, seconds=1.5)


def test_6_1_34_two_key_headers_over_the_socket_are_refused(server: Server) -> None:
    answer = refused(server, a_request(server, GOOD, more=b"Idempotency-Key: another\r\n"))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Idempotency-Key" in answer

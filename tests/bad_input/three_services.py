"""The three services on databases of their own, asked byte by byte, with a look at all their tables."""

from __future__ import annotations

import importlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from shared.chassis.auth import make_keys, service_token, staff_token
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from tests.bank_gateway.fake_payments import FakePayments
from tests.support.bills import issue, open_home

H, K, UNPAID_FEN = "0110000001", "0110000002", 233038
CLERK = ("supervisor", "clerk", "cashier", "finance", "security_admin", "system_admin")
"""All hands: what is wrong must be refused to somebody who may do everything."""


@dataclass
class Answer:
    status: int
    body: Any
    raw: bytes
    headers: Mapping[str, str]
    seconds: float

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    def places(self) -> str:
        """Every place that the refusal names."""
        facts = self.body.get("facts") or {}
        return " ".join([str(facts.get("place", "")), *(error["place"] for error in self.body.get("errors", []))])


@dataclass
class Services:
    """``services.ask("payments", "POST", "/payments", body)``: a dict goes as JSON, bytes as they are."""

    runtimes: dict[str, Runtime]
    clock: Path
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    _looks: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for service, runtime in self.runtimes.items():
            web = importlib.import_module(f"services.{service}.bootstrap").web
            more = (FakePayments(),) if service == "bank_gateway" else ()
            self.clients[service] = web(runtime, *more).test_client()

    def token(self, *roles: str, login: str = "zhang") -> str:
        return staff_token(self.runtimes["payments"].keys, login=login, person=login, roles=roles or CLERK,
                           signed_in_at=int(time.time()))  # fmt: skip

    def of_service(self, name: str, audience: str, body: bytes = b"") -> str:
        return service_token(self.runtimes["payments"].keys, service=name, audience=audience, body=body)

    def ask(self, service: str, method: str, path: str, body: Any = None, *, key: str | None = "",
            headers: Mapping[str, str] | None = None, environ: Mapping[str, Any] | None = None,
            token: str | None = "") -> Answer:  # fmt: skip
        """``key`` "" is a fresh one and None none; ``token`` "" is that of somebody who may do everything."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if key is not None:
            sent["Idempotency-Key"] = key or uuid.uuid4().hex
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.token()}"
        sent.update(headers or {})
        began = time.perf_counter()
        answer = self.clients[service].open(path, method=method, data=raw, headers=sent, environ_overrides=environ)
        seconds = time.perf_counter() - began
        try:
            content = json.loads(answer.data)
        except ValueError:
            content = None
        return Answer(answer.status_code, content, answer.data, answer.headers, seconds)

    def content(self) -> dict[str, str]:
        """A hash of every row of every table: equal hashes mean that nothing was written anywhere."""
        hashes = {}
        for service, runtime in self.runtimes.items():
            with transaction(runtime.engine) as cursor:
                if service not in self._looks:
                    tables = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                    self._looks[service] = b" UNION ALL ".join(
                        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t".encode()
                        for (table,) in tables
                    )
                for table, hash_ in cursor.execute(self._looks[service]).fetchall():
                    hashes[f"{service}.{table}"] = hash_
        return hashes

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        before = self.content()
        yield
        after = self.content()
        assert {table for table in before if before[table] != after[table]} == set()

    def refuses(self, *question: Any, statuses: tuple[int, ...] = (400, 422), code: str = "", **how: Any) -> Answer:
        """Asks, and sees a clear refusal: a problem with code, words and remedy, soon, and nothing written."""
        with self.nothing_changes():
            answer = self.ask(*question, **how)
        assert answer.status in statuses, (answer.status, answer.raw[:300])
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert {"type", "title", "status", "code", "detail", "request_id"} <= set(answer.body)
        assert answer.body["status"] == answer.status
        assert answer.body["request_id"] == answer.headers["X-Request-Id"]
        assert not code or answer.code == code, answer.body
        assert answer.seconds < 2
        assert len(answer.raw) < 100_000
        return answer


def bill_paid_later(runtime: Runtime) -> None:
    """Two homes; the first owes 2330.38."""
    open_home(runtime, H, K)
    issue(runtime, H, UNPAID_FEN)
    issue(runtime, K, UNPAID_FEN)


@contextmanager
def running(urls: dict[str, str], folder: Path, *, day: date) -> Iterator[Services]:
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(day.isoformat())
    runtimes = {
        service: start(Settings(
            service=service, database_url=urls[service], bus_url="memory://", keys_folder=folder / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test", story_clock=folder / "clock",
            work_folder=folder / "work" / service,
        ))
        for service in SERVICES
    }  # fmt: skip
    try:
        bill_paid_later(runtimes["payments"])
        yield Services(runtimes, folder / "clock")
    finally:
        for runtime in runtimes.values():
            runtime.engine.dispose()


def a_payment(amount: Any = "1.00", *, account_no: Any = H, channel: Any = "pos", **more: Any) -> dict[str, Any]:
    return {"payments": [{"account_no": account_no, "amount": amount, "channel": channel, **more}]}

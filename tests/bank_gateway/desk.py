"""A bank desk for tests: the gateway's web half on a real database, with payments in memory."""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.bank_gateway.bootstrap import web
from services.bank_gateway.errands import Errands
from shared.chassis.auth import staff_token
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from tests.bank_gateway.fake_payments import FakePayments

MERCHANT = "808080201304412"
CHINAPAY = {"profile": "chinapay", "parameters": {"merchant": MERCHANT}, "bank_code": "0102"}


class Refused(Exception):
    """The gateway said no: ``code``, ``status`` and ``facts`` of its problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(json.dumps(problem, ensure_ascii=False))
        self.code, self.status, self.facts = problem["code"], problem["status"], problem.get("facts", {})
        self.errors = problem.get("errors", [])


class Desk:
    def __init__(self, runtime: Runtime, payments: FakePayments) -> None:
        self.runtime, self.payments = runtime, payments
        app = web(runtime, payments)
        self.errands: Errands = app.extensions["errands"]
        self.http: FlaskClient = app.test_client()
        self.caller = Caller("staff:test")

    @property
    def folder(self) -> Path:
        return self.errands.outside.folder.root

    def headers(self, *roles: str, key: str | None = None) -> dict[str, str]:
        token = staff_token(self.runtime.keys, login="wang", person="王芳", roles=roles or ("supervisor",),
                            signed_in_at=int(time.time()))  # fmt: skip
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid.uuid4().hex}

    def post(self, path: str, body: Any, *, key: str | None = None, roles: tuple[str, ...] = ()) -> Any:
        return answered(self.http.post(path, json=body, headers=self.headers(*roles, key=key)))

    def get(self, path: str, *, roles: tuple[str, ...] = (), **query: Any) -> Any:
        return answered(self.http.get(path, query_string=query, headers=self.headers(*roles)))

    def upload(self, path: str, name: str, content: bytes, /, *, key: str | None = None, **fields: str) -> Any:
        data = {**fields, "file": (io.BytesIO(content), name)}
        return answered(self.http.post(path, data=data, headers=self.headers(key=key)))

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with transaction(self.runtime.engine) as cursor:
            return cursor.execute(sql, values).fetchall()

    def told(self) -> list[dict[str, Any]]:
        """The events that wait in the outbox, in order."""
        rows = self.rows("SELECT type, body FROM outbox ORDER BY seq")
        return [{"type": type_, **json.loads(body)} for type_, body in rows]

    def results_told(self) -> list[dict[str, Any]]:
        return [item for event in self.told() if event["type"] == "DebitsReturned" for item in event["items"]]

    def declare(self, code: str = "ICBC", *, name: str = "工商银行", **more: Any) -> Any:
        return self.post("/banks", {"code": code, "name": name, "profile": "reference", "parameters": {}, **more})

    def agree(self, *account_nos: str, bank: str = "ICBC", holder: str = "王芳") -> Any:
        return self.post("/mandates", {"mandates": [
            {"account_no": number, "bank": bank, "bank_account": f"629917{number}123", "holder": holder, "id_no": "210103195004029975"}
            for number in account_nos
        ]})  # fmt: skip

    def collecting(
        self, owes: Mapping[str, int], *, bank: str = "ICBC", hand_over: bool = True, **declared: Any
    ) -> Any:
        """A bank, its customers who owe that, and a batch over them."""
        self.declare(bank, **declared)
        self.payments.owes.update(owes)
        self.agree(*owes, bank=bank)
        return self.post("/batches", {"bank": bank, "hand_over": hand_over})

    def file(self, batch_no: int) -> tuple[str, bytes]:
        answer = self.http.get(f"/batches/{batch_no}/file", headers=self.headers())
        if answer.status_code != 200:
            raise Refused(answer.json or {})
        return answer.headers["X-File-Name"], answer.data

    def reference_result(self, batch_no: int, outcomes: Mapping[str, str] | None = None,
                         collected: Mapping[str, str] | None = None) -> tuple[str, bytes]:  # fmt: skip
        """Name and bytes of a result in our own layout: ``ok`` unless ``outcomes`` says otherwise for an account."""
        name, sent = self.file(batch_no)
        outcomes, collected = outcomes or {}, collected or {}
        lines, total = [], 0
        for line in sent.decode().splitlines()[1:]:
            key, account_no, bank_account, _, amount, _ = line.split("|")
            outcome = outcomes.get(account_no, "ok")
            took = collected.get(account_no, amount if outcome == "ok" else "0.00")
            lines.append(f"{key}|{account_no}|{bank_account}|{amount}|{took}|{outcome}")
            total += int(amount.replace(".", ""))
        lines.append(f"{len(lines)}|{total // 100}.{total % 100:02d}")
        return name.replace("_S.txt", "_R.txt"), ("\n".join(lines) + "\n").encode()


def answered(answer: TestResponse) -> Any:
    if answer.status_code >= 400:
        raise Refused(answer.json or {"code": "none", "status": answer.status_code})
    return answer.json

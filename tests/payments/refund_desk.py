"""Refunds as the people at a desk do them: asked for by one, agreed to by another, sent by finance."""

from __future__ import annotations

import json
import time
import uuid
from datetime import date
from typing import Any

from services.payments.bootstrap import web
from shared.chassis.auth import service_token, staff_token
from shared.chassis.service_client import ServiceAway
from tests.payments.till import Till
from tests.support.bills import correct, correction

EMPTY: dict[str, Any] = {}


class FakeAccounts:
    """Answers ``GET /refund-rules``; ``away`` True: it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.rules: dict[str, Any] = {
            "route": "ORIGINAL_CHANNEL", "due_on": "2026-04-30", "choice_closed_for": None,
            "season_begins_on": "2025-11-01",
            "limits": [{"role": "clerk", "limit": "100.00"}, {"role": "supervisor", "limit": "2000.00"},
                       {"role": "finance", "limit": None}],
        }  # fmt: skip

    def get(self, path: str, **query: Any) -> Any:
        assert path == "/refund-rules"
        if self.away:
            raise ServiceAway("accounts does not answer")
        return self.rules


class RefundDesk:
    """``zhang`` asks, ``li`` agrees; each in the roles that the call names."""

    def __init__(self, till: Till) -> None:
        self.till, self.accounts = till, FakeAccounts()
        self.client = web(till.runtime, self.accounts).test_client()

    def post(self, path: str, body: Any, *, who: str = "zhang", roles: tuple[str, ...] = ("finance",),
             key: str | None = "") -> tuple[int, Any]:  # fmt: skip
        text = json.dumps(body).encode()
        if who.startswith("service:"):
            token = service_token(
                self.till.runtime.keys, service=who.removeprefix("service:"), audience="payments", body=text
            )
        else:
            token = self.token(roles, who=who)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        answer = self.client.post(path, headers=headers, data=text)
        return answer.status_code, answer.get_json(force=True)

    def token(self, roles: tuple[str, ...], *, who: str = "zhang") -> str:
        return staff_token(self.till.runtime.keys, login=who, person=who, roles=roles, signed_in_at=int(time.time()))

    def get(self, path: str, *, roles: tuple[str, ...] = ("finance",), **query: Any) -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.token(roles)}"}, query_string=query)
        assert answer.status_code == 200, answer.get_json(force=True)
        return answer.get_json()

    def request(self, account_no: str, amount: str | None = None, **more: Any) -> tuple[int, Any]:
        asked = {"account_no": account_no, **({"amount": amount} if amount else {}), **more}
        return self.post("/refunds", {"refunds": [asked], "reason": "退多交款"})

    def requested(self, account_no: str, amount: str | None = None, **more: Any) -> Any:
        status, order = self.request(account_no, amount, **more)
        assert status == 201, order
        return order

    def decide(self, order: Any, verb: str = "approve", *, who: str = "li", roles: tuple[str, ...] = ("finance",),
               content_hash: str | None = None) -> tuple[int, Any]:  # fmt: skip
        body = {"verb": verb, "content_hash": content_hash or order["content_hash"]}
        return self.post(f"/refund-orders/{order['order_id']}/decisions", body, who=who, roles=roles)

    def approved(self, account_no: str, amount: str | None = None, **more: Any) -> list[int]:
        """The numbers of the refunds of an approved order."""
        order = self.requested(account_no, amount, **more)
        status, answer = self.decide(order)
        assert (status, answer["state"]) == (200, "approved"), answer
        return [refund["refund_id"] for refund in order["refunds"]]

    def send(self, *refund_ids: int, roles: tuple[str, ...] = ("finance", "cashier")) -> tuple[int, Any]:
        return self.post("/refunds/payouts", {"refunds": list(refund_ids)}, roles=roles)

    def result(self, refund_id: int, outcome: str, remark: str | None = None) -> tuple[int, Any]:
        told = {"refund_id": refund_id, "outcome": outcome, **({"remark": remark} if remark else {})}
        return self.post("/refunds/results", {"results": [told]})

    def states(self, **which: Any) -> list[str]:
        return [refund["state"] for refund in self.get("/refunds", **which)["refunds"]]

    def run(self, season: str = "2025-2026") -> Any:
        """A refund run of the season, with its list complete."""
        status, run = self.post("/refund-runs", {"season": season, "reason": "采暖季退费"})
        assert status == 201, run
        while not run.get("complete"):
            status, run = self.post(f"/refund-runs/{run['order_id']}/pages", EMPTY)
            assert status == 200, run
        return run

    def carry_out(self, run: Any) -> tuple[int, Any]:
        return self.post(f"/refund-runs/{run['order_id']}/carry-out", EMPTY)


def paid_and_owed_back(till: Till, amount: str = "46.30", *, channel: str = "wechat", season: int = 2025,
                       day: date = date(2026, 4, 1)) -> str:  # fmt: skip
    """A home that paid its season and is owed so much of it back, as credit."""
    home = till.home()
    bill_no = till.bill(home, season=season)
    till.pay(home, till.owes(home), channel)
    fen = int(amount.replace(".", ""))
    correct(till.runtime, correction(home, bill_no, -fen, posted_on=day, season=season, kind="credit_note"))
    return home

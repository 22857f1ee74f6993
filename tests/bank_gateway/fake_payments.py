"""Payments as the gateway sees it over HTTP, in memory: the same paths, bodies, answers and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.chassis.service_client import PassedOn, ServiceAway
from shared.kernel.money import format_yuan, parse_yuan

PAGE = 5000


@dataclass
class FakePayments:
    """``owes`` is what accounts owe on any day, in fen; an account that is not there is unknown."""

    owes: dict[str, int] = field(default_factory=dict)
    held: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    book: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    away: bool = False
    after: Callable[[str], None] = lambda path: None
    """Called when a request has been carried out, before its answer is given."""

    _answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Any:
        self._reached(path, query)
        if path == "/bank-book":
            lines = self.book.get((query["partner"], query["day"]), [])
            page = [line for line in lines if line["payment_id"] > query["after"]][:PAGE]
            return {"lines": page, "next": page[-1]["payment_id"] if len(page) == PAGE else None}
        account_no = path.split("/")[2]
        if account_no not in self.owes:
            raise _refused("unknown_account", 404, account_no=account_no)
        held = self.held.get(account_no)
        return {"account_no": account_no, "day": query["day"], "in_bank_collection": held[0] if held else None,
                "credit": "0.00", "payers": [{"payer": "self", "total": format_yuan(self.owes[account_no])}]}  # fmt: skip

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        self._reached(path, body)
        if key is None or len(key) > 255:
            raise _refused("invalid_input", 400, place="Idempotency-Key")
        known = self._answers.get(key)
        if known is not None:
            if known[0] != (path, body):
                raise _refused("idempotency_key_reused", 422, key=key)
            return known[1]
        answer = {"/debit-claims": self._claim, "/debit-claims/releases": self._release, "/payments": self._pay}[path](
            body
        )
        self._answers[key] = ((path, body), answer)
        self.after(path)
        return answer

    def _reached(self, path: str, what: Any) -> None:
        if self.away:
            raise ServiceAway("payments does not answer")
        self.asked.append((path, what))

    def _claim(self, body: dict[str, Any]) -> dict[str, Any]:
        claimed, passed_over = [], []
        for item in body["items"]:
            account_no = item["account_no"]
            reason = (
                "unknown_account" if account_no not in self.owes
                else "in_bank_collection" if account_no in self.held
                else "nothing_owed" if self.owes[account_no] <= 0
                else None
            )  # fmt: skip
            if reason:
                passed_over.append({**item, "reason": reason})
                continue
            self.held[account_no] = (body["bank"], body["batch_no"], item["item_no"])
            claimed.append({**item, "amount": format_yuan(self.owes[account_no])})
        return {"claimed": claimed, "passed_over": passed_over}

    def _release(self, body: dict[str, Any]) -> dict[str, Any]:
        gone = [a for a, held in self.held.items() if held[1] == body["batch_no"] and held[2] in set(body["item_nos"])]
        return {"released": sorted(self.held.pop(account_no)[2] for account_no in gone)}

    def _pay(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"payments": [self._pay_one(payment) for payment in body["payments"]]}

    def _pay_one(self, payment: dict[str, Any]) -> dict[str, Any]:
        place = (payment["partner"], payment["received_on"])
        used = {line["serial"] for (partner, _), lines in self.book.items() for line in lines if partner == place[0]}
        if payment["serial"] in used | {paid["serial"] for paid in self.taken}:
            raise _refused("duplicate_serial", 409, serial=payment["serial"])
        if payment["account_no"] in self.held:
            raise _refused("in_bank_collection", 409, account_no=payment["account_no"])
        number = 900_000 + len(self.taken)
        self.taken.append(payment)
        self.owes[payment["account_no"]] -= parse_yuan(payment["amount"])
        self.book.setdefault(place, []).append({
            "payment_id": number, "serial": payment["serial"], "account_no": payment["account_no"], "amount": payment["amount"],
        })  # fmt: skip
        return {"payment_id": number, **payment}


def _refused(code: str, status: int, **facts: Any) -> PassedOn:
    return PassedOn({"code": code, "detail": code.replace("_", " "), "facts": facts}, status)

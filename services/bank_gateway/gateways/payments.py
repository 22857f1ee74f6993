"""What the gateway asks of payments. Every request that changes something carries a key made from our own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple, Protocol

from services.bank_gateway.domain.day_book import BookRow
from shared.chassis.service_client import PassedOn, ServiceAway
from shared.chassis.unit_of_work import Busy
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan

ACCOUNT_DIGITS = 10


class Client(Protocol):
    """A signed client of one service (`shared.chassis.service_client.ServiceClient`)."""

    def get(self, path: str, **query: Any) -> Any: ...

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any: ...


class PaymentsBusy(Refusal):
    code = "service_away"
    status = 503
    remedy: ClassVar[str] = "Nothing is lost; it goes on by itself, or send it again in a moment."


class Claims(NamedTuple):
    """``claimed``: item number and fen; ``passed_over``: item number, account, reason."""

    claimed: list[tuple[int, int]]
    passed_over: list[tuple[int, str, str]]


class Owing(NamedTuple):
    """What a household owes on a day, and the bank that is collecting from it."""

    total_fen: int
    held_by: str | None


class Payments:
    def __init__(self, client: Client) -> None:
        self._client = client

    def claim(self, *, bank: str, batch_no: int, page: int, as_of: date, items: Sequence[tuple[int, str]]) -> Claims:
        """Hold what can be debited. The same page asked again gives the same answer and holds nothing twice."""
        body = {
            "bank": bank, "batch_no": batch_no, "as_of": as_of.isoformat(),
            "items": [{"item_no": item_no, "account_no": account_no} for item_no, account_no in items],
        }  # fmt: skip
        answer = self._post("/debit-claims", body, key=f"debit-claim-{batch_no}-{page}")
        return Claims(
            [(item["item_no"], _fen(item["amount"])) for item in answer["claimed"]],
            [(item["item_no"], item["account_no"], item["reason"]) for item in answer["passed_over"]],
        )

    def release(self, *, release_no: int, batch_no: int, item_nos: Sequence[int]) -> None:
        """Give claims back. What is not held any more is passed over."""
        body = {"batch_no": batch_no, "item_nos": list(item_nos)}
        self._post("/debit-claims/releases", body, key=f"debit-release-{release_no}")

    def bank_book(self, *, bank: str, day: date) -> Iterator[list[BookRow]]:
        """Our book of a bank's day, a page at a time."""
        after: int | None = 0
        while after is not None:
            page = self._client.get("/bank-book", partner=bank, day=day.isoformat(), after=after)
            if page["lines"]:
                yield [
                    BookRow(line["serial"] or "", line["account_no"], _fen(line["amount"]), day, line["payment_id"])
                    for line in page["lines"]
                ]
            after = page["next"]

    def owing(self, account_no: str, *, day: date) -> Owing | None:
        """What settles the household's debts through a bank on ``day``; ``None`` for an account nobody knows."""
        if len(account_no) != ACCOUNT_DIGITS or not account_no.isascii() or not account_no.isdigit():
            return None
        try:
            answer = self._client.get(f"/accounts/{account_no}/owed", day=day.isoformat(), payer="self", channel="bank")
        except PassedOn as refusal:
            if refusal.code == "unknown_account":
                return None
            raise
        return Owing(_fen(answer["payers"][0]["total"]), answer["in_bank_collection"])

    def receive(self, money: Sequence[tuple[str, str, str, int, date]], *, key: str) -> list[int]:
        """Money that banks have and our books have not: all of the list, or nothing; the payments' numbers in its order.

        Each is bank, serial, account, fen, and the bank's day, as of which it is posted. Refuses what payments refuses:
        `duplicate_serial`, `in_bank_collection` …
        """
        payments = [
            {"account_no": account_no, "amount": format_yuan(amount_fen), "channel": "bank",
             "received_on": day.isoformat(), "partner": bank, "serial": serial}
            for bank, serial, account_no, amount_fen, day in money
        ]  # fmt: skip
        answer = self._post("/payments", {"payments": payments}, key=key)
        return [int(payment["payment_id"]) for payment in answer["payments"]]

    def _post(self, path: str, body: dict[str, Any], *, key: str) -> Any:
        try:
            return self._client.post(path, body, key=key)
        except PassedOn as refusal:
            if refusal.code == Busy.code:
                raise PaymentsBusy("payments is busy with some of these accounts") from refusal
            raise


OUT_OF_REACH = (ServiceAway, PaymentsBusy)
"""Payments does not answer now: what is to be done stays to be done."""


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))

"""What tests of the lifecycle share: homes in one service, and a payments service that says what it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shared.chassis.runtime import Runtime
from shared.chassis.service_client import ServiceAway
from shared.messages.accounts import BillsCorrected, CorrectedBill
from tests.accounts.billing_steps import bill, open_homes
from tests.accounts.conftest import AccountsService, a_home

NUMBERS = itertools.count(1)


class FakePayments:
    """Answers ``POST /owed``: nothing is overdue, unless `owing` says so; ``away`` True: it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.refund_orders: list[dict[str, Any]] = []
        self._owing: dict[str, list[dict[str, Any]]] = {}
        self._held: dict[str, str] = {}
        self._open: dict[str, list[dict[str, str]]] = {}

    def owing(self, account_no: str, overdue: str, *, since: str = "2025-12-31", payer: str = "self") -> None:
        self._owing.setdefault(account_no, []).append({"payer": payer, "overdue": overdue, "overdue_since": since})

    def not_paid(self, account_no: str, season: str, principal: str) -> None:
        """Of a season the household has this open, due or not."""
        self._open.setdefault(account_no, []).append({"season": season, "principal": principal})

    def held(self, account_no: str, bank: str) -> None:
        self._held[account_no] = bank

    def paid(self, account_no: str) -> None:
        self._owing.pop(account_no, None)
        self._open.pop(account_no, None)

    def get(self, path: str, **query: Any) -> Any:
        if self.away:
            raise ServiceAway("payments does not answer")
        return {"orders": self.refund_orders if query["state"] == "requested" else [], "next": None}

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        if self.away:
            raise ServiceAway("payments does not answer")
        household = [{"payer": "self", "overdue": "0.00", "overdue_since": None}]
        return [
            {"account_no": number, "in_bank_collection": self._held.get(number),
             "payers": [{**each, "seasons": self._open.get(number, []) if each["payer"] == "self" else []}
                        for each in self._owing.get(number, household)]}
            for number in body["account_nos"]
        ]  # fmt: skip


class Desk(AccountsService):
    """``desk.do("suspensions", …)`` asks as a supervisor and expects to be done; ``desk.refused`` the code."""

    def __init__(self, runtime: Runtime, clock: Path) -> None:
        self.payments = FakePayments()
        super().__init__(runtime, clock, self.payments)

    def home(self, **given: Any) -> str:
        (account_no,) = open_homes(self, a_home(next(NUMBERS), **given))
        return account_no

    def billed_home(self, *seasons: str, **given: Any) -> str:
        account_no = self.home(**given)
        for season in seasons or ("2025-2026",):
            bill(self, account_no, season=season)
        return account_no

    def do(self, verb: str, *, preview: bool = False, **asked: Any) -> list[dict[str, Any]]:
        status, answer = self.post(f"/accounts/{verb}", self._asked(verb, preview=preview, **asked))
        assert status == (200 if preview else 201), answer
        return list(answer["accounts"])

    def refused(self, verb: str, **asked: Any) -> str:
        """The code of the refusal; nothing may have changed."""
        before = self.content()
        status, answer = self.post(f"/accounts/{verb}", self._asked(verb, **asked))
        assert status >= 400, answer
        assert self.content() == before
        return str(answer["code"])

    def _asked(self, verb: str, **asked: Any) -> dict[str, Any]:
        return asked if verb == "notices" else {"reason": "on application", **asked}

    def state(self, account_no: str) -> str:
        return str(self.get(f"/accounts/{account_no}/state")[1]["state"])

    def billed(self, account_no: str, season: str = "2025-2026") -> list[str]:
        """What is billed of the season after its corrections, by payer."""
        bills = self.get(f"/accounts/{account_no}/bills?season={season}")[1]["bills"]
        return [each["amount"] for each in bills]

    def corrections(self, account_no: str) -> list[CorrectedBill]:
        return [item for event in self.events() if isinstance(event, BillsCorrected) for item in event.items
                if item.account_no == account_no]  # fmt: skip


def amounts(corrections: Sequence[CorrectedBill]) -> list[tuple[int, int, bool, date]]:
    return [(each.season, each.amount_fen, each.suspended, each.due_on) for each in corrections]

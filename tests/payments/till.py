"""A cashier's till on the books of payments, for tests that say what happens in yuan and days."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from services.payments.domain.reversal import Reversal
from services.payments.domain.waiver_request import AskedWaiver
from services.payments.queries.completeness import completeness
from services.payments.queries.owed_today import owed_on
from services.payments.queries.statement import statement
from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.claim_debits import ClaimDebits, claim_debits
from services.payments.use_cases.decide_waivers import DecideWaivers, decide_waivers
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.post_debits import post_debits
from services.payments.use_cases.release_debits import ReleaseDebits, release_debits
from services.payments.use_cases.request_waivers import RequestWaivers, request_waivers
from services.payments.use_cases.reverse import Reverse, reverse
from services.payments.use_cases.revoke_waivers import RevokeWaivers, revoke_waivers
from services.payments.use_cases.take_over_prepayments import take_over_prepayments
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.kernel.money import parse_yuan
from shared.kernel.two_people import Person
from shared.messages.accounts import SELF, CarriedOverPrepayment, PrepaymentsCarriedOver
from shared.messages.bank_gateway import DebitResult, DebitsReturned
from tests.support.bills import ACCOUNTS, issue, open_home

CASHIER = Caller("staff:zhang")
GATEWAY = Caller("service:bank_gateway")
IN_WINDOW, NO_WINDOW, DUE, LATE = date(2025, 9, 10), date(2025, 10, 20), date(2025, 12, 31), date(2026, 1, 20)
FEE = "2330.38"
"""89.63 m² at 26.00: the reference home's season."""

NUMBERS = itertools.count(120000001)
BATCHES = itertools.count(1)


class Till:
    """Amounts are text in yuan, as people say them. ``runtime`` may hold homes of other tests: take a `home` each."""

    def __init__(self, runtime: Runtime, clock: Path, day: date = NO_WINDOW) -> None:
        self.runtime, self._clock = runtime, clock
        self.on_day(day)

    def on_day(self, day: date) -> None:
        self._clock.write_text(day.isoformat())

    def home(self) -> str:
        return self.homes(1)[0]

    def homes(self, count: int) -> list[str]:
        numbers = [f"{next(NUMBERS):010d}" for _ in range(count)]
        open_home(self.runtime, *numbers)
        return numbers

    def bill(self, account_no: str, amount: str = FEE, **words: Any) -> int:
        return issue(self.runtime, account_no, parse_yuan(amount), **words)

    def new_payment(self, account_no: str, amount: str, channel: str = "pos", **words: Any) -> NewPayment:
        return NewPayment(account_no, parse_yuan(amount), channel, **words)

    def pay(self, account_no: str, amount: str, channel: str = "pos", **words: Any) -> dict[str, Any]:
        return self.pay_all(self.new_payment(account_no, amount, channel, **words))[0]

    def pay_all(self, *payments: NewPayment) -> list[dict[str, Any]]:
        answer = self.runtime.commands.run(pay, Pay(payments), caller=CASHIER)
        told: list[dict[str, Any]] = json.loads(answer.body)["payments"]
        return told

    def take_back(self, *payment_ids: int, in_hall: bool = False, reason: str = "wrong home") -> list[dict[str, Any]]:
        command = Reverse(tuple(Reversal(payment_id, reason, in_hall=in_hall) for payment_id in payment_ids))
        told: list[dict[str, Any]] = json.loads(self.runtime.commands.run(reverse, command, caller=CASHIER).body)[
            "reversals"
        ]
        return told

    def claim(self, *account_nos: str, as_of: date | None = None, batch_no: int | None = None) -> dict[str, Any]:
        """The bank is to collect from these homes, items 1, 2, …; the answer and ``batch_no``."""
        batch_no = batch_no or next(BATCHES)
        command = ClaimDebits("icbc", batch_no, as_of or self.today, tuple(enumerate(account_nos, start=1)))
        answer: dict[str, Any] = json.loads(self.runtime.commands.run(claim_debits, command, caller=GATEWAY).body)
        return {**answer, "batch_no": batch_no}

    def release(self, batch_no: int, *item_nos: int) -> list[int]:
        command = ReleaseDebits(batch_no, item_nos)
        released: list[int] = json.loads(self.runtime.commands.run(release_debits, command, caller=GATEWAY).body)[
            "released"
        ]
        return released

    def returned(self, batch_no: int, *results: tuple[str, int, str], as_of: date | None = None) -> None:
        """The bank's word: ``(account_no, item_no, what it collected)``; ``"0.00"`` is a failure."""
        items = tuple(
            DebitResult(account_no, item_no, parse_yuan(amount), "ok" if amount != "0.00" else "insufficient")
            for account_no, item_no, amount in results
        )
        event = DebitsReturned("icbc", batch_no, as_of or self.today, items)
        self.runtime.commands.run(post_debits, event, caller=GATEWAY)

    def take_over(self, account_no: str, amount: str, received_on: date) -> None:
        event = PrepaymentsCarriedOver((CarriedOverPrepayment(account_no, parse_yuan(amount), received_on),))
        self.runtime.commands.run(take_over_prepayments, event, caller=ACCOUNTS)

    def waive(self, account_no: str, mode: str, **value: Any) -> int:
        """A late fee that the one asks to be waived and the other agrees to; the number of the waiver."""
        command = RequestWaivers((AskedWaiver(account_no, mode, **value),), "ill", Person("staff:zhang", "zhang", ()))
        asked = json.loads(self.runtime.commands.run(request_waivers, command, caller=CASHIER).body)
        checker = Person("staff:li", "li", ("supervisor",))
        decision = DecideWaivers(asked["request_id"], "approve", bytes.fromhex(asked["content_hash"]), checker)
        self.runtime.commands.run(decide_waivers, decision, caller=CASHIER)
        return int(asked["waivers"][0]["waiver_id"])

    def revoke(self, waiver_id: int) -> None:
        self.runtime.commands.run(revoke_waivers, RevokeWaivers((waiver_id,), "wrong home"), caller=CASHIER)

    @property
    def today(self) -> date:
        return self.runtime.clock.today()

    def owed(self, account_no: str, *, day: date | None = None, payer: str = SELF,
             through: str | None = None) -> dict[str, Any]:  # fmt: skip
        with self.runtime.commands.reading() as work:
            answer: dict[str, Any] = owed_on(work, [account_no], day=day or work.today, payer=payer, through=through)[0]
            return answer

    def owes(self, account_no: str, *, day: date | None = None, payer: str = SELF, through: str | None = None) -> str:
        total: str = self.owed(account_no, day=day, payer=payer, through=through)["payers"][0]["total"]
        return total

    def credit(self, account_no: str) -> str:
        credit: str = self.owed(account_no)["credit"]
        return credit

    def has(self, account_no: str) -> tuple[str, str]:
        """What the household owes, and its credit."""
        return self.owes(account_no), self.credit(account_no)

    def statement(self, account_no: str) -> dict[str, Any]:
        with self.runtime.commands.reading() as work:
            return statement(work, account_no, day=work.today)

    def trial_balance(self) -> dict[str, Any]:
        with self.runtime.commands.reading() as work:
            return trial_balance(work)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The items of every event of this name that waits in the outbox, oldest first."""
        with self.runtime.commands.reading() as work:
            bodies = work.rows("SELECT body FROM outbox WHERE type = %s ORDER BY seq", (name,))
        return [item for (body,) in bodies for item in json.loads(body)["items"]]

    def assert_complete(self) -> None:
        """Every equation of money and of bills holds, and the books balance."""
        with self.runtime.commands.reading() as work:
            found, balance = completeness(work), trial_balance(work)
        assert found["complete"], found
        assert balance["balanced"], balance


MakeTill = Callable[..., Till]

"""A long walk of bills, payments, corrections and reversals: after every step the books agree, and nothing is lost.

What was billed less what was corrected is what is billed; no payment, in whatever order, ever makes a debt or a credit
that the sums do not tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from services.payments.domain.correction import CorrectionTooLarge
from services.payments.queries.completeness import completeness
from services.payments.queries.statement import statement
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import Reversal, Reverse, reverse
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.kernel.money import parse_yuan
from tests.support.bills import correct, correction, issue, open_home

CASHIER = Caller("staff:zhang")
STEPS = 30


class Walk:
    """``billed_fen`` is our own book: what each bill should come to."""

    def __init__(self, runtime: Runtime, account_no: str, seed: int) -> None:
        self.runtime, self.account_no, self.dice = runtime, account_no, random.Random(seed)
        self.day = date(2025, 8, 1)
        self.billed_fen: dict[int, int] = {}
        self.season_of: dict[int, int] = {}
        self.paid: list[int] = []
        open_home(runtime, account_no)

    def step(self) -> str:
        self.day += timedelta(days=self.dice.randint(0, 12))
        self.runtime.clock.path.write_text(self.day.isoformat())  # type: ignore[attr-defined]
        moves: list[Callable[[], str]] = [self.bill, self.pay, self.pay, self.raise_, self.lower, self.lower, self.note,
                                          self.take_back]  # fmt: skip
        return self.dice.choice(moves)()

    def bill(self) -> str:
        if len(self.billed_fen) >= 4:
            return self.pay()
        season = 2022 + len(self.billed_fen)
        amount = self.dice.randint(1, 250_000)
        due = self.day + timedelta(days=self.dice.randint(-40, 60))
        half = (amount // 2, due)
        parts = (
            (half, (amount - amount // 2, due + timedelta(days=20))) if self.dice.random() < 0.4 and amount > 1 else ()
        )
        number = issue(
            self.runtime, self.account_no, amount, season=season, due_on=due, posted_on=self.day, parts=parts
        )
        self.billed_fen[number], self.season_of[number] = amount, season
        return f"bill {amount}"

    def pay(self) -> str:
        channel = self.dice.choice(["pos", "cash", "wechat"])
        amount = self.dice.choice([self.dice.randint(1, 300_000), self._owed_fen() or 1])
        answer = self.runtime.commands.run(pay, Pay((NewPayment(self.account_no, amount, channel),)), caller=CASHIER)
        self.paid.append(json.loads(answer.body)["payments"][0]["payment_id"])
        return f"pay {amount} {channel}"

    def raise_(self) -> str:
        return self._correct(self.dice.randint(1, 60_000), "correction")

    def lower(self) -> str:
        return self._correct(-self.dice.randint(1, 150_000), "correction")

    def note(self) -> str:
        return self._correct(-self.dice.randint(1, 20_000), "credit_note")

    def _correct(self, amount_fen: int, kind: str) -> str:
        if not self.billed_fen:
            return self.bill()
        number = self.dice.choice(list(self.billed_fen))
        item = correction(self.account_no, number, amount_fen, posted_on=self.day, season=self.season_of[number], kind=kind,
                          suspended=self.dice.random() < 0.3)  # fmt: skip
        if self.billed_fen[number] + amount_fen < 0:
            with pytest.raises(CorrectionTooLarge):
                correct(self.runtime, item)
            return "too large"
        correct(self.runtime, item)
        self.billed_fen[number] += amount_fen
        return f"{kind} {amount_fen}"

    def take_back(self) -> str:
        if not self.paid:
            return self.pay()
        payment_id = self.paid.pop(self.dice.randrange(len(self.paid)))
        command = Reverse((Reversal(payment_id, "bounced", in_hall=True),))
        self.runtime.commands.run(reverse, command, caller=CASHIER)
        return f"take back {payment_id}"

    def _owed_fen(self) -> int:
        return parse_yuan(self._statement()["payers"][0]["total"])

    def _statement(self) -> dict[str, list[dict[str, str]]]:
        with self.runtime.commands.reading() as work:
            told: dict[str, list[dict[str, str]]] = statement(work, self.account_no, day=work.today)
            return told

    def agrees(self) -> None:
        with self.runtime.commands.reading() as work:
            found = completeness(work)
        assert found["complete"], found
        bills = {int(bill["bill_no"]): bill for bill in self._statement()["bills"]}
        assert {number: parse_yuan(bill["billed"]) for number, bill in bills.items()} == self.billed_fen


@pytest.mark.parametrize("seed", range(2))
def test_the_books_agree_after_every_step(make_runtime: Callable[..., Runtime], seed: int) -> None:
    runtime = make_runtime("payments", day=date(2025, 8, 1))
    walks = [Walk(runtime, f"01100001{number:02d}", 100 * seed + number) for number in range(4)]
    for number in range(STEPS):
        for walk in walks:
            done = walk.step()
            try:
                walk.agrees()
            except AssertionError as error:
                raise AssertionError(f"step {number} of seed {seed}: {done}") from error


def test_when_everything_is_taken_back_everything_is_open_again(make_runtime: Callable[..., Runtime]) -> None:
    runtime = make_runtime("payments", day=date(2025, 8, 1))
    walk = Walk(runtime, "0110000001", 7)
    for _ in range(STEPS):
        walk.step()
    while walk.paid:
        walk.take_back()
    walk.agrees()
    told = walk._statement()
    assert sum(parse_yuan(bill["open"]) for bill in told["bills"]) == sum(walk.billed_fen.values())
    assert told["credits"] == []

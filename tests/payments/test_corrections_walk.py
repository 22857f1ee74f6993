"""A long walk of bills, payments, corrections, refunds and reversals: after every step the books agree, and nothing is lost.

What was billed less what was corrected is what is billed; no payment, in whatever order, ever makes a debt or a credit
that the sums do not tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.payments.channels import CHANNELS
from services.payments.domain.correction import CorrectionTooLarge
from services.payments.domain.refund import ExceedsRefundable, NothingToRefund, RefundRules
from services.payments.domain.reversal import Reversal
from services.payments.queries.completeness import completeness
from services.payments.queries.statement import statement
from services.payments.storage.refunds import PaidBack
from services.payments.use_cases.decide_refund_order import DecideRefundOrder, decide_refund_order
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.pay_out_refunds import PayOutRefunds, pay_out_refunds
from services.payments.use_cases.record_refund_results import (
    RecordRefundResults,
    RefundResult,
    record_refund_results,
)
from services.payments.use_cases.request_refunds import AskedRefund, RequestRefunds, request_refunds
from services.payments.use_cases.reverse import Reverse, reverse
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.kernel.money import parse_yuan
from shared.kernel.two_people import ApprovalLimit, Person
from tests.support.bills import correct, correction, issue, open_home

CASHIER = Caller("staff:zhang")
STEPS = 30
ZHANG, LI = Person("staff:zhang", "zhang", ("finance",)), Person("staff:li", "li", ("finance",))
RULES = RefundRules("ORIGINAL_CHANNEL", (ApprovalLimit("finance", None),), date(2026, 4, 30))


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
                                          self.take_back, self.refund, self.refund]  # fmt: skip
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
        if self._went_back(payment_id):
            with pytest.raises(PaidBack):
                self.runtime.commands.run(reverse, command, caller=CASHIER)
            return f"{payment_id} went back"
        self.runtime.commands.run(reverse, command, caller=CASHIER)
        return f"take back {payment_id}"

    def refund(self) -> str:
        """Some of the credit goes back, as far as it goes: approved, sent, unknown, paid, failed or come back."""
        left_fen = sum(parse_yuan(credit["left"]) for credit in self._statement()["credits"])
        asked = AskedRefund(self.account_no, self.dice.choice([None, self.dice.randint(1, 50_000)]))
        command = RequestRefunds((asked,), "walk", ZHANG, rules_of=lambda _: RULES)
        if not left_fen or (asked.amount_fen or 0) > left_fen:
            with pytest.raises((NothingToRefund, ExceedsRefundable)):
                self.runtime.commands.run(request_refunds, command, caller=CASHIER)
            return "nothing to refund"
        order = json.loads(self.runtime.commands.run(request_refunds, command, caller=CASHIER).body)
        seen = bytes.fromhex(order["content_hash"])
        decision = DecideRefundOrder(order["order_id"], "approve", seen, LI, None, rules_of=lambda _: RULES)
        self.runtime.commands.run(decide_refund_order, decision, caller=CASHIER)
        ways: list[list[str]] = [[], ["failed"], ["sent"], ["sent", "unknown"], ["sent", "unknown", "failed"], ["sent", "paid"],
                                 ["sent", "paid", "came_back"]]  # fmt: skip
        for refund in order["refunds"]:
            self._follow(refund, self.dice.choice(ways))
        return f"refund {order['amount']}"

    def _follow(self, refund: dict[str, Any], way: list[str]) -> None:
        for what in way:
            if what == "sent":
                pay_out = PayOutRefunds((refund["refund_id"],), tuple(CHANNELS))
                self.runtime.commands.run(pay_out_refunds, pay_out, caller=CASHIER)
            elif refund["channel"] != "cash" or what == "came_back":
                results = RecordRefundResults((RefundResult(refund["refund_id"], what),))
                self.runtime.commands.run(record_refund_results, results, caller=CASHIER)
            if refund["channel"] == "cash" and what == "sent" and way[-1] != "came_back":
                return

    def _went_back(self, payment_id: int) -> bool:
        with self.runtime.commands.reading() as work:
            return bool(work.rows(
                "SELECT 1 FROM refunds r JOIN credits USING (credit_id) WHERE payment_id = %s"
                " AND r.state IN ('approved', 'paying', 'unknown', 'paid') LIMIT 1", (payment_id,)
            ))  # fmt: skip

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
    with runtime.commands.reading() as work:
        under_way = work.rows(
            "SELECT refund_id, state FROM refunds WHERE state IN ('approved', 'paying', 'unknown', 'paid')"
        )
    for refund_id, state in under_way:
        outcome = "came_back" if state == "paid" else "failed"
        command = RecordRefundResults((RefundResult(refund_id, outcome),))
        runtime.commands.run(record_refund_results, command, caller=CASHIER)
    while walk.paid:
        walk.take_back()
    walk.agrees()
    told = walk._statement()
    assert sum(parse_yuan(bill["open"]) for bill in told["bills"]) == sum(walk.billed_fen.values())
    assert told["credits"] == []

"""Whatever happens in whatever order, every fen is somewhere: a machine that bills, pays, claims, returns and takes back.

After every step the equations of money and of bills hold and the trial balance is zero; what a home owes and its credit are
what its statement says; and when all payments are taken back at the end, everything is as it was billed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.payments.domain.late_fee import nothing_open
from services.payments.storage.debts import debts_of_bills, open_debts
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan, parse_yuan
from tests.payments.till import IN_WINDOW, Till
from tests.support.bills import REFERENCE_TERMS

EMPLOYER = "employer:rail"
SEASONS = st.sampled_from([2023, 2024, 2025])
HOMES = st.integers(0, 2)
FEN = st.integers(1, 300000)
CHANNELS = st.sampled_from(["cash", "pos", "wechat", "transfer"])
TERMS = st.sampled_from([
    REFERENCE_TERMS,
    dataclasses.replace(REFERENCE_TERMS, allocation_within_season="LATE_FEE_FIRST"),
    dataclasses.replace(REFERENCE_TERMS, discount_requires_full_payment=False, late_fee_rounding="TRUNC"),
    dataclasses.replace(REFERENCE_TERMS, partial_payment_allowed=False, late_fee_base="WHOLE_FEE"),
    dataclasses.replace(REFERENCE_TERMS, late_fee_kind="ONE_OFF", cash_precision_fen=100),
])  # fmt: skip
WAIVED: dict[str, dict[str, Any]] = {
    "PERCENT": {"pct": Decimal(50)}, "DELTA": {"amount_fen": 700}, "FIXED": {"amount_fen": 0}, "NEW_START": {},
}  # fmt: skip
EXPECTED = {"in_bank_collection", "already_collected", "debt_outstanding", "partial_payment_refused", "not_this_payer"}


@contextmanager
def expected(*codes: str) -> Iterator[None]:
    """Refusals with these codes are answers; any other is a finding."""
    try:
        yield
    except Refusal as refusal:
        if refusal.code not in codes:
            raise


class Money(RuleBasedStateMachine):
    till: Till

    @initialize(terms=TERMS)
    def begin(self, terms: Any) -> None:
        self.terms = terms
        self.day = IN_WINDOW
        self.till.on_day(self.day)
        self.homes = self.till.homes(3)
        self.billed = {(home, payer): 0 for home in self.homes for payer in ("self", EMPLOYER)}
        self.live: dict[int, int] = {}
        self.claimed: dict[str, int] = {}
        self.waived: dict[str, int] = {}

    @rule(days=st.integers(1, 60))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.till.on_day(self.day)

    @rule(home=HOMES, fen=FEN, season=SEASONS, employer=st.integers(0, 3), halves=st.booleans())
    def bill(self, home: int, fen: int, season: int, employer: int, halves: bool) -> None:
        payer = EMPLOYER if employer == 0 else "self"
        due = self.day + timedelta(days=30)
        parts = ((fen // 2, due), (fen - fen // 2, due + timedelta(days=40))) if halves and fen > 1 else ((fen, due),)
        self.till.bill(self.homes[home], format_yuan(fen), season=season, payer=payer, posted_on=self.day, parts=parts,
                       terms=self.terms)  # fmt: skip
        self.billed[self.homes[home], payer] += fen

    @rule(home=HOMES, fen=FEN, channel=CHANNELS, employer=st.integers(0, 5), force=st.booleans(), late=st.integers(0, 20),
          season=st.sampled_from([None, None, 2024, 2025]))  # fmt: skip
    def pay(self, home: int, fen: int, channel: str, employer: int, force: bool, late: int, season: int | None) -> None:
        words: dict[str, Any] = {"payer": EMPLOYER} if employer == 0 else {}
        words |= {"force": "insists"} if force else {}
        words |= {"season": season} if season else {}
        words |= {"received_on": self.day - timedelta(days=late)} if late else {"outlet": "MACHINE"}
        self._take(self.homes[home], fen, channel, **words)

    @rule(home=HOMES, channel=CHANNELS)
    def pay_all_that_is_owed(self, home: int, channel: str) -> None:
        fen = parse_yuan(self.till.owes(self.homes[home], through=channel))
        if channel == "cash":
            step = self.terms.cash_precision_fen
            fen = (fen + step // 2) // step * step
        if fen:
            self._take(self.homes[home], fen, channel)

    def _take(self, home: str, fen: int, channel: str, **words: Any) -> None:
        with expected(*EXPECTED):
            self.live[self.till.pay(home, format_yuan(fen), channel, **words)["payment_id"]] = fen

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 100), more=st.booleans())
    def take_back(self, which: int, more: bool) -> None:
        payments = sorted(self.live)
        chosen = {payments[which % len(payments)], *([payments[(which + 1) % len(payments)]] if more else [])}
        with expected("in_bank_collection"):
            self.till.take_back(*chosen, in_hall=True)
            for payment_id in chosen:
                del self.live[payment_id]

    @rule(home=HOMES, fen=FEN, channel=CHANNELS)
    def pay_and_take_back_is_nothing(self, home: int, fen: int, channel: str) -> None:
        before = self._seen(self.homes[home])
        with expected(*EXPECTED):
            self.till.take_back(self.till.pay(self.homes[home], format_yuan(fen), channel)["payment_id"])
        assert self._seen(self.homes[home]) == before

    @rule(home=HOMES)
    def a_bank_claims(self, home: int) -> None:
        told = self.till.claim(self.homes[home])
        if told["claimed"]:
            self.claimed[self.homes[home]] = told["batch_no"]

    @precondition(lambda self: self.claimed)
    @rule(share=st.sampled_from([0, 50, 100, 130]))
    def a_bank_returns(self, share: int) -> None:
        home, batch_no = self.claimed.popitem()
        asked_fen = parse_yuan(self.till.owes(home, through="bank"))
        fen = asked_fen * share // 100
        self.till.returned(batch_no, (home, 1, format_yuan(fen)))
        if fen:
            [payment] = [p for p in self.till.statement(home)["payments"] if p["serial"] == f"{batch_no}/1"]
            self.live[payment["payment_id"]] = fen

    @precondition(lambda self: self.claimed)
    @rule()
    def a_claim_is_released(self) -> None:
        _, batch_no = self.claimed.popitem()
        assert self.till.release(batch_no, 1) == [1]

    @rule(home=HOMES, mode=st.sampled_from(sorted(WAIVED)), days=st.integers(0, 40))
    def a_late_fee_is_waived(self, home: int, mode: str, days: int) -> None:
        value = {"start_on": self.day} if mode == "NEW_START" else WAIVED[mode]
        owing = [each for each in self.homes if self.till.owes(each) != "0.00"] or self.homes
        chosen = owing[home % len(owing)]
        with expected("nothing_to_waive", "waiver_in_force"):
            self.waived[chosen] = self.till.waive(chosen, mode, until_on=self.day + timedelta(days=days), **value)

    @precondition(lambda self: self.waived)
    @rule()
    def a_waiver_is_revoked(self) -> None:
        _, number = self.waived.popitem()
        with expected("waiver_not_in_force"):
            self.till.revoke(number)

    def _seen(self, home: str) -> tuple[Any, ...]:
        told = self.till.statement(home)
        return self.till.owed(home), self.till.owed(home, payer=EMPLOYER), told["bills"], told["credits"]

    @invariant()
    def every_equation_holds(self) -> None:
        self.till.assert_complete()

    @invariant()
    def a_debt_is_closed_when_nothing_of_it_is_open_and_only_then(self) -> None:
        homes = getattr(self, "homes", [])
        with self.till.runtime.commands.reading() as work:
            bills = {
                row[0] for row in work.rows("SELECT bill_no FROM receivables WHERE account_no = ANY(%s)", (homes,))
            }
            debts = debts_of_bills(work, homes, bills)
            left = {(d.bill_no, d.payer) for of_home in open_debts(work, homes).values() for d in of_home}
        for debt in (debt for of_home in debts.values() for debt in of_home):
            assert ((debt.bill_no, debt.payer) not in left) == nothing_open(debt, self.day), debt

    @invariant()
    def the_statement_says_what_is_open_and_credited(self) -> None:
        for home in getattr(self, "homes", []):
            told = self.till.statement(home)
            for payer in ("self", EMPLOYER):
                bills = [bill for bill in told["bills"] if bill["payer"] == payer]
                open_fen = sum(parse_yuan(bill["open"]) for bill in bills)
                credit_fen = sum(parse_yuan(credit["left"]) for credit in told["credits"] if credit["payer"] == payer)
                lines = [line["balance"] for line in told["lines"] if line["payer"] == payer]
                balance_fen = parse_yuan(lines[-1], minimum_fen=-(10**12)) if lines else 0
                assert balance_fen == open_fen - credit_fen
                assert sum(parse_yuan(bill["billed"]) for bill in bills) == self.billed[home, payer]
                assert all(parse_yuan(bill["settled"]) <= parse_yuan(bill["billed"]) for bill in bills)

    def teardown(self) -> None:
        """Everything is taken back: what was billed is open, nobody has credit."""
        if not hasattr(self, "homes"):
            return
        for batch_no in self.claimed.values():
            self.till.release(batch_no, 1)
        for payment_id in sorted(self.live, reverse=True):
            self.till.take_back(payment_id, in_hall=True)
        for home in self.homes:
            told = self.till.statement(home)
            assert told["credits"] == []
            for payer in ("self", EMPLOYER):
                open_fen = sum(parse_yuan(bill["open"]) for bill in told["bills"] if bill["payer"] == payer)
                assert open_fen == self.billed[home, payer]
        self.till.assert_complete()


def test_no_order_of_events_loses_or_makes_a_fen(own_till: Till) -> None:
    run_state_machine_as_test(
        type("Money", (Money,), {"till": own_till}),
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None, derandomize=True,
                          suppress_health_check=list(HealthCheck)),
    )  # fmt: skip

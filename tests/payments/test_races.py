"""A bill is collected once, whoever comes at the same time: the hall, a bank's batch, a phone; and nobody waits for ever."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.payments.domain.allocation import AlreadyCollected
from services.payments.domain.hold import InBankCollection
from services.payments.domain.reversal import AlreadyReversed
from services.payments.storage.serials import DuplicateSerial
from services.payments.use_cases.pay import Pay, pay
from shared.chassis.database import transaction
from shared.chassis.unit_of_work import Answer, Busy, Caller, IdempotencyKeyReused
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan
from tests.payments.test_pay_group import members, pay_for
from tests.payments.till import CASHIER, FEE, Till
from tests.support.bills import correct, correction

THREADS = 8
WAITING = """
SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()
"""


def is_somebody_waiting(till: Till) -> bool:
    with transaction(till.runtime.engine) as cursor:
        return cursor.execute(WAITING).fetchone() is not None


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "taken"


def at_once(*acts: Callable[[], object]) -> Counter[str]:
    """What became of each, all started together."""
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(outcome, acts))


def test_hall_phone_and_bank_race_for_the_same_bills_and_each_is_collected_once(till: Till) -> None:
    """The hall and the phone pay the season by name, the bank claims and collects in batches, tellers reverse nothing."""
    homes = till.homes(24)
    for home in homes:
        till.bill(home)
    chance = random.Random(17)

    def counter(home: str) -> str:
        return outcome(lambda: till.pay(home, FEE, chance.choice(["cash", "pos"]), season=2025, outlet="P17"))

    def phone(home: str) -> str:
        return outcome(lambda: till.pay(home, FEE, "wechat", season=2025, partner="wechat", serial=f"P17-{home}"))

    def bank(home: str) -> str:
        told = till.claim(home)
        if not told["claimed"]:
            return str(told["passed_over"][0]["reason"])
        till.returned(told["batch_no"], (home, 1, told["claimed"][0]["amount"]))
        return "taken"

    jobs = [(act, home) for home in homes for act in (counter, phone, bank, counter)]
    chance.shuffle(jobs)
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(lambda job: (job[1], job[0](job[1])), jobs))
    assert {home: till.has(home) for home in homes} == dict.fromkeys(homes, ("0.00", "0.00"))
    assert Counter(home for home, what in outcomes if what == "taken") == dict.fromkeys(homes, 1)
    refusals = {what for _, what in outcomes} - {"taken"}
    assert refusals <= {"already_collected", "in_bank_collection", "nothing_owed", "busy", "duplicate_serial"}


def test_whoever_comes_without_naming_a_season_leaves_a_surplus_as_credit_never_a_double_settlement(till: Till) -> None:
    home = till.home()
    till.bill(home)
    told = at_once(*[lambda: till.pay(home, FEE) for _ in range(6)])
    assert told == {"taken": 6}
    assert till.has(home) == ("0.00", format_yuan(5 * 233038))


def test_a_bank_that_collects_while_the_counter_forces_money_leaves_one_of_them_as_credit(till: Till) -> None:
    homes = till.homes(10)
    for home in homes:
        till.bill(home)
    batch_no = till.claim(*homes)["batch_no"]
    force = [lambda home=home: till.pay(home, FEE, force="insists") for home in homes]  # type: ignore[misc]
    results = [
        lambda item=item, home=home: till.returned(batch_no, (home, item, FEE))  # type: ignore[misc]
        for item, home in enumerate(homes, start=1)
    ]
    assert at_once(*(act for pair in zip(force, results, strict=True) for act in pair)) == {"taken": 20}
    assert [till.has(home) for home in homes] == [("0.00", FEE)] * 10


def test_a_home_is_claimed_by_one_of_many_batches(till: Till) -> None:
    home = till.home()
    till.bill(home)
    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(lambda _: till.claim(home), range(8)))
    assert sum(len(answer["claimed"]) for answer in told) == 1
    assert [item["reason"] for answer in told for item in answer["passed_over"]] == ["in_bank_collection"] * 7


def test_a_payment_is_taken_back_by_one_of_many(till: Till) -> None:
    home = till.home()
    till.bill(home)
    payment = till.pay(home, FEE)["payment_id"]
    told = at_once(*[lambda: till.take_back(payment) for _ in range(6)])
    assert told == {"taken": 1, AlreadyReversed.code: 5}
    assert till.has(home) == (FEE, "0.00")


def test_paying_and_taking_back_race_and_every_fen_is_somewhere(till: Till) -> None:
    home = till.home()
    till.bill(home)
    first = [till.pay(home, "100.00")["payment_id"] for _ in range(8)]
    acts: list[Callable[[], object]] = []
    for payment in first:
        acts += [lambda payment=payment: till.take_back(payment), lambda: till.pay(home, "50.00")]  # type: ignore[misc]
    assert at_once(*acts) == {"taken": 16}
    assert till.owes(home) == format_yuan(233038 - 8 * 5000)


def test_a_movement_at_a_partner_is_taken_once_whoever_tells_of_it(till: Till) -> None:
    home = till.home()
    told = at_once(*[
        lambda: till.pay(home, "5.00", "wechat", partner="wechat", serial="ONCE-1") for _ in range(8)
    ])  # fmt: skip
    assert told["taken"] == 1
    assert set(told) <= {"taken", DuplicateSerial.code, Busy.code}
    assert till.credit(home) == "5.00"


def test_a_hundred_keys_twenty_times_each_have_one_effect_and_one_answer_each(till: Till) -> None:
    homes = till.homes(100)

    def send(home: str) -> Answer:
        payment = till.new_payment(home, "1.00")
        return till.runtime.commands.run(
            pay, Pay((payment,)), caller=CASHIER, key=f"race-{home}", request=[home], status=201
        )

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(send, homes * 20))
    assert len({(answer.status, answer.body) for answer in answers}) == 100
    assert sum(not answer.repeated for answer in answers) == 100
    assert {till.credit(home) for home in homes} == {"1.00"}
    assert json.loads(answers[0].body)["payments"][0]["amount"] == "1.00"


def test_a_key_belongs_to_its_request_and_its_caller(till: Till) -> None:
    home = till.home()

    def send(amount: str, *, actor: str = "staff:zhang", key: str = "own-1") -> str:
        command = Pay((till.new_payment(home, amount),))
        caller = Caller(actor)
        return outcome(lambda: till.runtime.commands.run(pay, command, caller=caller, key=key, request=[home, amount]))

    assert send("1.00") == "taken"
    assert send("2.00") == IdempotencyKeyReused.code
    assert send("1.00", actor="staff:li") == IdempotencyKeyReused.code
    assert till.credit(home) == "1.00"


def test_a_refused_request_may_be_sent_again_under_its_key_when_it_can_be_taken(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    command = Pay((till.new_payment(home, FEE),))

    def send() -> str:
        return outcome(lambda: till.runtime.commands.run(pay, command, caller=CASHIER, key="again-1", request=[home]))

    assert send() == InBankCollection.code
    till.release(batch_no, 1)
    assert (send(), send()) == ("taken", "taken")
    assert till.has(home) == ("0.00", "0.00")


def test_lists_that_share_homes_in_other_orders_do_not_wait_for_each_other_for_ever(till: Till) -> None:
    homes = till.homes(6)
    chance = random.Random(3)

    def visit(_: int) -> str:
        order = chance.sample(homes, len(homes))
        return outcome(lambda: till.pay_all(*(till.new_payment(home, "1.00") for home in order)))

    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(visit, range(40)))
    assert told == ["taken"] * 40
    assert {till.credit(home) for home in homes} == {"40.00"}


def test_the_loser_of_a_race_is_told_what_the_winner_did(till: Till) -> None:
    home = till.home()
    till.bill(home)
    told = at_once(*[lambda: till.pay(home, FEE, season=2025) for _ in range(6)])
    assert told == {"taken": 1, AlreadyCollected.code: 5}


@pytest.mark.parametrize("amount", ["6669.00", "7000.00"], ids=["all of it settled", "some of it credit"])
def test_a_group_payment_is_taken_back_by_one_of_many(till: Till, amount: str) -> None:
    payer = f"RACE{amount}"
    members(till, payer, 3)
    group = pay_for(till, payer, amount)["group_payment_id"]
    told = at_once(*[lambda: till.take_back(group) for _ in range(6)])
    assert told == {"taken": 1, AlreadyReversed.code: 5}


def test_a_group_payment_is_taken_back_while_a_bill_uses_its_credit(till: Till) -> None:
    for number in range(8):
        payer = f"RACE-{number}"
        (home,) = members(till, payer, 1)
        group = pay_for(till, payer, "2323.00")["group_payment_id"]
        told = at_once(
            lambda group=group: till.take_back(group),  # type: ignore[misc]
            lambda home=home, payer=payer: till.bill(home, "60.00", season=2026, payer=payer),
        )  # type: ignore[misc]
        assert set(told) <= {"taken", Busy.code}
        if told[Busy.code]:
            till.take_back(group)
        assert till.owes(home, payer=payer) == "2283.00"


def test_corrections_lock_their_accounts_before_anything_else_in_the_order_of_the_numbers(till: Till) -> None:
    low, high = sorted(till.homes(2))
    items = [correction(home, till.bill(home), 100, posted_on=till.today, payer=payer)
             for payer, home in (("A", high), ("B", low))]  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        with transaction(till.runtime.engine) as cursor:
            cursor.execute("SELECT 1 FROM accounts WHERE account_no = %s FOR UPDATE", (low,))
            waits = pool.submit(correct, till.runtime, *items)
            while not is_somebody_waiting(till) and not waits.done():
                time.sleep(0.01)
            cursor.execute("SELECT 1 FROM accounts WHERE account_no = %s FOR UPDATE NOWAIT", (high,))
        waits.result()
    assert till.owes(high, payer="A") == "1.00"

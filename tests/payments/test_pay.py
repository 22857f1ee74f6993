"""Taking money: once, all of the list or nothing, and the books balance."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from services.payments.domain.allocation import AlreadyCollected, DebtOutstanding
from services.payments.domain.reversal import AlreadyReversed, Reversal
from services.payments.queries.owed_today import owed_on
from services.payments.queries.statement import statement
from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import ReversalWindowClosed, Reverse, reverse
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller, IdempotencyKeyReused
from shared.kernel.errors import UnknownAccount
from tests.support.bills import issue, open_home

CASHIER = Caller("staff:zhang")
H, K = "0110000001", "0110000002"


@pytest.fixture
def payments(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments", day=date(2025, 10, 20))


def take(runtime: Runtime, *paid: NewPayment, key: str | None = None) -> dict[str, Any]:
    command = Pay(paid)
    request = [[p.account_no, p.amount_fen, p.channel] for p in paid]
    answer = runtime.commands.run(pay, command, caller=CASHIER, key=key, request=request, status=201)
    told: dict[str, Any] = json.loads(answer.body)
    return told


def take_back(runtime: Runtime, payment_id: int, *, in_hall: bool = False) -> None:
    command = Reverse((Reversal(payment_id, "wrong home", in_hall=in_hall),))
    runtime.commands.run(reverse, command, caller=CASHIER)


def owes(runtime: Runtime, account_no: str) -> str:
    with runtime.commands.reading() as work:
        total: str = owed_on(work, [account_no], day=work.today)[0]["payers"][0]["total"]
        return total


def credit(runtime: Runtime, account_no: str) -> str:
    with runtime.commands.reading() as work:
        held: str = owed_on(work, [account_no], day=work.today)[0]["credit"]
        return held


def assert_books_balance(runtime: Runtime) -> None:
    with runtime.commands.reading() as work:
        balance = trial_balance(work)
    assert balance["balanced"], balance


def on_day(runtime: Runtime, day: date) -> None:
    runtime.clock.path.write_text(day.isoformat())  # type: ignore[attr-defined]


def test_a_bill_is_paid_and_nothing_is_left(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)
    told = take(payments, NewPayment(H, 233038, "pos", outlet="HALL-1"))
    assert told["payments"][0]["receipt"] == {"outlet": "HALL-1", "number": "000001"}
    assert owes(payments, H) == "0.00"
    assert credit(payments, H) == "0.00"
    assert_books_balance(payments)


def test_one_visit_pays_for_several_homes(payments: Runtime) -> None:
    open_home(payments, H, K)
    issue(payments, H, 233038)
    issue(payments, K, 100000)
    take(payments, NewPayment(H, 233038, "wechat"), NewPayment(K, 40000, "wechat"), NewPayment(K, 60000, "wechat"))
    assert (owes(payments, H), owes(payments, K)) == ("0.00", "0.00")
    assert_books_balance(payments)


def test_a_list_with_one_refused_payment_takes_nothing(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)
    with pytest.raises(UnknownAccount):
        take(payments, NewPayment(H, 233038, "pos"), NewPayment("0119999999", 100, "pos"))
    assert owes(payments, H) == "2330.38"
    with payments.commands.reading() as work:
        assert statement(work, H, day=work.today)["payments"] == []


def test_what_meets_no_debt_is_credit_and_the_next_bill_uses_it(payments: Runtime) -> None:
    open_home(payments, H)
    take(payments, NewPayment(H, 300000, "transfer"))
    assert credit(payments, H) == "3000.00"
    issue(payments, H, 233038, posted_on=date(2025, 10, 20))
    assert (owes(payments, H), credit(payments, H)) == ("0.00", "669.62")
    assert_books_balance(payments)


def test_the_discount_window_is_open_and_all_is_paid(payments: Runtime) -> None:
    on_day(payments, date(2025, 9, 10))
    open_home(payments, H)
    issue(payments, H, 233038)
    assert owes(payments, H) == "2295.42"
    take(payments, NewPayment(H, 229542, "wechat"))
    assert (owes(payments, H), credit(payments, H)) == ("0.00", "0.00")
    assert_books_balance(payments)


def test_cash_that_equals_the_rounded_amount_settles_the_bill(payments: Runtime) -> None:
    on_day(payments, date(2025, 9, 10))
    open_home(payments, H)
    issue(payments, H, 233038)
    told = take(payments, NewPayment(H, 229540, "cash"))
    assert told["payments"][0]["rounding"] == "-0.02"
    assert (owes(payments, H), credit(payments, H)) == ("0.00", "0.00")
    assert_books_balance(payments)


def test_an_older_season_comes_first_unless_a_reason_is_given(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 100000, season=2024)
    issue(payments, H, 200000)
    with pytest.raises(DebtOutstanding):
        take(payments, NewPayment(H, 200000, "pos", season=2025))
    take(payments, NewPayment(H, 200000, "pos", season=2025, keep_old_debt="disputed"))
    with pytest.raises(AlreadyCollected):
        take(payments, NewPayment(H, 200000, "pos", season=2025, keep_old_debt="disputed"))
    assert_books_balance(payments)


def test_a_reversal_is_as_if_the_payment_had_never_been_made(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)
    told = take(payments, NewPayment(H, 300000, "cash"))
    payment_id = told["payments"][0]["payment_id"]
    take_back(payments, payment_id)
    assert (owes(payments, H), credit(payments, H)) == ("2330.38", "0.00")
    assert_books_balance(payments)
    with pytest.raises(AlreadyReversed):
        take_back(payments, payment_id)


def test_a_reversal_follows_the_money_into_the_next_bill(payments: Runtime) -> None:
    open_home(payments, H)
    told = take(payments, NewPayment(H, 300000, "transfer"))
    issue(payments, H, 233038, posted_on=date(2025, 10, 20))
    take_back(payments, told["payments"][0]["payment_id"])
    assert (owes(payments, H), credit(payments, H)) == ("2330.38", "0.00")
    assert_books_balance(payments)


def test_a_payment_of_an_earlier_day_is_taken_back_in_the_hall_alone(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)
    payment_id = take(payments, NewPayment(H, 233038, "pos"))["payments"][0]["payment_id"]
    on_day(payments, date(2026, 1, 10))
    with pytest.raises(ReversalWindowClosed):
        take_back(payments, payment_id)
    take_back(payments, payment_id, in_hall=True)
    assert owes(payments, H) == "2353.68"


def test_the_same_key_answers_the_same_bytes_and_takes_money_once(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)
    first = take(payments, NewPayment(H, 100000, "pos"), key="k-1")
    assert take(payments, NewPayment(H, 100000, "pos"), key="k-1") == first
    assert owes(payments, H) == "1330.38"
    with pytest.raises(IdempotencyKeyReused):
        take(payments, NewPayment(H, 100001, "pos"), key="k-1")


def test_twenty_parallel_repeats_of_many_keys_take_money_once_each(payments: Runtime) -> None:
    homes = [f"01100001{number:02d}" for number in range(10)]
    open_home(payments, *homes)
    for home in homes:
        issue(payments, home, 233038)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda home: json.dumps(take(payments, NewPayment(home, 233038, "pos"), key=f"key-{home}")), homes * 20
        ))  # fmt: skip
    assert len(set(answers)) == len(homes)
    assert all(owes(payments, home) == "0.00" and credit(payments, home) == "0.00" for home in homes)
    assert_books_balance(payments)


def test_two_cashiers_collect_one_bill_and_one_of_them_is_told(payments: Runtime) -> None:
    open_home(payments, H)
    issue(payments, H, 233038)

    def attempt(_: int) -> str:
        try:
            take(payments, NewPayment(H, 233038, "pos", season=2025))
        except AlreadyCollected:
            return "already_collected"
        return "taken"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["already_collected"] * 5 + ["taken"]
    assert credit(payments, H) == "0.00"


def test_receipt_numbers_of_an_outlet_have_no_gaps_under_refusals_and_races(payments: Runtime) -> None:
    open_home(payments, H)

    def attempt(number: int) -> None:
        account_no = H if number % 3 else "0119999999"
        try:
            take(payments, NewPayment(account_no, 100, "pos", outlet="HALL-1"))
        except UnknownAccount:
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, range(30)))
    with payments.commands.reading() as work:
        numbers = [row[0] for row in work.rows("SELECT receipt_no FROM payments ORDER BY 1")]
    assert numbers == list(range(1, 21))

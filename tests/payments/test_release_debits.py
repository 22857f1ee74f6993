"""A claim is given back before the file left: the home is free, and forced money settles what it was meant for."""

from __future__ import annotations

from datetime import date

from tests.payments.till import DUE, NO_WINDOW, Till


def test_a_home_that_is_released_may_pay_again(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    assert till.release(batch_no, 1) == [1]
    till.pay(home, "2330.38")
    assert till.has(home) == ("0.00", "0.00")


def test_a_repeat_releases_nothing_more_and_strangers_are_passed_over(till: Till) -> None:
    homes = till.homes(2)
    for home in homes:
        till.bill(home)
    batch_no = till.claim(*homes)["batch_no"]
    assert till.release(batch_no, 2, 9) == [2]
    assert till.release(batch_no, 1, 2) == [1]
    assert till.release(batch_no, 1, 2) == []


def test_only_the_items_that_are_named_are_released(till: Till) -> None:
    homes = till.homes(3)
    for home in homes:
        till.bill(home)
    batch_no = till.claim(*homes)["batch_no"]
    till.release(batch_no, 2)
    assert [till.owed(home)["in_bank_collection"] for home in homes] == ["icbc", None, "icbc"]


def test_a_released_home_can_be_claimed_for_another_batch(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.release(till.claim(home)["batch_no"], 1)
    assert till.claim(home)["claimed"][0]["amount"] == "2330.38"


def test_forced_money_settles_as_of_the_day_on_which_it_was_taken(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(DUE)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.38", force="customer insists")
    till.on_day(date(2026, 1, 20))
    till.release(batch_no, 1)
    assert till.has(home) == ("0.00", "0.00")


def test_forced_money_of_two_visits_settles_in_its_order(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2000.00", force="customer insists")
    till.pay(home, "1000.00", force="and comes back")
    till.release(batch_no, 1)
    assert till.has(home) == ("0.00", "669.62")


def test_forced_money_that_settled_is_taken_back_like_any_other(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    payment = till.pay(home, "2330.38", force="customer insists")["payment_id"]
    till.release(batch_no, 1)
    till.take_back(payment)
    assert till.has(home) == ("2330.38", "0.00")
    assert till.today == NO_WINDOW


def test_forced_cash_is_rounded_when_it_settles(till: Till) -> None:
    home = till.home()
    till.bill(home, "2330.42")
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.40", "cash", force="customer insists")
    till.release(batch_no, 1)
    assert till.has(home) == ("0.00", "0.00")


def test_forced_cash_that_rounds_a_late_fee_alone_leaves_its_fen_open(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(date(2026, 1, 20))
    till.pay(home, "2330.38")
    assert till.owes(home) == "46.61"
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "46.60", "cash", force="customer insists")
    till.release(batch_no, 1)
    assert till.has(home) == ("0.01", "0.00")


def test_forced_money_that_was_all_that_was_asked_for_leaves_no_late_fee_of_the_days_of_waiting(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(date(2026, 1, 5))
    batch_no = till.claim(home)["batch_no"]
    till.on_day(date(2026, 1, 20))
    till.pay(home, till.owes(home), force="customer insists")
    till.release(batch_no, 1)
    assert till.has(home) == ("0.00", "0.00")
    till.on_day(date(2026, 3, 1))
    assert till.owes(home) == "0.00"

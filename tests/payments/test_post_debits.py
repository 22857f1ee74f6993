"""A bank's results: what it took settles as of the day of sending, whatever happened meanwhile; the rest is free."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from services.payments.storage.holds import OtherAccount
from services.payments.storage.serials import DuplicateSerial
from services.payments.use_cases.post_debits import MORE_THAN_OPEN
from tests.payments.till import DUE, LATE, Till

SENT = date(2025, 12, 20)


def test_what_was_collected_settles_and_what_failed_is_free_again(till: Till) -> None:
    paid, failed = till.homes(2)
    for home in (paid, failed):
        till.bill(home)
    batch_no = till.claim(paid, failed, as_of=SENT)["batch_no"]
    till.returned(batch_no, (paid, 1, "2330.38"), (failed, 2, "0.00"), as_of=SENT)
    assert (till.has(paid), till.has(failed)) == (("0.00", "0.00"), ("2330.38", "0.00"))
    assert [till.owed(home)["in_bank_collection"] for home in (paid, failed)] == [None, None]
    till.pay(failed, "2330.38")


def test_a_failed_debit_is_late_from_its_own_due_day(till: Till) -> None:
    home = till.home()
    till.bill(home, "1820.00")
    batch_no = till.claim(home, as_of=SENT)["batch_no"]
    till.on_day(date(2026, 1, 8))
    till.returned(batch_no, (home, 1, "0.00"), as_of=SENT)
    assert till.owes(home) == "1834.56"


def test_a_result_in_the_new_year_settles_as_of_the_day_of_sending(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home, as_of=DUE)["batch_no"]
    till.on_day(LATE)
    till.returned(batch_no, (home, 1, "2330.38"), as_of=DUE)
    assert till.has(home) == ("0.00", "0.00")


def test_less_than_was_asked_for_settles_a_part(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.returned(batch_no, (home, 1, "1000.00"))
    assert till.has(home) == ("1330.38", "0.00")
    till.pay(home, "1330.38")


def test_a_surplus_is_credit_and_says_why(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.returned(batch_no, (home, 1, "2400.00"))
    assert till.has(home) == ("0.00", "69.62")
    [payment] = till.statement(home)["payments"]
    assert (payment["reason"], payment["serial"]) == (MORE_THAN_OPEN, f"{batch_no}/1")


def test_an_item_that_was_never_claimed_here_is_taken_all_the_same(till: Till) -> None:
    """A batch that an old system sent, or an item that was released by mistake: the bank has taken the money."""
    home = till.home()
    till.bill(home)
    till.returned(900001, (home, 1, "2330.38"), as_of=SENT)
    assert till.has(home) == ("0.00", "0.00")


def test_money_for_a_home_that_paid_elsewhere_is_credit(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.release(batch_no, 1)
    till.pay(home, "2330.38")
    till.returned(batch_no, (home, 1, "2330.38"))
    assert till.has(home) == ("0.00", "2330.38")


def test_a_result_is_in_the_books_once(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.returned(batch_no, (home, 1, "2330.38"))
    with pytest.raises((psycopg.errors.UniqueViolation, DuplicateSerial)):
        till.returned(batch_no, (home, 1, "2330.38"))
    assert till.has(home) == ("0.00", "0.00")


def test_two_items_of_one_home_in_one_event_settle_one_after_the_other(till: Till) -> None:
    home = till.home()
    till.bill(home, "300.00")
    till.returned(900002, (home, 1, "200.00"), (home, 2, "200.00"))
    assert till.has(home) == ("0.00", "100.00")


def test_an_item_that_was_claimed_for_another_home_is_refused(till: Till) -> None:
    mine, other = till.homes(2)
    till.bill(mine)
    batch_no = till.claim(mine)["batch_no"]
    with pytest.raises(OtherAccount):
        till.returned(batch_no, (other, 1, "2330.38"))
    assert till.owed(mine)["in_bank_collection"] == "icbc"


def test_forced_money_settles_when_the_bank_took_nothing(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.38", force="customer insists")
    till.returned(batch_no, (home, 1, "0.00"))
    assert till.has(home) == ("0.00", "0.00")


def test_forced_money_settles_what_the_bank_left_open(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.38", force="customer insists")
    till.returned(batch_no, (home, 1, "1000.00"))
    assert till.has(home) == ("0.00", "1000.00")


def test_forced_money_that_waited_meets_a_bill_that_came_meanwhile(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.38", force="customer insists")
    till.bill(home, "100.00", season=2026, due_on=date(2026, 12, 31))
    till.returned(batch_no, (home, 1, "2330.38"))
    assert till.has(home) == ("0.00", "2230.38")


def test_bank_gateway_is_told_what_settled_and_what_became_credit(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.returned(batch_no, (home, 1, "2400.00"))
    [told] = [item for item in till.events("DebitsPosted") if item["account_no"] == home]
    assert (told["item_no"], told["settled_fen"], told["credit_fen"]) == (1, 233038, 6962)

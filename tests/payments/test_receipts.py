"""Receipt numbers of an outlet: one after the other, none missing, none twice, whatever is refused or taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.payments.domain.allocation import AlreadyCollected
from shared.chassis.unit_of_work import Busy
from shared.kernel.errors import UnknownAccount
from tests.payments.till import Till


def numbers(till: Till, outlet: str) -> list[int]:
    with till.runtime.commands.reading() as work:
        rows = work.rows("SELECT receipt_no FROM payments WHERE outlet = %s ORDER BY 1", (outlet,))
    return [row[0] for row in rows]


def test_each_outlet_counts_for_itself(till: Till) -> None:
    home = till.home()
    taken = [till.pay(home, "1.00", outlet=outlet)["receipt"] for outlet in ("R1", "R2", "R1")]
    assert taken == [
        {"outlet": "R1", "number": "000001"}, {"outlet": "R2", "number": "000001"}, {"outlet": "R1", "number": "000002"},
    ]  # fmt: skip


def test_without_an_outlet_there_is_no_receipt(till: Till) -> None:
    assert till.pay(till.home(), "1.00")["receipt"] is None


def test_the_payments_of_one_visit_are_numbered_in_their_order(till: Till) -> None:
    home = till.home()
    outlets = ["V1", None, "V2", "V1", "V1"]
    taken = till.pay_all(*(till.new_payment(home, "1.00", outlet=outlet) for outlet in outlets))
    assert [each["receipt"] and (each["receipt"]["outlet"], each["receipt"]["number"]) for each in taken] == [
        ("V1", "000001"), None, ("V2", "000001"), ("V1", "000002"), ("V1", "000003"),
    ]  # fmt: skip


def test_a_refused_payment_takes_no_number(till: Till) -> None:
    home = till.home()
    till.pay(home, "1.00", outlet="F1")
    for _ in range(3):
        with pytest.raises(UnknownAccount):
            till.pay("0119999997", "1.00", outlet="F1")
        with pytest.raises(AlreadyCollected):
            till.pay(home, "1.00", outlet="F1", season=2025)
    assert till.pay(home, "1.00", outlet="F1")["receipt"]["number"] == "000002"
    assert numbers(till, "F1") == [1, 2]


def test_a_payment_that_is_taken_back_keeps_its_number_and_the_reversal_has_none(till: Till) -> None:
    home = till.home()
    taken = till.pay(home, "1.00", outlet="K1")
    till.take_back(taken["payment_id"])
    first, reversal = till.statement(home)["payments"]
    assert first["receipt"] == {"outlet": "K1", "number": "000001"}
    assert reversal["receipt"] is None
    assert till.pay(home, "1.00", outlet="K1")["receipt"]["number"] == "000002"


def test_tills_that_race_for_one_outlet_leave_no_gap(till: Till) -> None:
    homes = till.homes(6)

    def attempt(number: int) -> bool:
        account_no = homes[number % 6] if number % 4 else "0119999996"
        try:
            till.pay(account_no, "1.00", outlet="RACE")
        except (UnknownAccount, Busy):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(attempt, range(60)))
    assert numbers(till, "RACE") == list(range(1, taken + 1))
    assert taken >= 30


def test_visits_that_name_the_same_outlets_in_other_orders_do_not_wait_for_each_other_for_ever(till: Till) -> None:
    homes = till.homes(8)

    def visit(number: int) -> None:
        outlets = ["D1", "D2"] if number % 2 else ["D2", "D1"]
        till.pay_all(*(till.new_payment(homes[number], "1.00", outlet=outlet) for outlet in outlets))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))
    assert numbers(till, "D1") == numbers(till, "D2") == list(range(1, 9))

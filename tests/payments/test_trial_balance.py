"""The books as a whole: debits equal credits, the rows agree with the ledger, and what does not agree is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.payments.queries.completeness import completeness
from shared.chassis.database import transaction
from tests.payments.till import IN_WINDOW, LATE, NO_WINDOW, Till


def balances(till: Till) -> dict[str, str]:
    return {account["code"]: account["balance"] for account in till.trial_balance()["accounts"]}


def equations(till: Till) -> dict[str, Any]:
    with till.runtime.commands.reading() as work:
        return completeness(work)


def as_owner(till: Till, *statements: str) -> None:
    """What a damaged database, or a person with the owner's password, could do; the guards are switched off for it."""
    with transaction(till.runtime.engine) as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement.encode())


def a_season(till: Till) -> str:
    """A home with a bit of everything: discount, late fee, rounding, credit, a reversal."""
    home = till.home()
    till.bill(home, "1000.00", season=2024)
    till.on_day(LATE)
    till.pay(home, till.owes(home))
    till.on_day(IN_WINDOW)
    till.bill(home)
    till.pay(home, "2295.40", "cash", outlet="TB")
    till.on_day(NO_WINDOW)
    till.take_back(till.pay(home, "77.00", "alipay")["payment_id"])
    till.pay(home, "5.00", "transfer")
    return home


def test_empty_books_balance(own_till: Till) -> None:
    told = own_till.trial_balance()
    assert (told["accounts"], told["debits"], told["credits"], told["balanced"]) == ([], "0.00", "0.00", True)


def test_every_account_shows_what_moved_through_it(own_till: Till) -> None:
    a_season(own_till)
    # 1,000.00 late from 1 January 2025 to 20 January 2026: 385 days, 385.00
    assert balances(own_till) == {
        "receivable": "0.00", "cash": "2295.40", "pos": "1385.00", "transfer": "5.00", "alipay": "0.00",
        "discount": "34.96", "heat_income": "-3330.38", "late_fee_income": "-385.00", "rounding": "0.02",
        "credit": "-5.00",
    }  # fmt: skip
    told = own_till.trial_balance()
    assert told["debits"] == told["credits"]
    assert (told["open_receivables"], told["open_credits"], told["balanced"]) == ("0.00", "5.00", True)


def test_every_equation_is_told_with_both_its_sides(own_till: Till) -> None:
    a_season(own_till)
    told = equations(own_till)
    sides = {each["equation"]: (each["left"], each["right"]) for each in told["equations"]}
    assert sides["money: received = settled + credit + rounding + paid back"] == ("3685.40", "3685.40")
    assert sides["bills: billed = settled + open"] == ("3330.38", "3330.38")
    assert told["complete"]


TAMPERED = {
    "a posting of 1 fen more": ("UPDATE postings SET amount_fen = amount_fen + 1 WHERE debit = 'pos'",
                                "ledger of the channels = received - paid back"),
    "a posting that vanished": ("DELETE FROM postings WHERE credit = 'heat_income'", "ledger of income and opening = billed"),
    "a payment that vanished": ("DELETE FROM payments WHERE channel = 'transfer'",
                                "money: received = settled + credit + rounding + paid back"),
    "a settlement that vanished": ("DELETE FROM settlements WHERE discount_fen > 0", "bills: billed = settled + open"),
    "credit out of nothing": ("UPDATE credits SET amount_fen = amount_fen + 100", "ledger of credit = credit"),
    "a bill made larger": ("UPDATE receivables SET amount_fen = amount_fen + 1, closed = false",
                           "ledger of receivables = open"),
    "a late fee that was never paid": ("UPDATE settlements SET late_fee_fen = late_fee_fen + 1 WHERE late_fee_fen > 0",
                                       "ledger of late fees = late fees settled"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_shows_in_an_equation(own_till: Till, what: str) -> None:
    a_season(own_till)
    statement, equation = TAMPERED[what]
    with pytest.raises(AssertionError):
        own_till_tampered(own_till, statement)
    differing = [each["equation"] for each in equations(own_till)["equations"] if not each["agrees"]]
    assert equation in differing
    mend(own_till)


def own_till_tampered(till: Till, statement: str) -> None:
    as_owner(till, statement)
    till.assert_complete()


def mend(till: Till) -> None:
    """Empty the books, so that they are complete when the test ends."""
    as_owner(till, "TRUNCATE postings, settlements, credits, payments, receivables, holds, outlets, accounts CASCADE")


def test_two_errors_that_cancel_each_other_are_found_row_by_row(own_till: Till) -> None:
    first, second = own_till.homes(2)
    for home in (first, second):
        own_till.bill(home, "100.00")
        own_till.pay(home, "50.00")
    as_owner(own_till, "UPDATE receivables SET settled_fen = settled_fen + CASE WHEN account_no = "
                       f"'{first}' THEN 10 ELSE -10 END")  # fmt: skip
    assert own_till.trial_balance()["balanced"]
    told = equations(own_till)
    assert (len(told["differing"]["receivables"]), told["complete"]) == (2, False)
    mend(own_till)


def test_a_missing_receipt_names_its_outlet(own_till: Till) -> None:
    home = own_till.home()
    own_till.pay(home, "1.00", outlet="GAP")
    as_owner(own_till, "UPDATE outlets SET next_no = 5")
    told = equations(own_till)
    assert (told["receipt_gaps"], told["complete"]) == ({"GAP": 3}, False)
    mend(own_till)


def test_the_books_balance_in_every_moment_while_money_comes(till: Till) -> None:
    """Sums of several tables are of one moment: a payment is in all of them or in none."""
    homes = till.homes(4)
    for home in homes:
        till.bill(home, "1000.00")

    def pay(number: int) -> None:
        till.pay(homes[number % 4], "7.00", outlet=f"M{number % 4}")

    def look(_: int) -> bool:
        balanced: bool = till.trial_balance()["balanced"]
        return balanced and bool(equations(till)["complete"])

    with ThreadPoolExecutor(8) as pool:
        paid = pool.map(pay, range(80))
        looked = list(pool.map(look, range(20)))
        list(paid)
    assert all(looked)

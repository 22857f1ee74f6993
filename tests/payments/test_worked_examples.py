"""The examples that the trade works with, to the fen: what is owed, what a payment settles, what is left.

The reference home has 89.63 m² at 26.00: 2,330.38. Due on 31 December 2025, 1 ‰ a day, discount 1.5 % until 15 September
and 1.0 % until 30 September.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from shared.kernel.money import parse_yuan
from tests.payments.till import Till
from tests.support.bills import REFERENCE_TERMS

DISCOUNT_1, DISCOUNT_2 = date(2025, 9, 10), date(2025, 9, 20)
LATE_FEE_FIRST = {"allocation_within_season": "LATE_FEE_FIRST"}
THREE_SEASONS = (
    ("500.00", 2023, date(2023, 12, 31)), ("2330.38", 2024, date(2024, 12, 31)), ("2330.38", 2025, date(2025, 12, 31)),
)  # fmt: skip
F = (("2330.38", 2025, date(2025, 12, 31)),)


class Example(NamedTuple):
    """``bills``: amount, season, due day; ``paid``: day, amount; then what is owed on ``day``."""

    name: str
    bills: tuple[tuple[str, int, date], ...]
    paid: tuple[tuple[date, str], ...]
    day: date
    principal: str
    late_fee: str
    discount: str
    total: str
    terms: Mapping[str, Any] = MappingProxyType({})


EXAMPLES = [
    Example("B1 all in the first window", F, (), DISCOUNT_1, "2330.38", "0.00", "34.96", "2295.42"),
    Example("B1 paid", F, ((DISCOUNT_1, "2295.42"),), date(2026, 3, 1), "0.00", "0.00", "0.00", "0.00"),
    Example("B2 all in the second window", F, (), DISCOUNT_2, "2330.38", "0.00", "23.30", "2307.08"),
    Example("B3 a yuan of an old season is arrears", (("1.00", 2024, date(2025, 12, 31)), *F), (), DISCOUNT_1,
            "2331.38", "0.00", "0.00", "2331.38"),
    Example("B3 and in one payment it settles at full price", (("1.00", 2024, date(2025, 12, 31)), *F),
            ((DISCOUNT_1, "2331.38"),), DISCOUNT_1, "0.00", "0.00", "0.00", "0.00"),
    Example("B4 a part first: no discount on either", F, ((DISCOUNT_1, "2000.00"),), date(2025, 9, 28),
            "330.38", "0.00", "0.00", "330.38"),
    Example("B6 the household's share of a relieved bill", (("378.00", 2025, date(2025, 12, 31)),), (), DISCOUNT_1,
            "378.00", "0.00", "5.67", "372.33"),
    Example("C1 twenty days late", F, (), date(2026, 1, 20), "2330.38", "46.61", "0.00", "2376.99"),
    Example("C2 on the due day", F, (), date(2025, 12, 31), "2330.38", "0.00", "0.00", "2330.38"),
    Example("C3 late fee first", F, ((date(2026, 1, 10), "1000.00"),), date(2026, 1, 31),
            "1353.68", "28.43", "0.00", "1382.11", LATE_FEE_FIRST),
    Example("C4 principal first", F, ((date(2026, 1, 10), "1000.00"),), date(2026, 1, 31),
            "1330.38", "51.24", "0.00", "1381.62"),
    Example("C5 capped at the principal", (("2184.00", 2022, date(2022, 12, 31)),), (), date(2025, 11, 20),
            "2184.00", "2184.00", "0.00", "4368.00"),
    Example("C6 once five percent", (("2420.01", 2025, date(2025, 12, 31)),), (), date(2026, 5, 1),
            "2420.01", "121.00", "0.00", "2541.01", {"late_fee_kind": "ONE_OFF", "late_fee_one_off_pct": Decimal(5)}),
    Example("D10 arrears of a season", (("1800.00", 2024, date(2024, 12, 31)),), (), date(2025, 9, 10),
            "1800.00", "455.40", "0.00", "2255.40"),
    Example("G1 before", THREE_SEASONS, (), date(2026, 1, 15), "5160.76", "1293.50", "0.00", "6454.26", LATE_FEE_FIRST),
    Example("G1 late fee first over three seasons", THREE_SEASONS, ((date(2026, 1, 15), "2000.00"),), date(2026, 1, 15),
            "4419.30", "34.96", "0.00", "4454.26", LATE_FEE_FIRST),
    Example("G2 principal first over three seasons", THREE_SEASONS, ((date(2026, 1, 15), "2000.00"),), date(2026, 1, 15),
            "3533.76", "920.50", "0.00", "4454.26"),
    Example("G2 grows on less than G1 afterwards", THREE_SEASONS, ((date(2026, 1, 15), "2000.00"),), date(2026, 1, 25),
            "3533.76", "955.84", "0.00", "4489.60"),
    Example("G1 grows on more", THREE_SEASONS, ((date(2026, 1, 15), "2000.00"),), date(2026, 1, 25),
            "4419.30", "79.15", "0.00", "4498.45", LATE_FEE_FIRST),
    Example("I2 the bank's day counts, not the file's", F, ((date(2025, 12, 31), "2330.38"),), date(2026, 1, 1),
            "0.00", "0.00", "0.00", "0.00"),
    Example("I5 eight days on 1,820.00", (("1820.00", 2025, date(2025, 12, 31)),), (), date(2026, 1, 8),
            "1820.00", "14.56", "0.00", "1834.56"),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_of_the_trade_comes_out_to_the_fen(till: Till, example: Example) -> None:
    home = till.home()
    for amount, season, due_on in example.bills:
        windows = REFERENCE_TERMS.discount_windows if season == 2025 else ()
        terms = dataclasses.replace(REFERENCE_TERMS, discount_windows=windows, **example.terms)
        till.bill(home, amount, season=season, due_on=due_on, terms=terms)
    for day, amount in example.paid:
        till.on_day(day)
        till.pay(home, amount)
    owed = till.owed(home, day=example.day)["payers"][0]
    figures = {name: owed[name] for name in ("principal", "late_fee", "discount", "total")}
    assert figures == {
        "principal": example.principal, "late_fee": example.late_fee, "discount": example.discount, "total": example.total,
    }  # fmt: skip


def test_b5_money_of_august_meets_the_bill_of_october_at_augusts_price(till: Till) -> None:
    home = till.home()
    till.on_day(date(2025, 8, 20))
    till.pay(home, "3000.00")
    till.on_day(date(2025, 10, 1))
    till.bill(home, posted_on=date(2025, 10, 1))
    assert till.has(home) == ("0.00", "704.58")


def test_c3_and_c4_cost_what_they_cost(till: Till) -> None:
    for terms, total in ((LATE_FEE_FIRST, "2382.11"), ({}, "2381.62")):
        home = till.home()
        till.bill(home, terms=dataclasses.replace(REFERENCE_TERMS, **terms))
        till.on_day(date(2026, 1, 10))
        till.pay(home, "1000.00")
        till.on_day(date(2026, 1, 31))
        rest = till.owes(home)
        till.pay(home, rest)
        assert till.has(home) == ("0.00", "0.00")
        assert parse_yuan("1000.00") + parse_yuan(rest) == parse_yuan(total)


def test_c9_only_the_late_half_grows(till: Till) -> None:
    home, halves = till.home(), ((116519, date(2025, 10, 15)), (116519, date(2025, 12, 31)))
    till.bill(home, parts=halves)
    till.on_day(date(2025, 10, 15))
    till.pay(home, "1000.00")
    owed = till.owed(home, day=date(2025, 11, 15))["payers"][0]
    assert (owed["principal"], owed["late_fee"]) == ("1330.38", "5.12")


def test_g3_the_newest_season_alone_for_a_reason(till: Till) -> None:
    home = till.home()
    for amount, season, due_on in THREE_SEASONS:
        till.bill(home, amount, season=season, due_on=due_on)
    till.on_day(date(2026, 1, 15))
    till.pay(home, "2365.34", season=2025, keep_old_debt="older seasons are disputed")
    seasons = till.owed(home)["payers"][0]["seasons"]
    assert [season["season"] for season in seasons] == ["2023-2024", "2024-2025"]


def test_g4_an_employer_pays_its_own_shares_and_the_rest_is_its_credit(till: Till) -> None:
    homes = till.homes(4)
    for home in homes:
        till.bill(home, "637.00")
        till.bill(home, "2223.00", payer="employer:rail")
    amounts = ["2223.00", "2223.00", "2223.00", "3331.00"]
    till.pay_all(*(till.new_payment(home, amount, "transfer", payer="employer:rail")
                   for home, amount in zip(homes, amounts, strict=True)))  # fmt: skip
    assert [till.owes(home, payer="employer:rail") for home in homes] == ["0.00"] * 4
    assert [till.owes(home) for home in homes] == ["637.00"] * 4
    assert [(line["payer"], line["left"]) for line in till.statement(homes[3])["credits"]] == [
        ("employer:rail", "1108.00")
    ]


def test_e5_no_late_fee_on_the_household_when_the_employer_is_late(till: Till) -> None:
    home = till.home()
    till.bill(home, "637.00")
    till.bill(home, "2223.00", payer="employer:rail")
    till.pay(home, "637.00")
    till.on_day(date(2026, 3, 1))
    assert (till.owes(home), till.owes(home, payer="employer:rail")) == ("0.00", "2223.00")


def test_h1_cash_closes_the_bill_with_a_rounding_line_and_a_reversal_takes_both_back(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(DISCOUNT_1)
    taken = till.pay(home, "2295.40", "cash")
    assert (taken["rounding"], till.has(home)) == ("-0.02", ("0.00", "0.00"))
    till.take_back(taken["payment_id"])
    assert till.owes(home) == "2295.42"


def test_h2_money_of_the_wrong_home_goes_to_the_right_one(till: Till) -> None:
    wrong, right = till.homes(2)
    till.bill(wrong)
    till.bill(right)
    taken = till.pay(wrong, "2330.38", "cash", outlet="HALL-H2")
    till.take_back(taken["payment_id"])
    again = till.pay(right, "2330.38", "cash", outlet="HALL-H2")
    assert (till.owes(wrong), till.owes(right)) == ("2330.38", "0.00")
    assert (taken["receipt"]["number"], again["receipt"]["number"]) == ("000001", "000002")


def test_i7_money_taken_while_the_bank_collects_is_credit_when_the_bank_collects_too(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home)["batch_no"]
    till.pay(home, "2330.38", force="customer insists")
    assert till.has(home) == ("2330.38", "2330.38")
    till.returned(batch_no, (home, 1, "2330.38"))
    assert till.has(home) == ("0.00", "2330.38")


def test_j5_a_credit_lowers_the_next_bill_and_both_stay_in_the_statement(till: Till) -> None:
    home = till.home()
    till.pay(home, "125.01")
    till.bill(home, posted_on=date(2025, 10, 20))
    assert till.has(home) == ("2205.37", "0.00")
    bill = till.statement(home)["bills"][0]
    assert (bill["billed"], bill["settled"], bill["open"]) == ("2330.38", "125.01", "2205.37")

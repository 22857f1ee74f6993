"""A bank is to collect: what is owed on the day of sending is fixed, and the account is held for this bank alone."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from services.payments.domain.hold import InBankCollection
from services.payments.use_cases.claim_debits import ItemAlreadyClaimed
from shared.messages.accounts import DiscountWindow
from tests.payments.till import DUE, IN_WINDOW, LATE, Till
from tests.support.bills import REFERENCE_TERMS


def test_what_is_owed_is_claimed_and_what_cannot_be_is_named_with_its_reason(till: Till) -> None:
    owing, held, settled = till.homes(3)
    for home in (owing, held):
        till.bill(home)
    till.claim(held)
    told = till.claim(owing, held, settled, "0119999994")
    assert told["claimed"] == [{"item_no": 1, "account_no": owing, "amount": "2330.38"}]
    assert told["passed_over"] == [
        {"item_no": 2, "account_no": held, "reason": "in_bank_collection"},
        {"item_no": 3, "account_no": settled, "reason": "nothing_owed"},
        {"item_no": 4, "account_no": "0119999994", "reason": "unknown_account"},
    ]


def test_the_amount_is_that_of_the_day_of_sending(till: Till) -> None:
    early, late = till.homes(2)
    till.bill(early)
    till.bill(late)
    assert till.claim(early, as_of=IN_WINDOW)["claimed"][0]["amount"] == "2295.42"
    assert till.claim(late, as_of=LATE)["claimed"][0]["amount"] == "2376.99"


def test_a_discount_of_another_channel_is_not_the_banks(till: Till) -> None:
    home = till.home()
    window = DiscountWindow(date(2025, 9, 1), date(2025, 12, 31), REFERENCE_TERMS.discount_windows[0].pct)
    till.bill(
        home, terms=dataclasses.replace(REFERENCE_TERMS, discount_windows=(window,), discount_channels=("ONLINE",))
    )
    assert till.owes(home, through="wechat") == "2295.42"
    assert till.claim(home)["claimed"][0]["amount"] == "2330.38"


def test_only_the_households_share_is_claimed(till: Till) -> None:
    home = till.home()
    till.bill(home, "637.00")
    till.bill(home, "2223.00", payer="employer:rail")
    assert till.claim(home)["claimed"][0]["amount"] == "637.00"


def test_an_account_that_stands_twice_in_a_list_is_claimed_once(till: Till) -> None:
    home = till.home()
    till.bill(home)
    told = till.claim(home, home)
    assert [item["item_no"] for item in told["claimed"]] == [1]
    assert [(item["item_no"], item["reason"]) for item in told["passed_over"]] == [(2, "in_bank_collection")]


def test_an_item_of_a_batch_is_claimed_once_and_the_refusal_names_its_place(till: Till) -> None:
    first, second = till.homes(2)
    for home in (first, second):
        till.bill(home)
    batch_no = till.claim(first)["batch_no"]
    with pytest.raises(ItemAlreadyClaimed) as refused:
        till.claim(second, batch_no=batch_no)
    assert refused.value.facts == {"place": "/items/0/item_no", "value": 1}
    assert till.owed(second)["in_bank_collection"] is None


def test_while_the_bank_collects_every_other_channel_is_refused(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.claim(home)
    for channel in ("cash", "pos", "wechat", "alipay", "transfer"):
        with pytest.raises(InBankCollection) as refused:
            till.pay(home, "2330.38", channel)
        assert refused.value.facts == {"account_no": home, "place": "/payments/0"}
    with pytest.raises(InBankCollection):
        till.pay(home, "1.00", "bank", partner="icbc", serial="REAL-TIME-1")


def test_forced_money_waits_as_credit_and_meets_no_new_bill_meanwhile(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.claim(home)
    taken = till.pay(home, "2330.38", force="customer insists")
    assert (taken["settled"], taken["credit"]) == ([], "2330.38")
    till.bill(home, "100.00", season=2026, due_on=date(2026, 12, 31), posted_on=DUE)
    assert till.has(home) == ("2430.38", "2330.38")


def test_the_late_fee_stands_still_for_the_bank_while_it_collects(till: Till) -> None:
    home = till.home()
    till.bill(home)
    batch_no = till.claim(home, as_of=DUE)["batch_no"]
    till.on_day(LATE)
    till.returned(batch_no, (home, 1, "2330.38"), as_of=DUE)
    assert till.has(home) == ("0.00", "0.00")

"""The statement of an account: every line that changed its balance, in the order in which it came."""

from __future__ import annotations

from typing import Any

import pytest

from services.payments.queries.statement import statement
from shared.kernel.errors import UnknownAccount
from tests.payments.till import DUE, IN_WINDOW, LATE, NO_WINDOW, Till


def lines(till: Till, home: str) -> list[dict[str, Any]]:
    """The lines without what is 0.00, the instant and the person."""
    return [
        {name: value for name, value in line.items() if name not in ("at", "by", "payer") and value != "0.00"}
        for line in till.statement(home)["lines"]
    ]


def test_lines_run_from_the_bill_to_what_settled_it(till: Till) -> None:
    home = till.home()
    till.on_day(IN_WINDOW)
    till.bill(home)
    till.pay(home, "2295.42", "wechat")
    assert lines(till, home) == [
        {"day": "2025-09-10", "what": "billed", "billed": "2330.38", "balance": "2330.38"},
        {"day": "2025-09-10", "what": "paid", "received": "2295.42", "discount": "34.96"},
    ]


def test_a_late_fee_is_charged_when_it_is_paid(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.on_day(LATE)
    till.pay(home, "2376.99")
    assert lines(till, home)[-1] == {"day": "2026-01-20", "what": "paid", "received": "2376.99", "late_fee": "46.61"}


def test_money_ahead_is_a_balance_below_zero_that_the_bill_uses_up(till: Till) -> None:
    home = till.home()
    till.pay(home, "3000.00", "transfer")
    till.bill(home, posted_on=NO_WINDOW)
    assert [line["balance"] for line in lines(till, home)] == ["-3000.00", "-669.62"]


def test_cash_that_was_rounded_shows_its_fen(till: Till) -> None:
    home = till.home()
    till.bill(home)
    till.pay(home, "2330.40", "cash")
    assert lines(till, home)[-1] == {"day": "2025-10-20", "what": "paid", "received": "2330.40", "rounding": "-0.02"}


def test_what_was_taken_back_is_a_line_of_its_own(till: Till) -> None:
    home = till.home()
    till.bill(home)
    payment = till.pay(home, "330.38")["payment_id"]
    till.take_back(payment)
    assert lines(till, home)[1:] == [
        {"day": "2025-10-20", "what": "paid", "received": "330.38", "balance": "2000.00"},
        {"day": "2025-10-20", "what": "taken_back", "received": "-330.38", "balance": "2330.38"},
    ]


def test_a_line_says_what_it_is_about(till: Till) -> None:
    home = till.home()
    till.take_over(home, "50.00", IN_WINDOW)
    till.bill(home, "100.00", posted_on=NO_WINDOW)
    batch_no = till.claim(home)["batch_no"]
    payment = till.pay(home, "50.00", force="insists")["payment_id"]
    till.returned(batch_no, (home, 1, "0.00"))
    till.take_back(payment)
    whats = [line["what"] for line in till.statement(home)["lines"]]
    assert whats == ["paid", "billed", "paid", "credit_used", "taken_back"]


def test_each_payer_has_a_balance_of_his_own(till: Till) -> None:
    home = till.home()
    till.bill(home, "637.00")
    till.bill(home, "2223.00", payer="employer:rail")
    till.pay(home, "223.00", "transfer", payer="employer:rail")
    balances = [(line["payer"], line["balance"]) for line in till.statement(home)["lines"]]
    assert balances == [("self", "637.00"), ("employer:rail", "2223.00"), ("employer:rail", "2000.00")]


def test_the_last_balance_is_what_is_open_less_credit(till: Till) -> None:
    home = till.home()
    till.bill(home, "100.00", season=2024, due_on=DUE)
    till.bill(home, "200.00")
    till.pay(home, "50.00")
    till.pay(home, "600.00")
    told = till.statement(home)
    assert told["lines"][-1]["balance"] == "-350.00"
    assert ([bill["open"] for bill in told["bills"]], told["credit"]) == (["0.00", "0.00"], "350.00")


def test_a_bill_tells_what_was_billed_what_settled_it_and_what_is_open(till: Till) -> None:
    home = till.home()
    bill_no = till.bill(home)
    till.pay(home, "330.38")
    assert till.statement(home)["bills"] == [{
        "season": "2025-2026", "bill_no": bill_no, "payer": "self", "kind": "season", "billed": "2330.38",
        "settled": "330.38", "open": "2000.00", "due_on": "2025-12-31", "posted_on": "2025-07-02",
    }]  # fmt: skip


def test_a_payment_tells_its_channel_serial_and_receipt(till: Till) -> None:
    home = till.home()
    payment = till.pay(home, "1.00", "wechat", partner="wechat", serial="S-77", outlet="ST1")
    assert till.statement(home)["payments"] == [{
        "payment_id": payment["payment_id"], "payer": "self", "channel": "wechat", "amount": "1.00",
        "received_on": "2025-10-20", "partner": "wechat", "serial": "S-77",
        "receipt": {"outlet": "ST1", "number": "000001"}, "reverses": None, "reversed_by": None, "reason": None,
    }]  # fmt: skip


def test_an_account_nobody_knows_has_none(till: Till) -> None:
    with till.runtime.commands.reading() as work, pytest.raises(UnknownAccount):
        statement(work, "0119999995", day=till.today)


def test_a_new_home_has_an_empty_one(till: Till) -> None:
    told = till.statement(till.home())
    assert (told["lines"], told["bills"], told["payments"], told["credits"]) == ([], [], [], [])

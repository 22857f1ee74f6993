"""What is owed on a day, by payer and by season; for one account or for a thousand in one question."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.payments.queries.owed_today import late_fees_on, owed_on
from shared.kernel.errors import InvalidInput, UnknownAccount
from tests.payments.till import IN_WINDOW, LATE, Till


def sums(told: dict[str, Any]) -> tuple[str, ...]:
    return told["principal"], told["late_fee"], told["discount"], told["total"]


def test_every_season_tells_its_principal_late_fee_and_discount_and_they_add_up(till: Till) -> None:
    home = till.home()
    till.bill(home, "1000.00", season=2024, due_on=date(2024, 12, 31))
    till.bill(home, "2330.38")
    whole = till.owed(home, day=LATE)["payers"][0]
    assert [(season["season"], *sums(season)) for season in whole["seasons"]] == [
        ("2024-2025", "1000.00", "385.00", "0.00", "1385.00"),
        ("2025-2026", "2330.38", "46.61", "0.00", "2376.99"),
    ]
    assert sums(whole) == ("3330.38", "431.61", "0.00", "3761.99")


def test_a_bill_of_which_only_late_fee_is_open_is_owed(till: Till) -> None:
    home = till.home()
    till.bill(home, "1000.00")
    till.on_day(LATE)
    till.pay(home, "1000.00")
    whole = till.owed(home, day=date(2026, 6, 1))["payers"][0]
    assert [sums(each) for each in (whole, *whole["seasons"])] == [("0.00", "20.00", "0.00", "20.00")] * 2


def test_every_payer_that_owes_is_told_and_the_household_always(till: Till) -> None:
    home = till.home()
    till.bill(home, "2223.00", payer="employer:rail")
    with till.runtime.commands.reading() as work:
        payers = owed_on(work, [home], day=till.today)[0]["payers"]
    assert [(payer["payer"], payer["total"]) for payer in payers] == [("self", "0.00"), ("employer:rail", "2223.00")]


def test_a_payer_nobody_knows_owes_nothing(till: Till) -> None:
    [whole] = till.owed(till.home(), payer="employer:nobody")["payers"]
    assert (whole["payer"], sums(whole), whole["seasons"]) == ("employer:nobody", ("0.00",) * 4, [])


def test_the_discount_is_that_of_the_channel_that_is_asked_for(till: Till) -> None:
    home = till.home()
    till.bill(home)
    assert till.owes(home, day=IN_WINDOW, through="wechat") == "2295.42"
    with pytest.raises(InvalidInput):
        till.owes(home, day=IN_WINDOW, through="barter")


def test_many_accounts_are_answered_in_the_order_asked_each_once_a_time(till: Till) -> None:
    homes = till.homes(30)
    for number, home in enumerate(homes):
        till.bill(home, f"{number + 1}.00")
    asked = [*reversed(homes), homes[0]]
    with till.runtime.commands.reading() as work:
        answers = owed_on(work, asked, day=till.today)
    assert [answer["account_no"] for answer in answers] == asked
    assert [answer["payers"][0]["total"] for answer in answers] == [f"{n}.00" for n in range(30, 0, -1)] + ["1.00"]


def test_one_account_that_nobody_knows_refuses_the_question_and_is_named(till: Till) -> None:
    with till.runtime.commands.reading() as work, pytest.raises(UnknownAccount) as refused:
        owed_on(work, [till.home(), "0119999999"], day=till.today)
    assert refused.value.facts == {"account_no": "0119999999"}


def test_the_bank_that_collects_is_named(till: Till) -> None:
    home = till.home()
    till.bill(home)
    assert till.owed(home)["in_bank_collection"] is None
    till.claim(home)
    assert till.owed(home)["in_bank_collection"] == "icbc"


def test_asking_changes_nothing(till: Till) -> None:
    home = till.home()
    till.bill(home)
    asked = [till.owed(home, day=date(2026, 6, 1)) for _ in range(2)]
    assert asked[0] == asked[1]
    assert till.owes(home) == "2330.38"


def test_a_late_fee_is_explained_by_its_days_its_sums_and_its_cap(till: Till) -> None:
    home = till.home()
    bill_no = till.bill(home)
    till.on_day(date(2026, 1, 10))
    till.pay(home, "1000.00")
    with till.runtime.commands.reading() as work:
        explained = late_fees_on(work, home, day=date(2026, 1, 31))
    assert explained == [{
        "season": "2025-2026", "bill_no": bill_no, "policy": "default@test", "kind": "DAILY",
        "frozen_on": None, "rate_permille": "1.0",
        "days": [
            {"from": "2026-01-01", "until": "2026-01-10", "days": 10, "overdue": "2330.38"},
            {"from": "2026-01-11", "until": "2026-01-31", "days": 21, "overdue": "1330.38"},
        ],
        "raw": "51.24", "cap": "2330.38", "accrued": "51.24", "waived": "0.00", "paid": "0.00", "open": "51.24",
    }]  # fmt: skip


def test_a_late_fee_that_reached_its_cap_shows_what_it_would_have_been(till: Till) -> None:
    home = till.home()
    till.bill(home, "2184.00", season=2022, due_on=date(2022, 12, 31))
    with till.runtime.commands.reading() as work:
        [explained] = late_fees_on(work, home, day=date(2025, 11, 20))
        with pytest.raises(UnknownAccount):
            late_fees_on(work, "0119999999", day=till.today)
    assert (explained["raw"], explained["cap"], explained["accrued"]) == ("2304.12", "2184.00", "2184.00")

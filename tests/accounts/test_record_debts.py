"""What payments tells of our bills is kept beside them."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from services.accounts.consumer import HANDLERS, IGNORED
from services.accounts.use_cases.record_debts import record_debts
from shared.chassis.unit_of_work import Caller
from shared.messages import payments
from shared.messages.accounts import SELF
from shared.messages.payments import ChangedDebt, DebtsChanged
from tests.accounts.conftest import AccountsService, a_home

Told = Callable[..., None]


@pytest.fixture
def bill_nos(service: AccountsService) -> list[int]:
    service.post("/accounts", {"accounts": [a_home(1), a_home(2)]})
    service.post("/billing-runs", {"season": "2025-2026"})
    return [row[0] for row in service.rows("SELECT bill_no FROM bills ORDER BY account_no")]


def tell(service: AccountsService, *debts: tuple[int, int, int]) -> None:
    """``(bill_no, version, open_fen)``"""
    items = tuple(
        ChangedDebt(f"900000000{number}", version, bill_no, SELF, open_fen)
        for number, (bill_no, version, open_fen) in enumerate(debts)
    )
    service.runtime.commands.run(record_debts, DebtsChanged(items), caller=Caller("bus:payments"))


def still_open(service: AccountsService) -> list[str]:
    return [
        service.get(f"/accounts/{account_no}/bills")[1]["bills"][0]["open"]
        for account_no in ("9000000001", "9000000002")
    ]


def test_a_bill_is_open_whole_until_payments_says_otherwise(service: AccountsService, bill_nos: list[int]) -> None:
    assert still_open(service) == ["2330.38", "2330.38"]


def test_what_is_open_follows_what_payments_tells(service: AccountsService, bill_nos: list[int]) -> None:
    tell(service, (bill_nos[0], 1, 0), (bill_nos[1], 1, 100000))
    assert still_open(service) == ["0.00", "1000.00"]
    tell(service, (bill_nos[0], 2, 233038))
    assert still_open(service) == ["2330.38", "1000.00"]


def test_of_one_list_the_last_word_on_a_bill_holds(service: AccountsService, bill_nos: list[int]) -> None:
    tell(service, (bill_nos[0], 1, 100000), (bill_nos[0], 2, 50000))
    assert still_open(service)[0] == "500.00"


def test_a_repeat_and_an_older_word_change_nothing(service: AccountsService, bill_nos: list[int]) -> None:
    tell(service, (bill_nos[0], 3, 50000))
    tell(service, (bill_nos[0], 3, 50000))
    tell(service, (bill_nos[0], 2, 100000))
    assert still_open(service)[0] == "500.00"


def test_a_bill_that_was_never_issued_is_refused_by_the_database(service: AccountsService, bill_nos: list[int]) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        tell(service, (1, 1, 0))


def test_every_event_of_payments_is_taken_or_ignored_by_name() -> None:
    known = {event.NAME for event in payments.EVENTS}
    assert known == {*HANDLERS["payments"], *IGNORED["payments"]}

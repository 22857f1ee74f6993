"""While a home is cut off its days are not late, where the terms say so; from the day of the restoration on they are.

Use cases: `cut_accounts`, `restore_accounts`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest

from services.payments.queries.owed_today import late_fees_on, owed_on
from services.payments.use_cases.cut_accounts import cut_accounts
from services.payments.use_cases.restore_accounts import restore_accounts
from shared.chassis.runtime import Runtime
from shared.messages.accounts import AccountsCut, AccountsRestored, CutAccount, RestoredAccount
from tests.support.bills import ACCOUNTS, REFERENCE_TERMS, issue, open_home

H = "0110000001"


@pytest.fixture
def payments(make_runtime: Callable[..., Runtime]) -> Runtime:
    runtime = make_runtime("payments", day=date(2026, 1, 1))
    open_home(runtime, H)
    return runtime


def cut(runtime: Runtime, day: date) -> None:
    runtime.commands.run(cut_accounts, AccountsCut((CutAccount(H, day),)), caller=ACCOUNTS)


def restore(runtime: Runtime, day: date) -> None:
    runtime.commands.run(restore_accounts, AccountsRestored((RestoredAccount(H, day),)), caller=ACCOUNTS)


def late_fee(runtime: Runtime, day: date) -> str:
    with runtime.commands.reading() as work:
        fee: str = owed_on(work, [H], day=day)[0]["payers"][0]["late_fee"]
        return fee


def test_no_day_is_late_from_the_cut_to_the_day_before_the_restoration(payments: Runtime) -> None:
    issue(payments, H, 100000)
    cut(payments, date(2026, 1, 11))
    fees = [late_fee(payments, day) for day in (date(2026, 1, 10), date(2026, 1, 11), date(2026, 2, 28))]
    assert fees == ["10.00", "10.00", "10.00"]
    restore(payments, date(2026, 1, 21))
    fees = [late_fee(payments, day) for day in (date(2026, 1, 20), date(2026, 1, 21), date(2026, 1, 25))]
    assert fees == ["10.00", "11.00", "15.00"]
    with payments.commands.reading() as work:
        (told,) = late_fees_on(work, H, day=date(2026, 1, 25))
    assert [(days["from"], days["until"]) for days in told["days"]] == [
        ("2026-01-01", "2026-01-10"), ("2026-01-21", "2026-01-25")
    ]  # fmt: skip


def test_all_bills_of_the_account_stand_still_and_those_to_come(payments: Runtime) -> None:
    issue(payments, H, 100000)
    cut(payments, date(2026, 1, 11))
    issue(payments, H, 50000, due_on=date(2026, 1, 15), posted_on=date(2026, 1, 12))
    assert late_fee(payments, date(2026, 3, 1)) == "10.00"
    restore(payments, date(2026, 3, 1))
    assert late_fee(payments, date(2026, 3, 1)) == "11.50"


def test_two_cuts_and_a_cut_on_the_day_of_its_end(payments: Runtime) -> None:
    issue(payments, H, 100000)
    cut(payments, date(2026, 1, 11))
    restore(payments, date(2026, 1, 21))
    cut(payments, date(2026, 1, 31))
    assert late_fee(payments, date(2026, 2, 20)) == "20.00"
    restore(payments, date(2026, 1, 31))
    assert late_fee(payments, date(2026, 2, 20)) == "41.00"


def test_where_the_terms_do_not_stop_it_the_late_fee_grows_on(payments: Runtime) -> None:
    issue(payments, H, 100000, terms=dataclasses.replace(REFERENCE_TERMS, late_fee_stop_on_cut=False))
    cut(payments, date(2026, 1, 11))
    assert late_fee(payments, date(2026, 1, 31)) == "31.00"


def test_a_restoration_of_a_home_that_was_never_told_to_be_cut_changes_nothing(payments: Runtime) -> None:
    issue(payments, H, 100000)
    restore(payments, date(2026, 1, 11))
    assert late_fee(payments, date(2026, 1, 31)) == "31.00"

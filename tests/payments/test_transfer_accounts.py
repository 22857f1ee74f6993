"""Another owner: the books keep what was the former one's, and a debt that was assumed moves with its history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from services.payments.domain.allocation import NotThisPayer
from services.payments.domain.reversal import Reversal
from services.payments.queries.completeness import completeness
from services.payments.queries.owed_today import owed_on
from services.payments.queries.statement import statement
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import Reverse, reverse
from services.payments.use_cases.transfer_accounts import transfer_accounts
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import AccountsTransferred, TransferredAccount
from tests.support.bills import ACCOUNTS, correct, correction, issue, open_home

H = "0110000001"
CASHIER = Caller("staff:zhang")
PAID_ON, SOLD_ON = date(2025, 10, 10), date(2026, 1, 20)


@pytest.fixture
def payments(make_runtime: Callable[..., Runtime]) -> Runtime:
    runtime = make_runtime("payments", day=PAID_ON)
    open_home(runtime, H)
    return runtime


def on_day(runtime: Runtime, day: date) -> None:
    runtime.clock.path.write_text(day.isoformat())  # type: ignore[attr-defined]


def sell(runtime: Runtime, *, assumed: bool = False) -> None:
    on_day(runtime, SOLD_ON)
    item = TransferredAccount(H, "self", "WANG", "self:2", "LI", SOLD_ON, assumed)
    runtime.commands.run(transfer_accounts, AccountsTransferred((item,)), caller=ACCOUNTS)


def take(runtime: Runtime, amount_fen: int, **words: Any) -> int:
    answer = runtime.commands.run(pay, Pay((NewPayment(H, amount_fen, "pos", **words),)), caller=CASHIER)
    with runtime.commands.reading() as work:
        payment_id: int = work.rows("SELECT max(payment_id) FROM payments WHERE reverses IS NULL")[0][0]
    assert str(payment_id).encode() in answer.body
    return payment_id


def ask(runtime: Runtime, statement: str, *values: Any) -> None:
    with transaction(runtime.engine) as cursor:
        cursor.execute(statement.encode(), values)


def told(runtime: Runtime, payer: str) -> tuple[str, str, str]:
    """Billed, owed and credit of a payer, as they are called outside."""
    with runtime.commands.reading() as work:
        whole = statement(work, H, day=work.today)
        owes = owed_on(work, [H], day=work.today, payer=payer)[0]["payers"][0]["total"]
        found = completeness(work)
    assert found["complete"], found
    called = {owner["name"]: owner["payer"] for owner in whole["owners"]}.get(payer, payer)
    billed = [bill["billed"] for bill in whole["bills"] if bill["payer"] == called]
    credit = [credit["left"] for credit in whole["credits"] if credit["payer"] == called]
    return " ".join(billed), owes, " ".join(credit)


def test_bills_and_credit_stay_with_the_former_owner(payments: Runtime) -> None:
    issue(payments, H, 233038)
    take(payments, 300000)
    sell(payments)
    assert told(payments, "WANG") == ("2330.38", "0.00", "669.62")
    assert told(payments, "LI") == told(payments, "self") == ("", "0.00", "")
    issue(payments, H, 100000, season=2026, posted_on=SOLD_ON, payer="self:2")
    assert told(payments, "LI") == ("1000.00", "1000.00", "")
    take(payments, 100000)
    assert told(payments, "self") == ("1000.00", "0.00", "")


def test_a_debt_that_was_not_due_is_paid_by_the_former_owner_under_his_name(payments: Runtime) -> None:
    issue(payments, H, 233038, due_on=date(2026, 3, 31))
    sell(payments)
    assert (told(payments, "WANG"), told(payments, "LI")) == (("2330.38", "2330.38", ""), ("", "0.00", ""))
    take(payments, 233038, payer="WANG")
    assert told(payments, "WANG") == ("2330.38", "0.00", "")
    with pytest.raises(NotThisPayer):
        take(payments, 100, payer="ZHAO")


@pytest.mark.parametrize("sold", [False, True])
def test_nobody_is_asked_for_by_what_the_books_call_him(payments: Runtime, sold: bool) -> None:
    issue(payments, H, 233038, due_on=date(2026, 3, 31))
    if sold:
        sell(payments)
    with pytest.raises(NotThisPayer):
        take(payments, 100, payer="self:2")
    with pytest.raises(NotThisPayer):
        told(payments, "self:2")


def test_an_assumed_debt_moves_with_its_late_fee_and_what_was_paid_of_it(payments: Runtime) -> None:
    issue(payments, H, 233038)
    paid = take(payments, 100000)
    sell(payments, assumed=True)
    # 20 days of 1,330.38 at 1 ‰: 26.61
    assert told(payments, "LI") == ("2330.38", "1356.99", "")
    assert told(payments, "WANG") == ("", "0.00", "")
    payments.commands.run(reverse, Reverse((Reversal(paid, "bounced", in_hall=True),)), caller=CASHIER)
    assert told(payments, "LI") == ("2330.38", "2376.99", "")
    take(payments, 237699, payer="LI")
    assert told(payments, "self") == ("2330.38", "0.00", "")


@pytest.mark.parametrize("payer", ["self:3", "finance"])
def test_a_debt_moves_to_nobody_but_another_owner(payments: Runtime, payer: str) -> None:
    issue(payments, H, 233038)
    sell(payments)
    with pytest.raises(psycopg.errors.RestrictViolation):
        ask(payments, "SELECT assume_debts(array_agg(receivable_id), %s) FROM receivables", payer)
    assert told(payments, "WANG")[0] == "2330.38"


def test_credit_and_settled_bills_do_not_move_with_a_debt(payments: Runtime) -> None:
    issue(payments, H, 50000, season=2024, due_on=date(2025, 12, 31))
    bill = issue(payments, H, 233038)
    take(payments, 50000)
    correct(payments, correction(H, bill, -1, posted_on=PAID_ON))
    sell(payments, assumed=True)
    assert told(payments, "WANG") == ("500.00", "0.00", "")
    assert told(payments, "LI")[0] == "2330.37"


def test_the_division_of_a_season_is_credit_of_the_one_and_a_debt_of_the_other(payments: Runtime) -> None:
    bill = issue(payments, H, 233038)
    take(payments, 233038)
    sell(payments)
    correct(payments, correction(H, bill, -91055, posted_on=SOLD_ON),
            correction(H, bill, 91055, posted_on=SOLD_ON, payer="self:2"))  # fmt: skip
    assert told(payments, "WANG") == ("1419.83", "0.00", "910.55")
    assert told(payments, "LI") == ("910.55", "910.55", "")


def test_the_former_owners_arrears_do_not_cost_the_new_one_his_discount(payments: Runtime) -> None:
    issue(payments, H, 50000, season=2024)
    sell(payments)
    on_day(payments, date(2025, 9, 10))
    issue(payments, H, 233038, payer="self:2")
    assert told(payments, "LI") == ("2330.38", "2295.42", "")

"""A corrected bill: an extra line, or a reduction of what is open and then of what was paid; the books agree always."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.databases import ScratchDatabases
from services.payments.domain.correction import CorrectionTooLarge
from services.payments.domain.reversal import Reversal
from services.payments.queries.completeness import completeness
from services.payments.queries.owed_today import owed_on
from services.payments.queries.statement import statement
from services.payments.use_cases.correct_bills import NotBilled
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import Reverse, reverse
from shared.chassis.auth import make_keys
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import CorrectedBill, PaymentTerms
from tests.support.bills import REFERENCE_TERMS, correct, correction, issue, open_home

CASHIER = Caller("staff:zhang")
FEE = 233038
IN_WINDOW, SEP_28, NOV_20, DUE = date(2025, 9, 10), date(2025, 9, 28), date(2025, 11, 20), date(2025, 12, 31)
NUMBERS = itertools.count(110000001)


class Home:
    """A home of its own in books that all tests of this module share: they are complete after every one of them."""

    def __init__(self, runtime: Runtime, clock: Path) -> None:
        self.runtime, self._clock, self.account_no = runtime, clock, f"{next(NUMBERS):010d}"
        self.on_day(IN_WINDOW)
        open_home(runtime, self.account_no)

    def on_day(self, day: date) -> None:
        self._clock.write_text(day.isoformat())

    def issue(self, amount_fen: int, **words: Any) -> int:
        return issue(self.runtime, self.account_no, amount_fen, **words)

    def correction(self, bill_no: int, amount_fen: int, **words: Any) -> CorrectedBill:
        return correction(self.account_no, bill_no, amount_fen, **words)

    def correct(self, *items: CorrectedBill, terms: PaymentTerms = REFERENCE_TERMS) -> None:
        correct(self.runtime, *items, terms=terms)

    def take(self, amount_fen: int, channel: str = "pos", **words: Any) -> int:
        command = Pay((NewPayment(self.account_no, amount_fen, channel, **words),))
        answer = self.runtime.commands.run(pay, command, caller=CASHIER)
        payment_id: int = json.loads(answer.body)["payments"][0]["payment_id"]
        return payment_id

    def take_back(self, *payment_ids: int) -> None:
        command = Reverse(tuple(Reversal(payment_id, "wrong home", in_hall=True) for payment_id in payment_ids))
        self.runtime.commands.run(reverse, command, caller=CASHIER)

    def told(self, *, payer: str = "self") -> dict[str, str]:
        """Billed, open, credit and late fee of one payer, as the statement and the owed query show them today."""
        with self.runtime.commands.reading() as work:
            whole = statement(work, self.account_no, day=work.today)
            owes = owed_on(work, [self.account_no], day=work.today, payer=payer)[0]["payers"][0]
        billed = sum(Decimal(bill["billed"]) for bill in whole["bills"] if bill["payer"] == payer)
        credit = sum(Decimal(credit["left"]) for credit in whole["credits"] if credit["payer"] == payer)
        return {
            "billed": f"{billed:.2f}",
            "owes": owes["total"],
            "credit": f"{credit:.2f}",
            "late_fee": owes["late_fee"],
        }

    def complete(self) -> None:
        with self.runtime.commands.reading() as work:
            found = completeness(work)
        assert found["complete"], found

    def holds(self, *, billed: str, owes: str, credit: str = "0.00", late_fee: str = "0.00",
              payer: str = "self") -> None:  # fmt: skip
        assert self.told(payer=payer) == {"billed": billed, "owes": owes, "credit": credit, "late_fee": late_fee}
        self.complete()


def as_owner(runtime: Runtime, statement: str) -> None:
    """What the service itself may not do."""
    with transaction(runtime.engine) as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(statement.encode())


@pytest.fixture(scope="module")
def payments(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Path]]:
    """The service on one database, and the file that its clock reads."""
    folder = tmp_path_factory.mktemp("payments")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(IN_WINDOW.isoformat())
    with ScratchDatabases(admin_url, services=("payments",)) as urls:
        runtime = start(Settings(
            service="payments", database_url=urls["payments"], bus_url="memory://", keys_folder=folder / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test", story_clock=folder / "clock",
            work_folder=folder / "work",
        ))  # fmt: skip
        yield runtime, folder / "clock"
        runtime.engine.dispose()


@pytest.fixture
def home(payments: tuple[Runtime, Path]) -> Home:
    return Home(*payments)


def test_a_correction_upwards_is_an_extra_line_with_its_own_due_day(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(FEE - 3496, "wechat")
    home.on_day(date(2026, 1, 5))
    home.correct(home.correction(bill, 6422, posted_on=date(2026, 1, 5)))
    home.holds(billed="2394.60", owes="64.22")
    home.on_day(date(2026, 1, 16))
    home.holds(billed="2394.60", owes="64.93", late_fee="0.71")


def test_an_extra_line_before_any_payment_is_discounted_with_the_whole(home: Home) -> None:
    bill = home.issue(FEE)
    home.correct(home.correction(bill, 6422, posted_on=IN_WINDOW))
    home.holds(billed="2394.60", owes="2358.68")


def test_an_extra_line_after_a_payment_earns_no_discount(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(FEE - 3496, "wechat")
    home.correct(home.correction(bill, 6422, posted_on=IN_WINDOW))
    home.holds(billed="2394.60", owes="64.22")


def test_an_extra_line_uses_credit_like_a_new_bill_and_no_more_than_itself(home: Home) -> None:
    undiscounted = dataclasses.replace(REFERENCE_TERMS, discount_windows=())
    home.issue(100000, season=2024, terms=undiscounted)
    bill = home.issue(FEE)
    home.take(100000 + 31000, season=2024)
    assert home.told()["credit"] == "57.00", "253 days at 1.00 of late fee came first"
    home.correct(home.correction(bill, 5000, posted_on=IN_WINDOW))
    home.holds(billed="3380.38", owes="2295.42", credit="7.00")


def test_credit_that_covers_the_discounted_line_settles_it(home: Home) -> None:
    bill = home.issue(1, posted_on=date(2025, 7, 2))
    home.on_day(date(2025, 7, 3))
    home.take(1)
    home.correct(home.correction(bill, -1, posted_on=date(2025, 7, 3)))
    home.holds(billed="0.00", owes="0.00", credit="0.01")


def test_a_share_that_was_not_billed_begins_with_an_extra_line(home: Home) -> None:
    bill = home.issue(129600)
    home.correct(home.correction(bill, -91800, posted_on=IN_WINDOW),
            home.correction(bill, 91800, posted_on=IN_WINDOW, payer="finance"))  # fmt: skip
    home.holds(billed="378.00", owes="372.33")
    home.holds(billed="918.00", owes="918.00", payer="finance")


def test_a_reduction_lowers_what_is_open_the_part_due_last_first(home: Home) -> None:
    bill = home.issue(0, parts=((100000, date(2025, 10, 31)), (133038, DUE)))
    home.correct(home.correction(bill, -150000, posted_on=IN_WINDOW))
    with home.runtime.commands.reading() as work:
        left = work.rows("SELECT amount_fen - reduced_fen FROM receivables WHERE bill_no = %s ORDER BY part", (bill,))
    assert left == [(83038,), (0,)]
    home.holds(billed="830.38", owes="817.92")


def test_a_reduction_works_from_its_own_day_and_the_late_fee_before_it_stays(home: Home) -> None:
    bill = home.issue(200000)
    home.on_day(date(2026, 1, 20))
    home.holds(billed="2000.00", owes="2040.00", late_fee="40.00")
    home.correct(home.correction(bill, -100000, posted_on=date(2026, 1, 20)))
    home.holds(billed="1000.00", owes="1039.00", late_fee="39.00")
    home.on_day(date(2026, 1, 30))
    home.holds(billed="1000.00", owes="1049.00", late_fee="49.00")


def test_the_late_fee_on_the_whole_fee_takes_the_fee_of_each_day(home: Home) -> None:
    terms = dataclasses.replace(REFERENCE_TERMS, late_fee_base="WHOLE_FEE")
    bill = home.issue(200000, terms=terms)
    home.on_day(date(2026, 1, 30))
    home.correct(home.correction(bill, -100000, posted_on=date(2026, 1, 21), terms=terms), terms=terms)
    home.holds(billed="1000.00", owes="1050.00", late_fee="50.00")
    home.correct(home.correction(bill, 50000, posted_on=date(2026, 1, 29), terms=terms), terms=terms)
    home.holds(billed="1500.00", owes="1551.00", late_fee="51.00")


def test_the_late_fee_that_comes_once_is_of_what_was_open_then(home: Home) -> None:
    terms = dataclasses.replace(REFERENCE_TERMS, late_fee_kind="ONE_OFF")
    bill = home.issue(200000, terms=terms)
    home.on_day(date(2026, 1, 5))
    home.correct(home.correction(bill, -100000, posted_on=date(2026, 1, 5), terms=terms), terms=terms)
    home.holds(billed="1000.00", owes="1100.00", late_fee="100.00")


def test_what_was_paid_beyond_the_new_amount_is_credit_of_the_day_of_the_correction(home: Home) -> None:
    bill = home.issue(FEE)
    home.on_day(date(2025, 10, 20))
    home.take(FEE)
    home.on_day(NOV_20)
    home.correct(home.correction(bill, -25038, posted_on=NOV_20))
    home.holds(billed="2080.00", owes="0.00", credit="250.38")
    with home.runtime.commands.reading() as work:
        assert statement(work, home.account_no, day=work.today)["credits"][0]["received_on"] == "2025-11-20"


def test_a_discount_is_worked_out_again_on_what_it_was_given_on(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(FEE - 3496, "wechat")
    home.correct(home.correction(bill, -25038, posted_on=SEP_28))
    # 2,080.00 × 1.5 % = 31.20; 2,295.42 − (2,080.00 − 31.20) = 246.62
    home.holds(billed="2080.00", owes="0.00", credit="246.62")
    home.correct(home.correction(bill, -8000, posted_on=NOV_20))
    # 2,000.00 × 1.5 % = 30.00; 2,295.42 − 1,970.00 = 325.42
    home.holds(billed="2000.00", owes="0.00", credit="325.42")


def test_a_discount_that_credit_earned_is_worked_out_again_too(home: Home) -> None:
    home.take(200000, "wechat")
    home.take(FEE - 3496 - 200000, "wechat")
    bill = home.issue(FEE, posted_on=IN_WINDOW)
    home.holds(billed="2330.38", owes="0.00")
    home.correct(home.correction(bill, -25038, posted_on=SEP_28))
    home.holds(billed="2080.00", owes="0.00", credit="246.62")


def test_a_suspended_home_loses_its_discount(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(FEE - 3496, "wechat")
    home.on_day(SEP_28)
    home.correct(home.correction(bill, 69911 - FEE, posted_on=SEP_28, suspended=True))
    home.holds(billed="699.11", owes="0.00", credit="1596.31")


def test_a_suspended_home_keeps_its_discount_where_the_terms_let_it(home: Home) -> None:
    terms = dataclasses.replace(REFERENCE_TERMS, discount_excludes_suspended=False)
    bill = home.issue(FEE, terms=terms)
    home.take(FEE - 3496, "wechat")
    home.correct(home.correction(bill, 69911 - FEE, posted_on=SEP_28, suspended=True, terms=terms), terms=terms)
    # 699.11 × 1.5 % = 10.48665 → 10.49; 2,295.42 − 688.62 = 1,606.80
    home.holds(billed="699.11", owes="0.00", credit="1606.80")


def test_a_home_that_is_suspended_before_it_pays_is_offered_no_discount_until_it_is_not(home: Home) -> None:
    bill = home.issue(FEE)
    home.correct(home.correction(bill, 69911 - FEE, posted_on=IN_WINDOW, suspended=True))
    home.holds(billed="699.11", owes="699.11")
    home.correct(home.correction(bill, 0, posted_on=IN_WINDOW, suspended=False))
    home.holds(billed="699.11", owes="688.62")


def test_a_credit_note_leaves_the_discount_as_it_is(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(FEE - 3496, "wechat")
    home.correct(home.correction(bill, -10000, posted_on=NOV_20, kind="credit_note"))
    home.holds(billed="2230.38", owes="0.00", credit="100.00")
    home.correct(home.correction(bill, -25038, posted_on=NOV_20))
    # Of what the discount was given on, the correction alone is taken off: 2,080.00 × 1.5 % = 31.20, 3.76 less.
    home.holds(billed="1980.00", owes="0.00", credit="346.62")


def test_a_bill_that_is_corrected_to_nothing_gives_back_what_was_paid_and_no_more(home: Home) -> None:
    bill = home.issue(FEE)
    home.take(229540, "cash")  # 0.02 rounded down, discount 34.96
    home.correct(home.correction(bill, -FEE, posted_on=SEP_28))
    home.holds(billed="0.00", owes="0.00", credit="2295.40")


def test_money_that_came_last_is_given_back_first_and_by_the_way_of_the_last_payment(home: Home) -> None:
    home.on_day(date(2025, 10, 1))
    bill = home.issue(FEE)
    first, last = home.take(100000, "pos"), home.take(133038, "wechat")
    home.correct(home.correction(bill, -163127, posted_on=NOV_20))
    with home.runtime.commands.reading() as work:
        rows = work.rows(
            "SELECT payment_id, amount_fen, refund_via FROM credits WHERE account_no = %s ORDER BY amount_fen",
            (home.account_no,),
        )
    assert rows == [(first, 30089, last), (last, 133038, last)]
    home.holds(billed="699.11", owes="0.00", credit="1631.27")


def test_credit_of_a_correction_meets_the_next_bill(home: Home) -> None:
    home.on_day(date(2025, 10, 1))
    bill = home.issue(FEE)
    payment_id = home.take(FEE)
    home.correct(home.correction(bill, -163127, posted_on=NOV_20))
    home.issue(100000, season=2026, posted_on=date(2026, 7, 2))
    home.holds(billed="1699.11", owes="0.00", credit="631.27")
    home.take_back(payment_id)
    home.holds(billed="1699.11", owes="1699.11")


def test_corrections_of_one_event_see_each_other(home: Home) -> None:
    bill, next_bill = home.issue(FEE), home.issue(FEE, season=2026)
    home.on_day(date(2025, 10, 1))
    home.take(FEE, season=2025)
    home.correct(home.correction(bill, -10000, posted_on=NOV_20), home.correction(next_bill, 3000, posted_on=NOV_20),
            home.correction(bill, 2000, posted_on=NOV_20), home.correction(bill, -2500, posted_on=NOV_20))  # fmt: skip
    # 100.00 free, 30.00 and 20.00 of it used by the lines, 25.00 free again
    home.holds(billed="4585.76", owes="2330.38", credit="75.00")


def test_a_correction_is_in_the_books_once(home: Home) -> None:
    bill = home.issue(FEE)
    once = home.correction(bill, -10000, posted_on=IN_WINDOW)
    home.correct(once)
    home.correct(once)
    home.correct(once, home.correction(bill, -1000, posted_on=IN_WINDOW))
    assert home.told()["billed"] == "2220.38"
    home.complete()


def test_a_bill_cannot_be_lowered_below_nothing_or_where_nobody_was_billed(home: Home) -> None:
    bill = home.issue(FEE)
    with pytest.raises(CorrectionTooLarge):
        home.correct(home.correction(bill, -FEE - 1, posted_on=IN_WINDOW))
    with pytest.raises(NotBilled):
        home.correct(home.correction(bill, -1, posted_on=IN_WINDOW, payer="finance"))
    home.holds(billed="2330.38", owes="2295.42")


def test_a_payment_taken_back_after_a_correction_leaves_the_corrected_bill_open(home: Home) -> None:
    bill = home.issue(FEE)
    payment_id = home.take(FEE - 3496, "wechat")
    home.correct(home.correction(bill, 69911 - FEE, posted_on=SEP_28, suspended=True))
    home.on_day(date(2026, 1, 10))
    home.take_back(payment_id)
    home.holds(billed="699.11", owes="706.10", late_fee="6.99")


def test_what_another_payment_was_set_free_goes_back_to_the_bill(home: Home) -> None:
    home.on_day(date(2025, 10, 1))
    bill = home.issue(FEE)
    first, last = home.take(100000), home.take(133038)
    home.correct(home.correction(bill, -163127, posted_on=NOV_20))
    home.take_back(first)
    # As if 1,330.38 had been paid alone: 699.11 are settled, 631.27 are credit.
    home.holds(billed="699.11", owes="0.00", credit="631.27")
    home.take_back(last)
    home.holds(billed="699.11", owes="699.11")


def test_both_payments_taken_back_in_one_list_leave_nothing(home: Home) -> None:
    home.on_day(date(2025, 10, 1))
    bill = home.issue(FEE)
    first, last = home.take(100000), home.take(133038)
    home.correct(home.correction(bill, -163127, posted_on=NOV_20))
    home.take_back(first, last)
    home.holds(billed="699.11", owes="699.11")


def test_corrections_and_reductions_are_never_edited(home: Home) -> None:
    bill = home.issue(FEE)
    home.correct(home.correction(bill, -10000, posted_on=IN_WINDOW))
    for table in ("corrections", "reductions"):
        for change in (f"UPDATE {table} SET amount_fen = 1", f"DELETE FROM {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(home.runtime.engine) as cursor:
                cursor.execute(change.encode())
            with pytest.raises(psycopg.errors.RestrictViolation):
                as_owner(home.runtime, change)

"""Bills that `accounts` issued become receivables, once, with the terms that they travel with."""

from __future__ import annotations

import dataclasses
from datetime import date

import psycopg
import pytest

from services.payments.storage.debts import OtherTerms, debts_of_bills
from services.payments.use_cases.open_receivables import open_receivables
from shared.kernel.errors import UnknownAccount
from shared.messages.accounts import BillsIssued, IssuedBill
from tests.payments.till import NO_WINDOW, Till
from tests.support.bills import ACCOUNTS, BILL_NOS, REFERENCE_TERMS


def issued(account_no: str, *parts: tuple[int, date], terms: str = "t-open", kind: str = "season") -> IssuedBill:
    return IssuedBill(
        account_no, next(BILL_NOS), 2025, "self", kind, "residential", False, terms, date(2025, 7, 2), parts
    )


def tell(till: Till, *bills: IssuedBill, terms: str = "t-open") -> None:
    till.runtime.commands.run(open_receivables, BillsIssued({terms: REFERENCE_TERMS}, bills), caller=ACCOUNTS)


def test_every_part_of_every_share_is_a_receivable_with_its_posting(till: Till) -> None:
    home = till.home()
    bill = issued(home, (116519, date(2025, 10, 15)), (116519, date(2025, 12, 31)))
    tell(till, bill)
    with till.runtime.commands.reading() as work:
        [found] = debts_of_bills(work, [home], [bill.bill_no])[home]
        postings = work.rows("SELECT debit, credit, amount_fen FROM postings WHERE account_no = %s", (home,))
    assert [(part.amount_fen, part.due_on) for part in found.receivables] == list(bill.parts)
    assert found.terms == REFERENCE_TERMS
    assert postings == [("receivable", "heat_income", 116519)] * 2


def test_arrears_of_an_old_system_come_from_the_opening_balance(till: Till) -> None:
    home = till.home()
    tell(till, issued(home, (5000, date(2024, 12, 31)), kind="opening"))
    with till.runtime.commands.reading() as work:
        postings = work.rows("SELECT debit, credit FROM postings WHERE account_no = %s", (home,))
    assert postings == [("receivable", "opening_balance")]


def test_a_bill_is_in_the_books_once(till: Till) -> None:
    bill = issued(till.home(), (100, date(2025, 12, 31)))
    tell(till, bill)
    with pytest.raises(psycopg.errors.UniqueViolation, match="receivables_part_once"):
        tell(till, bill)


def test_a_bill_of_a_home_that_was_never_opened_is_refused(till: Till) -> None:
    with pytest.raises(UnknownAccount):
        tell(till, issued("0119999998", (100, date(2025, 12, 31))))


def test_a_list_with_one_bad_bill_opens_none(till: Till) -> None:
    home = till.home()
    with pytest.raises(psycopg.errors.CheckViolation):
        tell(till, issued(home, (100, date(2025, 12, 31))), issued(home, (0, date(2025, 12, 31))))
    assert till.owes(home) == "0.00"


def test_terms_of_a_name_that_is_taken_by_other_terms_are_refused(till: Till) -> None:
    home = till.home()
    tell(till, issued(home, (100, date(2025, 12, 31)), terms="t-same"), terms="t-same")
    other = dataclasses.replace(REFERENCE_TERMS, late_fee_kind="NONE")
    event = BillsIssued({"t-same": other}, (issued(home, (100, date(2025, 12, 31)), terms="t-same"),))
    with pytest.raises(OtherTerms):
        till.runtime.commands.run(open_receivables, event, caller=ACCOUNTS)
    assert till.owes(home) == "1.00"


def test_credit_of_the_payer_meets_the_bill_when_it_is_issued_and_the_others_are_told(till: Till) -> None:
    home = till.home()
    till.pay(home, "1000.00", "transfer")
    bill_no = till.bill(home, posted_on=NO_WINDOW)
    assert till.has(home) == ("1330.38", "0.00")
    assert [item["open_fen"] for item in till.events("DebtsChanged") if item["bill_no"] == bill_no] == [133038]


def test_two_bills_of_one_event_share_the_credit_oldest_season_first(till: Till) -> None:
    home = till.home()
    till.pay(home, "300.00")
    new, old = issued(home, (20000, date(2025, 12, 31))), issued(home, (20000, date(2024, 12, 31)))
    tell(till, new, dataclasses.replace(old, season=2024))
    seasons = till.owed(home)["payers"][0]["seasons"]
    assert [(season["season"], season["principal"]) for season in seasons] == [
        ("2024-2025", "0.00"),
        ("2025-2026", "100.00"),
    ]


def test_credit_of_another_payer_does_not_meet_the_households_bill(till: Till) -> None:
    home = till.home()
    till.bill(home, "100.00", payer="employer:rail")
    till.pay(home, "150.00", "transfer", payer="employer:rail")
    till.bill(home, "80.00")
    assert till.owes(home) == "80.00"
    till.bill(home, "60.00", payer="employer:rail", season=2026)
    assert till.owes(home, payer="employer:rail") == "10.00"


def test_each_bill_of_an_event_is_met_as_of_its_own_posting(till: Till) -> None:
    """Two runs may reach us in one piece: what credit settled late of the one is not settled late of the other."""
    home = till.home()
    till.on_day(date(2025, 12, 1))
    till.pay(home, "200.00")
    first = dataclasses.replace(issued(home, (10000, date(2026, 1, 10))), season=2024, posted_on=date(2025, 12, 20))
    second = dataclasses.replace(issued(home, (10000, date(2025, 12, 31))), posted_on=date(2026, 1, 20))
    tell(till, first, second)
    with till.runtime.commands.reading() as work:
        days = work.rows(
            "SELECT r.season, s.settled_on FROM settlements s JOIN receivables r USING (receivable_id)"
            " WHERE r.account_no = %s ORDER BY 1", (home,),
        )  # fmt: skip
    assert days == [(2024, date(2025, 12, 20)), (2025, date(2026, 1, 20))]
    till.on_day(date(2026, 1, 20))
    assert till.owes(home) == "2.00"

"""A few rows, some hundred and many are written in different ways, and the same stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller, Work
from shared.chassis.writes import ARRAY_ROWS_MAX, STATEMENT_ROWS_MAX, Change, LostUpdate, row_of

COUNTS = (3, STATEMENT_ROWS_MAX + 40, ARRAY_ROWS_MAX + 40)
CALLER = Caller("test:writes")


@row_of("terms")
class TermsRow(NamedTuple):
    terms_id: str
    body: Any


@row_of("accounts")
class AccountRow(NamedTuple):
    account_no: str
    opened_on: date
    hold_id: int | None


NEXT = Change(
    "UPDATE accounts a SET version = a.version + v.more FROM {rows} AS v (account_no, more) WHERE a.account_no = v.account_no",
    ("text", "bigint"),
)


@pytest.fixture
def payments(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


def open_accounts(count: int, work: Work) -> dict[str, int]:
    """JSON as text and as a value, texts that need quotes, values that are missing."""
    work.add(TermsRow(f"t{n}", f'{{"n": {n}, "text": "暖\\"{n}"}}' if n % 2 else {"n": n}) for n in range(count))
    work.add(AccountRow(f"{n:010d}", date(2020, 1, 1 + n % 28), n if n % 3 else None) for n in range(count))
    return {"count": count}


@pytest.mark.parametrize("count", COUNTS)
def test_rows_stand_as_they_were_added(payments: Runtime, count: int) -> None:
    payments.commands.run(open_accounts, count, caller=CALLER)
    with transaction(payments.engine) as cursor:
        terms = dict(cursor.execute("SELECT terms_id, body FROM terms").fetchall())
        accounts = cursor.execute("SELECT account_no, opened_on, hold_id FROM accounts ORDER BY 1").fetchall()
    assert terms == {f"t{n}": {"n": n, "text": f'暖"{n}'} if n % 2 else {"n": n} for n in range(count)}
    assert accounts == [(f"{n:010d}", date(2020, 1, 1 + n % 28), n if n % 3 else None) for n in range(count)]


@pytest.mark.parametrize("count", COUNTS)
def test_changes_meet_their_rows(payments: Runtime, count: int) -> None:
    def change(_: None, work: Work) -> None:
        work.add(TermsRow(f"more{n}", {}) for n in range(count))
        work.change(NEXT, [(f"{n:010d}", n) for n in range(count)])

    payments.commands.run(open_accounts, count, caller=CALLER)
    payments.commands.run(change, None, caller=CALLER)
    with transaction(payments.engine) as cursor:
        versions = cursor.execute("SELECT account_no::integer, version FROM accounts ORDER BY 1").fetchall()
    assert versions == [(n, n) for n in range(count)]


@pytest.mark.parametrize("count", COUNTS)
def test_a_change_that_meets_fewer_rows_than_were_decided_about_ends_the_work(payments: Runtime, count: int) -> None:
    def change(_: None, work: Work) -> None:
        work.add(TermsRow(f"t{n}", {}) for n in range(count))
        work.change(NEXT, [("9999999999", 1)])

    with pytest.raises(LostUpdate):
        payments.commands.run(change, None, caller=CALLER)
    with transaction(payments.engine) as cursor:
        assert cursor.execute("SELECT count(*) FROM terms").fetchone() == (0,)


@row_of("staff")
class StaffRow(NamedTuple):
    login: str
    command_id: int
    person: str
    password_hash: str
    roles: str


@pytest.mark.parametrize("count", COUNTS)
def test_a_column_that_is_an_array_holds_what_its_text_says(make_runtime: Callable[..., Runtime], count: int) -> None:
    accounts = make_runtime("accounts")

    def add(count: int, work: Work) -> dict[str, int]:
        work.add(StaffRow(f"s{n:04d}", work.command_id, "x", "$argon2id$x", "{cashier,clerk}") for n in range(count))
        return {"count": count}

    accounts.commands.run(add, count, caller=CALLER)
    with transaction(accounts.engine) as cursor:
        assert cursor.execute("SELECT roles, count(*) FROM staff GROUP BY 1").fetchall() == [
            (["cashier", "clerk"], count)
        ]

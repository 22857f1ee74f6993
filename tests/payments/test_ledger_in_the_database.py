"""The database itself refuses books that do not balance: whoever writes, by whatever statement, and the owner too.

Every breakage is tried as the role that the service works as, and as the owner, whom no grant stops, where a trigger or a
constraint must hold against him as well. Afterwards the books are as they were, to the byte.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from deploy.local.databases import conninfo
from shared.chassis.database import app_role
from shared.chassis.runtime import Runtime
from tests.payments.till import IN_WINDOW, NO_WINDOW, Till

TABLES = ("accounts", "commands", "terms", "receivables", "payments", "settlements", "credits", "holds", "outlets",
          "ledger_accounts", "postings")  # fmt: skip
BROKEN = (psycopg.errors.IntegrityError, psycopg.errors.RestrictViolation)
SEEN = "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {table} t"


class Books(NamedTuple):
    """Books with a bill, a payment, a reversal, credit and a hold, and the numbers of some of their rows."""

    till: Till
    url: str
    numbers: dict[str, str]


@pytest.fixture(scope="module")
def books(shared_books: tuple[Runtime, Path]) -> Books:
    till = Till(*shared_books)
    home, other, held = till.homes(3)
    till.on_day(IN_WINDOW)
    till.bill(home)
    paid = till.pay(home, "2295.42", "wechat", outlet="DB", partner="wechat", serial=f"DB-{home}")["payment_id"]
    reversed_ = till.pay(home, "10.00")["payment_id"]
    [reversal] = till.take_back(reversed_)
    till.bill(other, "500.00", payer="employer:rail")
    credit = till.pay(other, "7.00")["payment_id"]
    till.bill(other, "300.00")
    part = till.pay(other, "100.00")["payment_id"]
    till.on_day(NO_WINDOW)
    for batch in (1, 2):
        till.bill(held, "50.00", season=2025 + batch)
    batch_no = till.claim(held)["batch_no"]
    till.release(batch_no, 1)
    till.claim(held)
    url = till.runtime.settings.database_url
    with psycopg.connect(conninfo(url)) as connection:

        def one(sql: str, *values: object) -> str:
            row = connection.execute(sql.encode(), values).fetchone()
            assert row is not None
            return str(row[0])

        numbers = {
            "home": home, "other": other, "held": held, "paid": str(paid), "reversed": str(reversed_),
            "reversal": str(reversal["payment_id"]), "credit": str(credit), "part": str(part),
            "command": one("SELECT command_id FROM payments WHERE payment_id = %s", paid),
            "receivable": one("SELECT receivable_id FROM receivables WHERE account_no = %s", home),
            "open": one("SELECT receivable_id FROM receivables WHERE account_no = %s AND payer = 'self'", other),
            "settlement": one("SELECT settlement_id FROM settlements WHERE payment_id = %s", paid),
            "part_settlement": one("SELECT settlement_id FROM settlements WHERE payment_id = %s", part),
            "ended": one("SELECT hold_id FROM holds WHERE account_no = %s AND state = 'released'", held),
            "hold": one("SELECT hold_id FROM holds WHERE account_no = %s AND state = 'open'", held),
            "terms": one("SELECT terms_id FROM receivables WHERE account_no = %s", home),
        }  # fmt: skip
    return Books(till, url, numbers)


# {new} is a number that no row has. A posting that belongs to a command of its own transaction would be taken.
HEAD = "INSERT INTO commands (command_id, name, actor, request_id, business_on) VALUES ({new}, 'x', 'x', 'x', now()); "
POSTING = ("INSERT INTO postings (posting_id, command_id, posted_on, debit, credit, amount_fen, account_no, payer, season,"
           " reference) VALUES ({{new}}, {command}, now(), {debit}, {credit}, {amount}, '{{home}}', 'self', 2025, 1)")  # fmt: skip
PAYMENT = ("INSERT INTO payments (payment_id, command_id, account_no, payer, channel, amount_fen, received_on, partner,"
           " serial, outlet, receipt_no, reverses, reason) VALUES ({{new}}, {{new}}, {account}, {payer}, {channel}, {amount},"
           " now(), {partner}, {serial}, {outlet}, {receipt}, {reverses}, {reason})")  # fmt: skip
SETTLEMENT = ("INSERT INTO settlements (settlement_id, command_id, receivable_id, payment_id, settled_on, paid_fen,"
              " discount_fen, rounding_fen, late_fee_fen, by_credit, reverses) VALUES ({{new}}, {{new}}, {receivable},"
              " {payment}, now(), {paid}, {discount}, {rounding}, {late_fee}, {by_credit}, {reverses})")  # fmt: skip


def posting(*, command: str = "{new}", debit: str = "'cash'", credit: str = "'receivable'", amount: str = "100") -> str:
    return HEAD + POSTING.format(command=command, debit=debit, credit=credit, amount=amount)


def payment(account: str = "'{home}'", payer: str = "'self'", channel: str = "'pos'", amount: str = "100",
            partner: str = "NULL", serial: str = "NULL", outlet: str = "NULL", receipt: str = "NULL",
            reverses: str = "NULL", reason: str = "NULL") -> str:  # fmt: skip
    return HEAD + PAYMENT.format(
        account=account, payer=payer, channel=channel, amount=amount, partner=partner, serial=serial, outlet=outlet,
        receipt=receipt, reverses=reverses, reason=reason,
    )  # fmt: skip


def settlement(receivable: str = "{open}", payment: str = "{part}", paid: str = "1", discount: str = "0",
               rounding: str = "0", late_fee: str = "0", by_credit: str = "false", reverses: str = "NULL") -> str:  # fmt: skip
    return HEAD + SETTLEMENT.format(
        receivable=receivable, payment=payment, paid=paid, discount=discount, rounding=rounding, late_fee=late_fee,
        by_credit=by_credit, reverses=reverses,
    )  # fmt: skip


ALWAYS: dict[str, str] = {
    # One side only, or no amount.
    "a posting without a debit": posting(debit="NULL"),
    "a posting without a credit": posting(credit="NULL"),
    "a posting of nothing": posting(amount="0"),
    "a posting below zero": posting(amount="-100"),
    "a posting without an amount": posting(amount="NULL"),
    "a posting with a part of a fen in both sides' name": posting(amount="0.4"),
    "a posting from an account to itself": posting(debit="'cash'", credit="'cash'"),
    "a posting to an account that is not in the chart": posting(credit="'slush'"),
    "a posting from an account that is not in the chart": posting(debit="'slush'"),
    "an account's name in another case": posting(debit="'Cash'"),
    # A pair added later.
    "a posting on a command of yesterday": posting(command="{command}"),
    "a posting on a command that does not exist": posting(command="{new} + 1"),
    "a posting without a command": posting(command="NULL"),
    "an entry of two postings of which one is late": posting() + "; " + POSTING.format(
        command="{command}", debit="'pos'", credit="'credit'", amount="1").replace("{new}", "{new} + 1"),
    "a posting twice": posting() + "; " + POSTING.format(command="{new}", debit="'cash'", credit="'receivable'", amount="100"),
    "many postings of which one is bad": HEAD + "INSERT INTO postings (posting_id, command_id, posted_on, debit, credit,"
        " amount_fen, account_no, payer, season, reference) SELECT {new} + n, {new}, now(), 'cash',"
        " CASE n WHEN 500 THEN 'slush' ELSE 'receivable' END, 1, '{home}', 'self', 2025, 1 FROM generate_series(1, 500) n",
    # Nothing that is in the books is changed.
    "a posting made larger": "UPDATE postings SET amount_fen = amount_fen + 1 WHERE command_id = {command}",
    "a posting turned round": "UPDATE postings SET debit = credit, credit = debit WHERE command_id = {command}",
    "a posting moved to another command": "UPDATE postings SET command_id = command_id WHERE command_id = {command}",
    "a posting removed": "DELETE FROM postings WHERE command_id = {command}",
    "all postings removed": "TRUNCATE postings",
    "all postings removed with what depends on them": "TRUNCATE commands CASCADE",
    "a posting overwritten": posting().replace("'self', 2025, 1)", "'self', 2025, 1) ON CONFLICT (posting_id) DO UPDATE"
                                               " SET amount_fen = 1"),
    "a payment made larger": "UPDATE payments SET amount_fen = amount_fen + 1 WHERE payment_id = {paid}",
    "a payment moved to another home": "UPDATE payments SET account_no = '{other}' WHERE payment_id = {paid}",
    "a payment's receipt renumbered": "UPDATE payments SET receipt_no = 99 WHERE payment_id = {paid}",
    "a payment removed": "DELETE FROM payments WHERE payment_id = {paid}",
    "all payments removed": "TRUNCATE payments CASCADE",
    "a settlement changed": "UPDATE settlements SET discount_fen = 0, paid_fen = paid_fen + discount_fen"
                            " WHERE settlement_id = {settlement}",
    "a settlement removed": "DELETE FROM settlements WHERE settlement_id = {settlement}",
    "all settlements removed": "TRUNCATE settlements CASCADE",
    "a receivable removed": "DELETE FROM receivables WHERE receivable_id = {receivable}",
    "all receivables removed": "TRUNCATE receivables CASCADE",
    "a credit removed": "DELETE FROM credits WHERE payment_id = {credit}",
    "a hold removed": "DELETE FROM holds WHERE hold_id = {hold}",
    "an outlet removed": "DELETE FROM outlets WHERE outlet = 'DB'",
    "the chart of accounts shortened": "DELETE FROM ledger_accounts WHERE code = 'slush' OR code = 'alipay'",
    "the terms of a bill changed": "UPDATE terms SET body = '{{}}' WHERE terms_id = '{terms}'",
    "the terms of a bill removed": "DELETE FROM terms WHERE terms_id = '{terms}'",
    "who did it changed": "UPDATE commands SET actor = 'nobody' WHERE command_id = {command}",
    "when it was done changed": "UPDATE commands SET at = at - interval '1 day' WHERE command_id = {command}",
    "a command removed": "DELETE FROM commands WHERE command_id = {command}",
    # Payments.
    "a payment of nothing": payment(amount="0"),
    "a payment below zero that takes nothing back": payment(amount="-100"),
    "a payment above zero that takes something back": payment(amount="100", reverses="{part}", reason="'x'"),
    "a payment of a home that was never opened": payment(account="'0119999993'"),
    "a payment without a day": payment().replace("now(), NULL", "NULL, NULL"),
    "a payment without a payer": payment(payer="NULL"),
    "a payment without a channel": payment(channel="NULL"),
    "a serial that is in the books": payment(channel="'wechat'", partner="'wechat'", serial="'DB-{home}'"),
    "a serial without a partner": payment(serial="'DB-9'"),
    "a receipt number that was given out": payment(outlet="'DB'", receipt="1"),
    "a receipt number without an outlet": payment(receipt="2"),
    "an outlet without a receipt number": payment(outlet="'DB'"),
    "a receipt numbered nought": payment(outlet="'DB'", receipt="0"),
    "a receipt number below nought": payment(outlet="'DB'", receipt="-1"),
    # Reversals.
    "a reversal of one fen less": payment(account="'{other}'", amount="-9999", reverses="{part}", reason="'x'"),
    "a reversal of one fen more": payment(account="'{other}'", amount="-10001", reverses="{part}", reason="'x'"),
    "a reversal on another home": payment(amount="-10000", reverses="{part}", reason="'x'"),
    "a reversal for another payer": payment(account="'{other}'", payer="'employer:rail'", amount="-10000", reverses="{part}",
                                            reason="'x'"),
    "a reversal through another channel": payment(account="'{other}'", channel="'cash'", amount="-10000", reverses="{part}",
                                                  reason="'x'"),
    "a reversal without a reason": payment(account="'{other}'", amount="-10000", reverses="{part}"),
    "a second reversal": payment(amount="-1000", reverses="{reversed}", reason="'x'"),
    "a reversal of a reversal": payment(amount="-1000", reverses="{reversal}", reason="'x'"),
    "a reversal of nothing": payment(amount="-1000", reverses="{new} + 7", reason="'x'"),
    "a reversal with a receipt number": payment(account="'{other}'", amount="-10000", reverses="{part}", reason="'x'",
                                                outlet="'DB'", receipt="2"),
    # Settlements.
    "a settlement below zero": settlement(paid="-1"),
    "a settlement of nothing": settlement(paid="0"),
    "a discount below zero": settlement(paid="10", discount="-1"),
    "a late fee below zero": settlement(paid="10", late_fee="-10"),
    "a rounding below zero": settlement(paid="10", rounding="-10"),
    "a settlement by a payment that does not exist": settlement(payment="{new} + 7"),
    "a settlement of a receivable that does not exist": settlement(receivable="{new} + 7"),
    "a settlement taken back by one fen less": settlement(paid="-9999", reverses="{part_settlement}"),
    "a settlement taken back from another bill": settlement(receivable="{receivable}", paid="-10000",
                                                            reverses="{part_settlement}"),
    "a settlement taken back for another payment": settlement(payment="{paid}", paid="-10000", reverses="{part_settlement}"),
    "a settlement taken back as late fee": settlement(paid="0", late_fee="-10000", reverses="{part_settlement}"),
    "a settlement taken back upwards": settlement(paid="10000", reverses="{part_settlement}"),
    # Running sums.
    "more settled than was billed": "UPDATE receivables SET settled_fen = amount_fen + 1 WHERE receivable_id = {open}",
    "less settled than nothing": "UPDATE receivables SET settled_fen = -1 WHERE receivable_id = {open}",
    "closed while something is open": "UPDATE receivables SET closed = true WHERE receivable_id = {open}",
    "more credit used than there was": "UPDATE credits SET used_fen = amount_fen + 1 WHERE payment_id = {credit}",
    "less credit used than nothing": "UPDATE credits SET used_fen = -1 WHERE payment_id = {credit}",
    # Holds and outlets.
    "a hold that ended, opened again": "UPDATE holds SET state = 'open' WHERE hold_id = {ended}",
    "a hold that ended, ended otherwise": "UPDATE holds SET state = 'settled' WHERE hold_id = {ended}",
    "a hold in a state that is none": "UPDATE holds SET state = 'lost' WHERE hold_id = {hold}",
    "a second hold": "INSERT INTO holds (hold_id, command_id, account_no, bank, batch_no, item_no, amount_fen, as_of)"
                     " VALUES ({new}, {command}, '{held}', 'ccb', 990001, 1, 1, now())",
    "a hold of nothing": "INSERT INTO holds (hold_id, command_id, account_no, bank, batch_no, item_no, amount_fen, as_of)"
                         " VALUES ({new}, {command}, '{home}', 'ccb', 990001, 1, 0, now())",
    "receipt numbers skipped": "UPDATE outlets SET next_no = next_no + 3 WHERE outlet = 'DB'",
    "receipt numbers given out again": "UPDATE outlets SET next_no = 1 WHERE outlet = 'DB'",
    "a new outlet that begins in the middle": "INSERT INTO outlets (outlet, next_no) VALUES ('MIDDLE', 100)",
    "an outlet that counts from nought": "INSERT INTO outlets (outlet, next_no) VALUES ('NOUGHT', 0)",
    "a receipt number taken and not used": "UPDATE outlets SET next_no = next_no + 1 WHERE outlet = 'DB'; "
                                           + payment(outlet="'DB2'", receipt="1"),
    # Accounts and bills.
    "an account number of another form": "INSERT INTO accounts (account_no, opened_on) VALUES ('12', now())",
    "an account twice": "INSERT INTO accounts (account_no, opened_on) VALUES ('{home}', now())",
}  # fmt: skip

AS_THE_SERVICE: dict[str, str] = {
    "what was billed changed": "UPDATE receivables SET amount_fen = amount_fen + 1 WHERE receivable_id = {open}",
    "when it falls due changed": "UPDATE receivables SET due_on = due_on + 100 WHERE receivable_id = {open}",
    "who owes it changed": "UPDATE receivables SET payer = 'employer:rail' WHERE receivable_id = {open}",
    "what was credited changed": "UPDATE credits SET amount_fen = amount_fen + 1 WHERE payment_id = {credit}",
    "whose credit it is changed": "UPDATE credits SET account_no = '{home}' WHERE payment_id = {credit}",
    "what a bank was to collect changed": "UPDATE holds SET amount_fen = 1 WHERE hold_id = {hold}",
    "a home removed": "DELETE FROM accounts WHERE account_no = '{held}'",
    "the chart of accounts lengthened": "INSERT INTO ledger_accounts VALUES ('slush', 'asset', 'x')",
    "the chart of accounts changed": "UPDATE ledger_accounts SET kind = 'income' WHERE code = 'cash'",
    "a command dated back": HEAD.replace("business_on)", "business_on, at)").replace("now());", "now(), now() - interval '9 days');"),
    "a command that claims an older transaction": HEAD.replace("business_on)", "business_on, txid)").replace(
        "now());", "now(), (SELECT txid FROM commands WHERE command_id = {command}));"),
    "the seal switched off": "ALTER TABLE postings DISABLE TRIGGER postings_checked",
    "all triggers switched off": "ALTER TABLE postings DISABLE TRIGGER ALL",
    "the seal dropped": "DROP TRIGGER postings_checked ON postings",
    "a constraint dropped": "ALTER TABLE postings DROP CONSTRAINT postings_amount",
    "triggers passed by": "SET session_replication_role = replica",
    "a table dropped": "DROP TABLE postings",
    "a table renamed": "ALTER TABLE postings RENAME TO postings_old",
    "the check replaced": "CREATE OR REPLACE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql AS"
                          " 'BEGIN RETURN NULL; END'",
    "a rule that swallows": "CREATE RULE swallow AS ON INSERT TO postings DO INSTEAD NOTHING",
    "a trigger of one's own": "CREATE TRIGGER mine BEFORE INSERT ON postings FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "a table of one's own": "CREATE TABLE mine (x int)",
    "rights taken, and used": "GRANT ALL ON postings TO CURRENT_USER; UPDATE postings SET amount_fen = 1",
    "rows hidden": "ALTER TABLE postings ENABLE ROW LEVEL SECURITY",
}  # fmt: skip


@pytest.fixture
def seen(books: Books) -> Iterator[None]:
    """Whatever a test tried, every row is as it was."""
    before = _digests(books.url)
    yield
    assert _digests(books.url) == before


def _digests(url: str) -> dict[str, str]:
    with psycopg.connect(conninfo(url)) as connection:
        rows = {table: connection.execute(SEEN.format(table=table).encode()).fetchone() for table in TABLES}
    return {table: row[0] for table, row in rows.items() if row is not None}


def attempt(books: Books, statements: str, *, as_the_service: bool) -> psycopg.Error | None:
    """What the database says to these statements, up to the checks of a commit; None when it takes them.

    Nothing is committed: the books of other tests are spared what should not have been taken.
    """
    text = statements.format(new=random.randrange(2**50, 2**61), **books.numbers)
    connection = psycopg.connect(conninfo(books.url))
    try:
        if as_the_service:
            connection.execute(f"SET ROLE {app_role('payments')}".encode())
        connection.execute(text.encode())
        connection.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error
    finally:
        connection.close()
    return None


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("what", ALWAYS)
def test_the_service_cannot_write(books: Books, what: str) -> None:
    error = attempt(books, ALWAYS[what], as_the_service=True)
    assert isinstance(error, (*BROKEN, psycopg.errors.InsufficientPrivilege)), error


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("what", ALWAYS)
def test_the_owner_cannot_write_either(books: Books, what: str) -> None:
    error = attempt(books, ALWAYS[what], as_the_service=False)
    assert isinstance(error, BROKEN), error


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("what", AS_THE_SERVICE)
def test_the_service_has_no_right_to(books: Books, what: str) -> None:
    error = attempt(books, AS_THE_SERVICE[what], as_the_service=True)
    assert isinstance(error, (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidTableDefinition)), error


def test_the_statements_that_are_refused_are_refused_for_what_they_break_and_not_for_their_form(books: Books) -> None:
    """Each form, filled in well, is taken (and taken back): so a refusal above is a refusal of the breakage."""
    outlet = "UPDATE outlets SET next_no = next_no + 1 WHERE outlet = 'DB'; "
    well = {
        "posting": posting(),
        "payment": payment(),
        "payment with a receipt": outlet + payment(outlet="'DB'", receipt="2"),
        "payment with a serial": payment(channel="'wechat'", partner="'wechat'", serial="'DB-2'"),
        "reversal": payment(account="'{other}'", amount="-10000", reverses="{part}", reason="'x'"),
        "settlement": settlement(),
        "settlement taken back": settlement(paid="-10000", reverses="{part_settlement}"),
        "hold ended": "UPDATE holds SET state = 'released' WHERE hold_id = {hold}",
    }
    for name, statements in well.items():
        assert attempt(books, statements, as_the_service=True) is None, name


def test_an_entry_may_be_written_in_several_statements_of_its_own_transaction(books: Books) -> None:
    second = POSTING.format(command="{new}", debit="'pos'", credit="'credit'", amount="5").replace(
        "({new},", "({new} + 1,"
    )
    assert attempt(books, posting() + "; SAVEPOINT later; " + second, as_the_service=True) is None


def test_every_row_names_the_command_that_made_it_and_every_command_who_and_when(books: Books) -> None:
    made = ("receivables", "payments", "settlements", "holds", "postings")
    with psycopg.connect(conninfo(books.url)) as connection:
        for table in made:
            strangers = f"SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT FROM commands c WHERE c.command_id = t.command_id)"
            assert connection.execute(strangers.encode()).fetchone() == (0,), table
        nameless = connection.execute(
            b"SELECT count(*) FROM commands WHERE actor = '' OR name = '' OR at IS NULL"
        ).fetchone()
    assert nameless == (0,)


def test_hundreds_of_random_breakages_are_refused_every_one(books: Books) -> None:
    """Combinations of a bad side, a bad amount and a bad command: none of them is in the books afterwards."""
    chance = random.Random(20251101)
    before = _digests(books.url)
    sides = ["NULL", "''", "'slush'", "'cash '", "'RECEIVABLE'"]
    taken = []
    for _ in range(300):
        broken = {
            "debit": chance.choice(sides), "credit": chance.choice(sides),
            "amount": str(chance.choice([0, -1, -(2**62), chance.randrange(-(10**9), 0)])),
            "command": chance.choice(["{command}", "NULL", "{new} + 3"]),
        }  # fmt: skip
        kept = chance.sample(sorted(broken), chance.randint(1, 4))
        text = posting(**{name: broken[name] for name in kept})
        if attempt(books, text, as_the_service=chance.random() < 0.5) is None:
            taken.append(text)
    assert taken == []
    assert _digests(books.url) == before

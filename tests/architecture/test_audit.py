"""No row of accounts changes unseen: what the service may update has a trigger that keeps what was there before."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from deploy.local.databases import conninfo
from services.accounts.storage.audit import TELLING_TABLES
from shared.chassis.database import app_role

NOT_AUDITED = {
    "debts": "repeat what payments tells; its event log holds every word",
    "billing_chunks": "name the command that worked them off",
    "account_batch_pages": "name the command that worked them off",
    "export_progress": "counts the rows of a file while it is written",
    "webhook_positions": "are where partners stand; every attempt has a row of its own",
    "outbox": "rows leave it for the event log",
    "log_head": "is the end of the event log",
    "positions": "are where a reader of another's log stands",
    "parked": "say themselves by whom and how they were resolved",
}
"""Tables of accounts whose changes need no audit, each with its reason."""

UPDATED = """
SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND has_column_privilege(%(role)s, c.oid, a.attnum, 'UPDATE')
"""
DELETED = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND (has_table_privilege(%(role)s, oid, 'DELETE') OR has_table_privilege(%(role)s, oid, 'TRUNCATE'))
"""
AUDITED = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'audit_change' AND t.tgenabled = 'O' AND t.tgtype & 17 = 17 AND t.tgattr = ''
"""
"""tgtype 17: for each row, on UPDATE; tgattr '': whatever the column."""


@pytest.fixture
def granted(fresh_database: Callable[[str], str]) -> Callable[[str], set[str]]:
    url = fresh_database("accounts")

    def names(query: str) -> set[str]:
        with psycopg.connect(conninfo(url)) as connection:
            rows = connection.execute(query.encode(), {"role": app_role("accounts")} if "%(role)s" in query else None)
            return {name for (name,) in rows.fetchall()}

    return names


def test_a_table_that_may_be_updated_keeps_what_was_there(granted: Callable[[str], set[str]]) -> None:
    """A new one: `CREATE TRIGGER x_audited AFTER UPDATE ON x …` as in 0002_audit.sql, or a reason above."""
    updated, audited = granted(UPDATED), granted(AUDITED)
    assert {"heat_accounts", "premises", "staff"} <= audited
    assert updated - audited - set(NOT_AUDITED) == set()


def test_nothing_that_the_service_may_delete_is_history(granted: Callable[[str], set[str]]) -> None:
    assert granted(DELETED) <= set(NOT_AUDITED)


WITH_INDEX = """
SELECT DISTINCT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE c.relnamespace = 'public'::regnamespace AND a.attname IN ('account_no', 'premises_id')
"""


def test_what_was_done_to_an_account_is_found_by_an_index(granted: Callable[[str], set[str]]) -> None:
    """The audit asks every table that names a command and an account; one without an index would be read whole."""
    telling = granted(f"SELECT relname FROM ({TELLING_TABLES}) AS t (relname, by)")
    assert {"account_moves", "bills", "premises_areas", "audit_changes"} <= telling
    assert telling - granted(WITH_INDEX) == set()

"""Which commands had to do with an account: every table that says by which command a row came tells it."""

from __future__ import annotations

from psycopg import sql

from services.accounts.domain.audit import UnknownCommand
from shared.chassis.unit_of_work import Work

# A bill whose place another one took is told by the other's command; the index knows the live ones.
ONLY_WHERE = {"bills": "live"}

BY_ACCOUNT, BY_PREMISES = "account_no", "premises_id"

TELLING_TABLES = """
SELECT c.relname, min(a.attname) FILTER (WHERE a.attname IN ('account_no', 'premises_id'))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY c.relname
HAVING bool_or(a.attname = 'command_id') AND bool_or(a.attname IN ('account_no', 'premises_id'))
"""
"""Tables whose rows name a command and an account (or, without one, a home), and by which column."""

_VALUE = {
    BY_ACCOUNT: "%(account_no)s",
    BY_PREMISES: "(SELECT premises_id FROM heat_accounts WHERE account_no = %(account_no)s)",
}


def commands_of_account(work: Work, account_no: str) -> list[int]:
    """The numbers of all commands that wrote or changed a row of the account or of its home, in no order."""
    of_home = (
        "SELECT command_id FROM audit_changes WHERE table_name = 'premises' AND row_key ="
        " (SELECT premises_id::text FROM heat_accounts WHERE account_no = %(account_no)s)"
    )
    parts: list[sql.Composable] = [sql.SQL(of_home)]
    for table, column in work.rows(TELLING_TABLES):
        only = f" AND {ONLY_WHERE[table]}" if table in ONLY_WHERE else ""
        part = "SELECT command_id FROM {} WHERE {} = " + _VALUE[column] + only
        parts.append(sql.SQL(part).format(sql.Identifier(table), sql.Identifier(column)))
    statement = sql.SQL(" UNION ").join(parts).as_string(work.cursor)
    return [number for (number,) in work.rows(statement, {"account_no": account_no}) if number is not None]


def assert_known_command(work: Work, command_id: int) -> None:
    """Refuses `unknown_command`."""
    if not work.rows("SELECT 1 FROM audit_log WHERE command_id = %s", (command_id,)):
        raise UnknownCommand("the audit knows no such command", command_id=command_id)

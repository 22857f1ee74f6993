"""The audit: who did what, when, why, and what was there before; in the same transaction, and never edited."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from shared.chassis.audit import without_secrets
from shared.chassis.database import transaction
from tests.accounts.lifecycle_desk import Desk

LAST = "SELECT verb, actor, reason, request FROM audit_log ORDER BY at DESC, command_id DESC LIMIT 1"
CHANGES = """SELECT c.table_name, c.row_key, c.account_no, c.before, c.after FROM audit_changes c JOIN audit_log USING (command_id)
WHERE verb = %s AND c.account_no = %s ORDER BY change_id"""


def resumed(desk: Desk) -> str:
    """A home that was suspended and comes back on the same day, 2025-09-01."""
    desk.set_day(date(2025, 9, 1))
    account_no = desk.home(connected_on="2020-11-01")
    desk.do("suspensions", suspensions=[{"account_no": account_no, "season": "2025-2026"}], reason="出国一年")
    desk.do("resumptions", accounts=[account_no], reason="提前回国")
    return account_no


def test_what_was_asked_and_why_is_kept_with_who_asked(desk: Desk) -> None:
    account_no = resumed(desk)
    asked = {"accounts": [account_no], "reason": "提前回国", "preview": False}
    assert desk.rows(LAST) == [("resume_account", "staff:zhang", "提前回国", asked)]


def test_a_changed_row_is_kept_as_it_was_and_as_it_became(desk: Desk) -> None:
    account_no = resumed(desk)
    changes = desk.rows(CHANGES, ("resume_account", account_no))
    assert ("heat_accounts", account_no, account_no, {"state": "suspended", "suspended_from": 2025},
            {"state": "active", "suspended_from": None}) in changes  # fmt: skip
    assert [(before, after) for table, _, _, before, after in changes if table == "inactive_periods"] == [
        ({"until_on": None}, {"until_on": "2025-09-01"})
    ]


def test_only_the_columns_that_changed_are_kept(desk: Desk) -> None:
    account_no = desk.home()
    desk.do("areas", areas=[{"account_no": account_no, "building_area": "91.10"}])
    (change,) = desk.rows(
        "SELECT before, after FROM audit_changes JOIN premises p ON table_name = 'premises' AND row_key = p.premises_id::text"
        " JOIN heat_accounts USING (premises_id) WHERE heat_accounts.account_no = %s", (account_no,),
    )  # fmt: skip
    assert change == ({"building_area": 89.63}, {"building_area": 91.1})


def test_what_is_refused_leaves_nothing_in_the_audit(desk: Desk) -> None:
    account_no = desk.home()
    desk.payments.owing(account_no, "12.00")
    assert desk.refused("disconnections", accounts=[account_no]) == "debt_outstanding"
    assert desk.rows(CHANGES, ("disconnect_account", account_no)) == []


def test_a_preview_is_not_done_and_not_in_the_audit(desk: Desk) -> None:
    account_no = desk.home(connected_on="2020-11-01")
    before = desk.content()
    desk.do("disconnections", accounts=[account_no], preview=True)
    assert desk.content() == before


def test_a_password_is_kept_nowhere(desk: Desk) -> None:
    member = {"login": "wang.audit", "person": "王会计", "password": "Long-enough-1", "roles": ["finance"]}
    assert desk.post("/staff", member, roles=["security_admin"])[0] == 201
    assert desk.rows(LAST)[0][3] == {**member, "password": "…"}


@pytest.mark.parametrize(("request_", "kept"), [
    ({"password": "x"}, {"password": "…"}),
    ([{"hook": {"secret": "x", "url": "u"}}], [{"hook": {"secret": "…", "url": "u"}}]),
    ({"token": None, "n": 1}, {"token": "…", "n": 1}),
    (None, None),
], ids=["member", "within", "empty", "nothing"])  # fmt: skip
def test_secrets_are_struck_out_wherever_they_stand(request_: Any, kept: Any) -> None:
    assert without_secrets(request_) == kept


# What the service itself cannot do


@pytest.mark.parametrize("statement", [
    "DELETE FROM audit_log", "UPDATE audit_log SET reason = 'x'", "TRUNCATE audit_log", "DELETE FROM audit_changes",
    "UPDATE audit_changes SET before = '{}'", "TRUNCATE audit_changes", "DROP TRIGGER staff_audited ON staff",
    "ALTER TABLE staff DISABLE TRIGGER staff_audited", "DROP TABLE audit_changes", "SET session_replication_role = replica",
    "INSERT INTO audit_changes (command_id, table_name, row_key, before, after) VALUES (1, 'staff', 'x', '{}', '{}')",
    "INSERT INTO audit_log (command_id, business_on, at, actor, verb) VALUES (1, '2020-01-01', '2020-01-01', 'x', 'x')",
])  # fmt: skip
def test_the_service_can_neither_edit_the_audit_nor_go_past_it(desk: Desk, statement: str) -> None:
    with transaction(desk.runtime.engine) as cursor:
        cursor.execute("SET LOCAL SESSION AUTHORIZATION nuan_accounts_app")  # without what a superuser may besides
        with pytest.raises(psycopg.errors.InsufficientPrivilege), cursor.connection.transaction():
            cursor.execute(statement.encode())


@pytest.mark.parametrize("table", ["audit_log", "audit_changes"])
def test_not_even_the_owner_edits_the_audit_by_mistake(desk: Desk, table: str) -> None:
    resumed(desk)
    for statement in (f"UPDATE {table} SET command_id = 1", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            desk.as_owner(statement)


def test_the_service_changes_nothing_outside_of_a_command(desk: Desk) -> None:
    account_no = desk.home()
    with pytest.raises(psycopg.errors.RestrictViolation, match="names none"):
        desk.rows("UPDATE heat_accounts SET household = 'self:7' WHERE account_no = %s RETURNING 1", (account_no,))


def test_a_change_cannot_be_put_upon_an_earlier_command(desk: Desk) -> None:
    account_no = desk.home()
    [(earlier,)] = desk.rows("SELECT max(command_id) FROM commands")
    with pytest.raises(psycopg.errors.RestrictViolation, match="did not change this row"):
        desk.rows(
            "WITH told AS (SELECT set_config('nuan.command_id', %s, true) AS told), done AS ("
            " UPDATE heat_accounts SET household = 'self:7' WHERE account_no = %s RETURNING 1) SELECT * FROM told, done",
            (str(earlier), account_no),
        )


def test_what_the_owner_changes_by_hand_is_kept_with_the_login(desk: Desk) -> None:
    account_no = desk.home()
    desk.as_owner("UPDATE heat_accounts SET household = 'self:7' WHERE account_no = %s", (account_no,))
    assert desk.rows("SELECT command_id, changed_by, after FROM audit_changes WHERE row_key = %s", (account_no,)) == [
        (None, "postgres", {"household": "self:7"})
    ]

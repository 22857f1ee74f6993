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


# Asking it


def entries(desk: Desk, query: str = "", *, roles: tuple[str, ...] = ("auditor",)) -> list[dict[str, Any]]:
    status, answer = desk.get(f"/audit?{query}", roles=roles)
    assert status == 200, answer
    return list(answer["entries"])


def verbs(desk: Desk, query: str) -> list[str]:
    return [entry["verb"] for entry in entries(desk, query)]


def test_everything_that_was_done_to_an_account_is_found_by_its_number_newest_first(desk: Desk) -> None:
    account_no, other = resumed(desk), desk.home()
    desk.do("areas", areas=[{"account_no": account_no, "building_area": "91.10"}], reason="复测")
    desk.do("areas", areas=[{"account_no": other, "building_area": "91.10"}], reason="复测")
    assert verbs(desk, f"account_no={account_no}") == [
        "correct_area",
        "resume_account",
        "suspend_account",
        "open_accounts",
    ]
    assert verbs(desk, f"account_no={other}") == ["correct_area", "open_accounts"]


def test_what_changed_a_home_and_no_row_of_its_account_is_found_too(desk: Desk) -> None:
    account_no = desk.home()
    desk.as_owner("UPDATE premises SET floor = 3 WHERE premises_id = (SELECT premises_id FROM heat_accounts WHERE account_no = %s)",
                  (account_no,))  # fmt: skip
    assert verbs(desk, f"account_no={account_no}") == ["open_accounts"]  # the owner's hand is no command


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("actor=staff:zhang&verb=correct_area", ["correct_area"]),
        ("actor=staff:li", []),
        ("verb=correct_area&from_on=2031-05-01", ["correct_area"]),
        ("verb=correct_area&until_on=2031-05-01", []),
        ("from_on=2031-05-01&until_on=2031-05-02", ["correct_area", "open_accounts"]),
        ("from_on=2031-05-02", []),
    ],
)
def test_the_audit_is_asked_by_person_verb_and_period(desk: Desk, asked: str, found: list[str]) -> None:
    desk.set_day(date(2031, 5, 1))
    account_no = desk.home()
    desk.do("areas", areas=[{"account_no": account_no, "building_area": "91.10"}])
    assert verbs(desk, f"{asked}&account_no={account_no}") == found


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    desk.set_day(date(2032, 5, 1))
    for _ in range(5):
        desk.home()
    whole = [entry["command_id"] for entry in entries(desk, "from_on=2032-05-01")]
    paged, after = [], ""
    while True:
        _, page = desk.get(f"/audit?from_on=2032-05-01&limit=2{after}", roles=["auditor"])
        paged += [entry["command_id"] for entry in page["entries"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert paged == whole and len(whole) == 5


def test_one_command_tells_what_was_asked_answered_and_changed(desk: Desk) -> None:
    account_no = resumed(desk)
    found = entries(desk, f"account_no={account_no}&verb=resume_account")[0]
    status, told = desk.get(f"/audit/{found['command_id']}", roles=["auditor"])
    assert (status, told["reason"], told["actor"], told["business_on"]) == (
        200,
        "提前回国",
        "staff:zhang",
        "2025-09-01",
    )
    assert told["request"]["accounts"] == [account_no]
    assert told["answer"]["accounts"][0]["state"] == "active"
    assert {"heat_accounts", "inactive_periods"} <= {change["table"] for change in told["changes"]}
    assert len(told["changes"]) == found["changes"]


def test_the_changes_of_a_command_are_paged(desk: Desk) -> None:
    homes = [desk.home() for _ in range(3)]
    desk.do("areas", areas=[{"account_no": home, "building_area": "91.10"} for home in homes])
    number = entries(desk, f"account_no={homes[0]}")[0]["command_id"]
    _, first = desk.get(f"/audit/{number}?limit=2", roles=["auditor"])
    _, rest = desk.get(f"/audit/{number}?limit=2&after={first['next']}", roles=["auditor"])
    assert (len(first["changes"]), len(rest["changes"]), rest["next"]) == (2, 1, None)


@pytest.mark.parametrize(("role", "id_no", "phone"), [
    ("auditor", "110101199003070097", "13912345678"), ("finance", "110101199003070097", "13912345678"),
    ("supervisor", "1101************97", "139****5678"), ("security_admin", "1101************97", "139****5678"),
])  # fmt: skip
def test_personal_numbers_are_masked_but_for_those_who_audit(desk: Desk, role: str, id_no: str, phone: str) -> None:
    account_no = desk.home(id_type="id_card", id_no="110101199003070097", phone="13912345678")
    number = entries(desk, f"account_no={account_no}")[0]["command_id"]
    _, told = desk.get(f"/audit/{number}", roles=[role])
    (asked,) = told["request"]["accounts"]
    assert (asked["id_no"], asked["phone"], asked["name"]) == (id_no, phone, "王秀英")


@pytest.mark.parametrize("role", ["cashier", "clerk"])
def test_the_audit_is_not_open_to_everybody(desk: Desk, role: str) -> None:
    assert desk.get("/audit", roles=[role])[0] == 403
    assert desk.get("/audit/1", roles=[role])[0] == 403


@pytest.mark.parametrize(("query", "code"), [
    ("account_no=12", "invalid_input"), ("account_no=", "invalid_input"), ("limit=0", "invalid_input"), ("limit=1001", "invalid_input"),
    ("limit=-1", "invalid_input"), ("from_on=2025-02-30", "invalid_input"), ("from_on=2025-10-02&until_on=2025-10-02", "invalid_input"),
    ("verb=drop%20table", "invalid_input"), ("verb=" + "x" * 61, "invalid_input"), ("actor=" + "x" * 61, "invalid_input"),
    ("approval_id=x", "invalid_input"), ("approval_id=0", "invalid_input"), ("after=1e3", "invalid_input"), ("sort=id", "invalid_input"),
    ("after=411111111111111111", "unknown_command"), ("actor=%00", "invalid_input"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(desk: Desk, query: str, code: str) -> None:
    status, answer = desk.get(f"/audit?{query}", roles=["auditor"])
    assert (status // 100, answer["code"]) == (4, code)


@pytest.mark.parametrize("number", ["0", "411111111111111111"])
def test_an_unknown_command_is_refused(desk: Desk, number: str) -> None:
    assert desk.get(f"/audit/{number}", roles=["auditor"])[1]["code"] == "unknown_command"


def test_an_account_that_nobody_knows_has_no_history(desk: Desk) -> None:
    assert entries(desk, "account_no=0000000001") == []

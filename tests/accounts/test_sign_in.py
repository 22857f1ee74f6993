"""Signing in, going on, and who works here.

Use cases: `sign_in`, `add_staff`, `deactivate_staff`.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine

from services.accounts.domain.staff import FAILURES_MAX, LOCKED_FOR
from services.accounts.storage import passwords
from tests.accounts.conftest import AccountsService

LI = {"login": "li", "person": "李芳", "password": "a long password", "roles": ["cashier", "clerk"]}


@pytest.fixture
def staffed(service: AccountsService) -> AccountsService:
    status, answer = service.post("/staff", LI, roles=["security_admin"])
    assert (status, answer) == (201, {"login": "li", "person": "李芳", "roles": ["cashier", "clerk"]})
    return service


def sign_in(service: AccountsService, login: str = "li", password: str = "a long password") -> tuple[int, Any]:
    return service.post("/sign-in", {"login": login, "password": password}, roles=())


def renew(service: AccountsService, token: str) -> tuple[int, Any]:
    answer = service.client.post("/session/renew", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_the_right_password_gives_a_token_with_the_roles(staffed: AccountsService) -> None:
    status, answer = sign_in(staffed)
    assert (status, answer["person"], answer["roles"], answer["expires_in"]) == (
        200,
        "李芳",
        ["cashier", "clerk"],
        900,
    )
    assert claims(answer["token"])["sub"] == "staff:li"
    assert renew(staffed, answer["token"])[0] == 200


def test_a_wrong_password_and_an_unknown_login_are_answered_alike(staffed: AccountsService) -> None:
    answers = [sign_in(staffed, password="wrong"), sign_in(staffed, login="nobody")]
    for status, answer in answers:
        answer.pop("request_id")
        assert (status, answer["code"]) == (401, "sign_in_refused")
    assert answers[0] == answers[1]


def test_an_unknown_login_costs_the_same_work(staffed: AccountsService, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def matches(password_hash: str, password: str) -> bool:
        compared.append(password_hash)
        return False

    monkeypatch.setattr("services.accounts.use_cases.sign_in.matches", matches)
    sign_in(staffed)
    sign_in(staffed, login="nobody")
    assert len(compared) == 2
    assert passwords.NOBODYS_HASH in compared


def test_five_wrong_passwords_lock_the_login_for_a_quarter_of_an_hour(staffed: AccountsService) -> None:
    with time_machine.travel(int(time.time()), tick=False) as clock:
        for _ in range(FAILURES_MAX):
            sign_in(staffed, password="wrong")
        assert sign_in(staffed)[0] == 401
        clock.shift(LOCKED_FOR - timedelta(seconds=1))
        assert sign_in(staffed)[0] == 401
        clock.shift(timedelta(seconds=1))
        assert sign_in(staffed)[0] == 200


def test_a_right_password_forgets_the_wrong_ones_before(staffed: AccountsService) -> None:
    for _ in range(2):
        for _ in range(FAILURES_MAX - 1):
            sign_in(staffed, password="wrong")
        assert sign_in(staffed)[0] == 200


def test_tries_are_written_down_without_the_password(staffed: AccountsService) -> None:
    sign_in(staffed, password="wrong but mine")
    rows = staffed.rows("SELECT row_to_json(c)::text FROM commands c WHERE name = 'sign_in'")
    assert ["sign-in:li" in row[0] for row in rows] == [True]
    assert "wrong but mine" not in rows[0][0]


@pytest.mark.parametrize(
    "body",
    [
        {"login": "li"},
        {"login": "li", "password": ""},
        {"login": "li", "password": 12345678901},
        {"login": "LI", "password": "a long password"},
        {"login": "li' OR 1=1--", "password": "x"},
        {"login": "li", "password": "x" * 129},
        {"login": "li", "password": "x", "roles": ["security_admin"]},
    ],
)
def test_a_sign_in_that_cannot_be_read_is_refused(staffed: AccountsService, body: dict[str, Any]) -> None:
    assert staffed.post("/sign-in", body, roles=())[0] == 422


def test_a_session_is_renewed_for_twelve_hours_at_most(staffed: AccountsService) -> None:
    with time_machine.travel(int(time.time()), tick=False) as clock:
        token = sign_in(staffed)[1]["token"]
        signed_in_at = claims(token)["signed_in_at"]
        for _ in range(12 * 6):
            clock.shift(timedelta(minutes=10))
            status, answer = renew(staffed, token)
            assert status == 200
            token = answer["token"]
            assert claims(token)["signed_in_at"] == signed_in_at
        clock.shift(timedelta(minutes=10))
        status, answer = renew(staffed, token)
        assert (status, answer["code"]) == (401, "unauthenticated")


def test_a_token_that_has_expired_is_not_renewed(staffed: AccountsService) -> None:
    with time_machine.travel(int(time.time()), tick=False) as clock:
        token = sign_in(staffed)[1]["token"]
        clock.shift(timedelta(minutes=15))
        assert renew(staffed, token)[0] == 401


def test_a_person_who_left_cannot_sign_in_or_go_on(staffed: AccountsService) -> None:
    token = sign_in(staffed)[1]["token"]
    status, answer = staffed.post("/staff/li/deactivate", {}, roles=["security_admin"])
    assert (status, answer) == (200, {"login": "li", "active": False})
    assert sign_in(staffed)[0] == 401
    assert renew(staffed, token)[0] == 401


def test_a_session_with_roles_that_were_changed_cannot_go_on(staffed: AccountsService) -> None:
    token = sign_in(staffed)[1]["token"]
    staffed.as_owner("UPDATE staff SET roles = '{cashier}'")
    assert renew(staffed, token)[0] == 401


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"login": "li"}, 409, "login_taken"),
        ({"password": "short"}, 422, "password_too_weak"),
        ({"password": "my wang password"}, 422, "password_too_weak"),
        ({"roles": ["king"]}, 422, "invalid_input"),
        ({"roles": []}, 422, "invalid_input"),
        ({"roles": ["system_admin", "security_admin"]}, 422, "roles_conflict"),
        ({"login": "Wang Wei"}, 422, "invalid_input"),
        ({"person": ""}, 422, "invalid_input"),
        ({"active": True}, 422, "invalid_input"),
    ],
)
def test_a_person_who_cannot_be_let_in_is_refused(
    staffed: AccountsService, given: dict[str, Any], status: int, code: str
) -> None:
    body = {"login": "wang", "person": "王伟", "password": "a good password", "roles": ["clerk"], **given}
    before = staffed.content()
    answered, answer = staffed.post("/staff", body, roles=["security_admin"])
    assert (answered, answer["code"]) == (status, code)
    assert staffed.content() == before


def test_only_the_security_administrator_lets_people_in_and_out(staffed: AccountsService) -> None:
    everybody_else = ["cashier", "clerk", "supervisor", "finance", "auditor", "system_admin"]
    assert staffed.post("/staff", {**LI, "login": "wang"}, roles=everybody_else)[0] == 403
    assert staffed.post("/staff/li/deactivate", {}, roles=everybody_else)[0] == 403


@pytest.mark.parametrize(
    ("login", "status", "code"),
    [("nobody", 404, "unknown_staff"), ("boss", 422, "own_login"), ("x" * 50, 404, "unknown_staff")],
)
def test_a_login_that_cannot_be_deactivated_is_refused(
    staffed: AccountsService, login: str, status: int, code: str
) -> None:
    answered, answer = staffed.post(f"/staff/{login}/deactivate", {}, roles=["security_admin"], login="boss")
    assert (answered, answer["code"]) == (status, code)


def test_a_login_is_deactivated_once(staffed: AccountsService) -> None:
    staffed.post("/staff/li/deactivate", {}, roles=["security_admin"])
    status, answer = staffed.post("/staff/li/deactivate", {}, roles=["security_admin"])
    assert (status, answer["code"]) == (409, "transition_refused")


def test_no_password_stands_in_the_database(staffed: AccountsService) -> None:
    ((password_hash,),) = staffed.rows("SELECT password_hash FROM staff")
    assert password_hash.startswith("$argon2id$")
    assert "a long password" not in str(staffed.rows("SELECT row_to_json(c)::text FROM commands c"))

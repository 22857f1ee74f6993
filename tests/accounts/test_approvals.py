"""Two people for what matters: one asks, another one decides, and what was read is what is done.

The verbs: request_approval, decide_approval, withdraw_approval, declare_approval_limits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from services.accounts.api.approval_kinds import kinds
from tests.accounts.conftest import AccountsService

SEASON = {"season": "2025-2026", "start_on": "2025-11-01", "end_on": "2026-04-05"}


def asked(service: AccountsService, kind: str = "declare_season", content: Any = None, *, login: str = "zhang") -> Any:
    body = {"kind": kind, "content": SEASON if content is None else content, "reason": "延长供热"}
    status, request = service.post("/approvals", body, roles=["clerk"], login=login)
    assert status == 201, request
    return request


def decided(service: AccountsService, request: Any, verb: str = "approve", *, login: str = "li",
            roles: tuple[str, ...] = ("supervisor",), **changed: Any) -> Any:  # fmt: skip
    decision = {"approval_id": request["approval_id"], "verb": verb, "content_hash": request["content_hash"], **changed}
    status, answer = service.post("/approvals/decisions", {"decisions": [decision]}, roles=roles, login=login)
    assert status == 200, answer
    return answer["decisions"][0]


def test_nothing_happens_before_a_second_person_has_agreed(in_earnest: AccountsService) -> None:
    request = asked(in_earnest)
    assert in_earnest.rows("SELECT count(*) FROM seasons") == [(0,)]
    answer = decided(in_earnest, request)
    assert (answer["state"], answer["result"]["day_count"]) == ("approved", 156)
    assert in_earnest.rows("SELECT count(*) FROM seasons") == [(1,)]


def test_nobody_decides_on_a_request_of_their_own(in_earnest: AccountsService) -> None:
    answer = decided(in_earnest, asked(in_earnest, login="zhang"), login="zhang")
    assert (answer["state"], answer["refusal"]["code"]) == ("open", "own_request")


def test_a_person_with_two_logins_is_one_person(in_earnest: AccountsService, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(in_earnest, login="zhang")
    own = in_earnest.token
    monkeypatch.setattr(in_earnest, "token", lambda *roles, login: own(*roles, login=login, person="zhang"))
    assert decided(in_earnest, request, login="zhang2")["refusal"]["code"] == "own_request"


def test_the_database_itself_refuses_maker_as_checker(in_earnest: AccountsService) -> None:
    request = asked(in_earnest)
    with pytest.raises(psycopg.errors.CheckViolation, match="approval_decisions_two_people"):
        in_earnest.as_owner(
            "INSERT INTO approval_decisions SELECT approval_id, command_id, 'approved', content_hash, maker_person,"
            " 'staff:other', maker_person, NULL FROM approvals WHERE approval_id = %s",
            (request["approval_id"],),
        )


def test_a_decision_on_another_content_than_was_asked_cannot_be_stored(in_earnest: AccountsService) -> None:
    request = asked(in_earnest)
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="approval_decisions_of"):
        in_earnest.as_owner(
            "INSERT INTO approval_decisions SELECT approval_id, command_id, 'approved', sha256('other'), maker_person,"
            " 'staff:li', 'li', NULL FROM approvals WHERE approval_id = %s",
            (request["approval_id"],),
        )


def test_a_decision_names_what_was_read(in_earnest: AccountsService) -> None:
    answer = decided(in_earnest, asked(in_earnest), content_hash="0" * 64)
    assert (answer["state"], answer["refusal"]["code"]) == ("open", "content_differs")


def test_a_request_is_decided_once(in_earnest: AccountsService) -> None:
    request = asked(in_earnest)
    assert decided(in_earnest, request, "reject", remark="文号不对")["state"] == "rejected"
    assert decided(in_earnest, request)["refusal"]["code"] == "transition_refused"
    assert in_earnest.rows("SELECT count(*) FROM seasons") == [(0,)]


def test_of_two_people_who_agree_at_once_one_does_it(in_earnest: AccountsService) -> None:
    request = asked(in_earnest)
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda login=login: answers.append(decided(in_earnest, request, login=login)))
        for login in ("li", "wu", "qian", "sun")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.get("refusal", {"code": ""})["code"] for answer in answers) == [
        "",
        *["transition_refused"] * 3,
    ]
    assert in_earnest.rows("SELECT count(*) FROM seasons") == [(1,)]


def test_only_who_asked_takes_it_back(in_earnest: AccountsService) -> None:
    request = asked(in_earnest, login="zhang")
    body = {"approval_id": request["approval_id"]}
    assert in_earnest.post("/approvals/withdrawals", body, login="li")[1]["code"] == "not_own_request"
    status, answer = in_earnest.post("/approvals/withdrawals", body, roles=["clerk"], login="zhang")
    assert (status, answer["state"]) == (200, "withdrawn")
    assert decided(in_earnest, request)["refusal"]["code"] == "transition_refused"


def test_limits_by_role_are_data(in_earnest: AccountsService) -> None:
    limits = {"kind": "declare_season", "limits": [{"role": "finance", "limit": "2000.00"}]}
    assert in_earnest.post("/approval-limits", limits, roles=["system_admin"])[0] == 403
    assert in_earnest.post("/approval-limits", limits, roles=["security_admin"])[0] == 201
    request = asked(in_earnest)
    assert decided(in_earnest, request)["refusal"]["code"] == "beyond_approval_limit"
    assert decided(in_earnest, request, roles=("finance",))["state"] == "approved"


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("declare_season", {"season": "2025-2026"}, "invalid_input"),
        ("declare_season", {**SEASON, "paid": True}, "invalid_input"),
        ("close_season", SEASON, "invalid_input"),
    ],
)
def test_what_the_route_itself_would_refuse_is_no_request(
    in_earnest: AccountsService, kind: str, content: Any, code: str
) -> None:
    before = in_earnest.content()
    body = {"kind": kind, "content": content, "reason": "延长供热"}
    status, answer = in_earnest.post("/approvals", body, roles=["clerk"])
    assert (status // 100, answer["code"]) == (4, code)
    assert in_earnest.content() == before


def test_what_cannot_be_done_any_more_stays_open_and_says_why(in_earnest: AccountsService) -> None:
    request = asked(in_earnest, "activate_policy", {"name": "no_such_policy"})
    answer = decided(in_earnest, request)
    assert (answer["state"], answer["refusal"]["code"]) == ("open", "policy_unknown")
    status, inbox = in_earnest.get("/approvals?state=open")
    assert (status, [found["approval_id"] for found in inbox["approvals"]]) == (200, [request["approval_id"]])


def test_many_are_decided_at_once_each_for_itself(in_earnest: AccountsService) -> None:
    mine = asked(in_earnest, login="li")
    other = asked(in_earnest, content={**SEASON, "end_on": "2026-04-06"}, login="zhang")
    decisions = [
        {"approval_id": request["approval_id"], "verb": "approve", "content_hash": request["content_hash"]}
        for request in (mine, other)
    ]
    for _ in range(2):  # the same key again answers the same
        _, answer = in_earnest.post(
            "/approvals/decisions", {"decisions": decisions}, roles=["supervisor"], login="li", key="monday-0001"
        )
        assert [found["state"] for found in answer["decisions"]] == ["open", "approved"]


def test_the_inbox_tells_age_hash_and_content_of_every_kind(in_earnest: AccountsService) -> None:
    first, second = asked(in_earnest), asked(in_earnest, "activate_policy", {"name": "default"})
    decided(in_earnest, first)
    status, inbox = in_earnest.get("/approvals?limit=1", roles=["auditor"])
    assert (status, inbox["next"]) == (200, first["approval_id"])
    assert (inbox["approvals"][0]["state"], inbox["approvals"][0]["decided_by"]) == ("approved", "staff:li")
    _, rest = in_earnest.get(f"/approvals?after={inbox['next']}", roles=["auditor"])
    assert [found["approval_id"] for found in rest["approvals"]] == [second["approval_id"]]
    assert rest["approvals"][0]["content"] == {"name": "default"}
    assert rest["approvals"][0]["age_days"] == 0


def test_requests_and_decisions_are_never_edited(in_earnest: AccountsService) -> None:
    decided(in_earnest, asked(in_earnest))
    for statement in ("UPDATE approvals SET reason = 'x'", "DELETE FROM approvals", "UPDATE approval_decisions SET remark = 'x'",
                      "TRUNCATE approval_decisions", "DELETE FROM approval_limits"):  # fmt: skip
        with pytest.raises(psycopg.Error):
            in_earnest.as_owner(statement)


@pytest.mark.parametrize("kind", kinds().items(), ids=lambda kind: kind[0])
def test_every_kind_reads_its_routes_body_and_has_a_title(kind: tuple[str, Any]) -> None:
    code, declared = kind
    assert declared.title
    assert declared.use_case.__name__ == code
    act: Callable[..., Any] = declared.schema
    assert act().fields

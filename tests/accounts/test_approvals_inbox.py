"""One inbox over all kinds: how old, how much, whose to decide; and who stands in for whom.

The verbs: delegate_approvals, end_delegation.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import psycopg
import pytest

from tests.accounts.approval_desk import asked, decided, decision, larger, limits, rules
from tests.accounts.lifecycle_desk import Desk


@pytest.fixture
def maker() -> str:
    """Somebody who has asked for nothing yet."""
    return "m" + uuid.uuid4().hex[:12]


@pytest.fixture(autouse=True)
def _everybody_may(desk: Desk) -> None:
    limits(desk, "correct_area", supervisor=None)
    rules(desk, correct_area={})


def inbox(desk: Desk, query: str, *, roles: tuple[str, ...] = ("supervisor",), login: str = "li") -> Any:
    answer = desk.client.get(
        f"/approvals?{query}", headers={"Authorization": f"Bearer {desk.token(*roles, login=login)}"}
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def numbers(desk: Desk, query: str, **who: Any) -> list[int]:
    return [one["approval_id"] for one in inbox(desk, query, **who)["approvals"]]


def request_of(desk: Desk, maker: str, *, homes: int = 1) -> Any:
    return asked(desk, "correct_area", larger(desk, homes=homes)[1], login=maker)


def test_amounts_and_sums_of_what_is_asked_for_are_told(desk: Desk, maker: str) -> None:
    small, big = request_of(desk, maker), request_of(desk, maker, homes=3)
    found = inbox(desk, f"maker=staff:{maker}")
    assert [(one["amount"], one["homes"], one["charged"], one["effect_hash"]) for one in found["approvals"]] == [
        ("260.00", 1, "260.00", small["effect_hash"]), ("780.00", 3, "780.00", big["effect_hash"]),
    ]  # fmt: skip
    (total,) = found["sums"]
    assert (total["kind"], total["requests"], total["homes"], total["charged"], total["overdue"]) == (
        "correct_area",
        2,
        4,
        "1040.00",
        0,
    )


@pytest.mark.parametrize(("query", "found"), [
    ("amount_from=260.01", [1]), ("amount_until=260.01", [0]), ("amount_from=260.00&amount_until=780.00", [0]), ("kind=inspect", []),
    ("state=open", [0, 1]), ("state=approved", []), ("overdue=true", []), ("overdue=false", [0, 1]),
])  # fmt: skip
def test_the_inbox_is_asked_by_amount_kind_and_state(desk: Desk, maker: str, query: str, found: list[int]) -> None:
    requests = [request_of(desk, maker)["approval_id"], request_of(desk, maker, homes=3)["approval_id"]]
    assert numbers(desk, f"maker=staff:{maker}&{query}") == [requests[number] for number in found]


def test_pages_follow_each_other_and_only_the_first_tells_the_sums(desk: Desk, maker: str) -> None:
    requests = [request_of(desk, maker)["approval_id"] for _ in range(3)]
    first = inbox(desk, f"maker=staff:{maker}&limit=2")
    rest = inbox(desk, f"maker=staff:{maker}&limit=2&after={first['next']}")
    assert [one["approval_id"] for page in (first, rest) for one in page["approvals"]] == requests
    assert (first["sums"][0]["requests"], "sums" in rest, rest["next"]) == (3, False, None)


def test_a_request_is_overdue_after_the_days_of_its_kind(desk: Desk, maker: str) -> None:
    number = request_of(desk, maker)["approval_id"]
    desk.as_owner("ALTER TABLE commands DISABLE TRIGGER commands_append_only")
    desk.as_owner("UPDATE commands SET at = at - interval '4 days 1 hour' WHERE command_id ="
                  " (SELECT command_id FROM approvals WHERE approval_id = %s)", (number,))  # fmt: skip
    desk.as_owner("ALTER TABLE commands ENABLE TRIGGER commands_append_only")
    assert numbers(desk, f"maker=staff:{maker}&overdue=true") == [number]  # three days, where nothing is set up
    rules(desk, correct_area={"decide_within_days": 5})
    found = inbox(desk, f"maker=staff:{maker}")["approvals"][0]
    assert (found["age_days"], found["overdue"]) == (4, False)
    rules(desk, correct_area={"decide_within_days": 4})
    assert inbox(desk, f"maker=staff:{maker}")["sums"][0]["overdue"] == 1


@pytest.mark.parametrize(("roles", "mine"), [
    (("supervisor",), [0]), (("finance",), [0, 1]), (("clerk",), []), (("supervisor", "finance"), [0, 1]), (("auditor",), []),
], ids=["up to a limit", "any", "none", "the highest", "reads only"])  # fmt: skip
def test_the_inbox_tells_what_is_ones_own_to_decide(
    desk: Desk, maker: str, roles: tuple[str, ...], mine: list[int]
) -> None:
    limits(desk, "correct_area", supervisor="500.00", finance=None)
    requests = [request_of(desk, maker)["approval_id"], request_of(desk, maker, homes=3)["approval_id"]]
    assert numbers(desk, f"maker=staff:{maker}&mine=true", roles=roles) == [requests[number] for number in mine]


def test_ones_own_request_and_a_decided_one_are_nobodys_to_decide(desk: Desk, maker: str) -> None:
    own, other = request_of(desk, maker), request_of(desk, maker)
    assert numbers(desk, f"maker=staff:{maker}&mine=true", login=maker) == []
    decided(desk, decision(own, "reject"))
    assert numbers(desk, f"maker=staff:{maker}&mine=true") == [other["approval_id"]]


def test_one_request_is_shown_by_its_number(desk: Desk, maker: str) -> None:
    request = request_of(desk, maker)
    status, shown = desk.get(f"/approvals/{request['approval_id']}", roles=["auditor"])
    assert (status, shown["maker"], shown["mine"]) == (200, f"staff:{maker}", False)
    unknown = "/approvals/411111111111111111"
    for path in (unknown, f"{unknown}/effect", f"{unknown}/effect?now=true"):
        assert desk.get(path)[1]["code"] == "unknown_request"


# Somebody is away


def staff(desk: Desk, *roles: str, person: str = "") -> str:
    login = "s" + uuid.uuid4().hex[:12]
    member = {"login": login, "person": person or login, "password": "Long-enough-1", "roles": list(roles)}
    assert desk.post("/staff", member, roles=["security_admin"])[0] == 201
    return login


def lent(desk: Desk, absent: str, to: str, *, first: str = "2026-01-27", until: str = "2026-02-10") -> tuple[int, Any]:
    body = {"to_login": to, "from_on": first, "until_on": until, "reason": "春节休假"}
    return desk.post("/approval-delegations", body, roles=["supervisor"], login=absent)


@pytest.fixture
def away(desk: Desk) -> tuple[str, str, int]:
    """A supervisor who is away from 2026-01-27 to 02-09, the clerk who stands in, and the number of that."""
    desk.set_day(date(2026, 1, 27))
    absent, clerk = staff(desk, "supervisor"), staff(desk, "clerk")
    status, answer = lent(desk, absent, clerk)
    assert status == 201, answer
    return absent, clerk, answer["delegation_id"]


def test_who_stands_in_decides_within_the_limits_of_who_is_away_and_it_is_told(
    desk: Desk, maker: str, away: tuple[str, str, int]
) -> None:
    absent, clerk, _ = away
    limits(desk, "correct_area", supervisor="500.00")
    small, big = request_of(desk, maker), request_of(desk, maker, homes=3)
    assert numbers(desk, f"maker=staff:{maker}&mine=true", roles=("clerk",), login=clerk) == [small["approval_id"]]
    done = decided(desk, decision(small), login=clerk, roles=("clerk",))
    assert (done["state"], done["on_behalf_of"]) == ("approved", f"staff:{absent}")
    assert desk.get(f"/approvals/{small['approval_id']}")[1]["on_behalf_of"] == f"staff:{absent}"
    assert decided(desk, decision(big), login=clerk, roles=("clerk",))["refusal"]["code"] == "beyond_approval_limit"


def test_who_decides_by_an_own_right_does_not_use_a_lent_one(
    desk: Desk, maker: str, away: tuple[str, str, int]
) -> None:
    request = request_of(desk, maker)
    done = decided(desk, decision(request), login=away[1], roles=("supervisor",))
    assert (done["state"], done["on_behalf_of"]) == ("approved", None)


@pytest.mark.parametrize(("day", "may"), [("2026-01-26", False), ("2026-02-09", True), ("2026-02-10", False)])
def test_a_right_is_lent_for_its_days(desk: Desk, maker: str, day: str, may: bool) -> None:
    desk.set_day(date(2026, 1, 20))
    absent, clerk = staff(desk, "supervisor"), staff(desk, "clerk")
    lent(desk, absent, clerk)
    request = request_of(desk, maker)
    desk.set_day(date.fromisoformat(day))
    done = decided(desk, decision(request), login=clerk, roles=("clerk",))
    assert done["state"] == ("approved" if may else "open")


def test_nobody_lets_somebody_else_agree_to_ones_own_request(desk: Desk, away: tuple[str, str, int]) -> None:
    absent, clerk, _ = away
    request = request_of(desk, absent)
    assert numbers(desk, f"maker=staff:{absent}&mine=true", roles=("clerk",), login=clerk) == []
    assert decided(desk, decision(request), login=clerk, roles=("clerk",))["refusal"]["code"] == "beyond_approval_limit"
    with pytest.raises(psycopg.errors.CheckViolation, match="approval_decisions_lent_right"):
        desk.as_owner(
            "INSERT INTO approval_decisions SELECT approval_id, command_id, 'approved', content_hash, maker_person, 'staff:x', 'x',"
            " NULL, 0, NULL, maker, maker_person FROM approvals WHERE approval_id = %s",
            (request["approval_id"],),
        )


def test_who_stands_in_does_not_agree_to_an_own_request(desk: Desk, away: tuple[str, str, int]) -> None:
    request = request_of(desk, away[1])
    assert decided(desk, decision(request), login=away[1], roles=("clerk",))["refusal"]["code"] == "own_request"


def test_what_was_lent_is_not_lent_on(desk: Desk, maker: str, away: tuple[str, str, int]) -> None:
    third = staff(desk, "clerk")
    assert lent(desk, away[1], third)[0] == 201
    request = request_of(desk, maker)
    assert decided(desk, decision(request), login=third, roles=("clerk",))["refusal"]["code"] == "beyond_approval_limit"


def test_who_left_lends_nothing(desk: Desk, maker: str, away: tuple[str, str, int]) -> None:
    desk.post(f"/staff/{away[0]}/deactivate", {}, roles=["security_admin"])
    request = request_of(desk, maker)
    assert (
        decided(desk, decision(request), login=away[1], roles=("clerk",))["refusal"]["code"] == "beyond_approval_limit"
    )


@pytest.mark.parametrize("by", ["who is away", "security_admin"])
def test_a_lent_right_is_taken_back(desk: Desk, maker: str, away: tuple[str, str, int], by: str) -> None:
    absent, clerk, number = away
    body = {"delegation_id": number, "reason": "提前返岗"}
    who: dict[str, Any] = (
        {"roles": ["supervisor"], "login": absent} if by == "who is away" else {"roles": ["security_admin"]}
    )
    assert (
        desk.post("/approval-delegations/ends", body, roles=["supervisor"], login=clerk)[1]["code"]
        == "not_own_delegation"
    )
    status, answer = desk.post("/approval-delegations/ends", body, **who)
    assert (status, answer["ended_on"]) == (201, "2026-01-27")
    assert desk.post("/approval-delegations/ends", body, **who)[1]["code"] == "transition_refused"
    request = request_of(desk, maker)
    assert decided(desk, decision(request), login=clerk, roles=("clerk",))["refusal"]["code"] == "beyond_approval_limit"
    assert number not in [one["delegation_id"] for one in told(desk) if one["ended_on"] is None]


def test_who_stands_in_for_whom_is_told(desk: Desk, away: tuple[str, str, int]) -> None:
    (shown,) = [one for one in told(desk) if one["delegation_id"] == away[2]]
    assert (shown["from_login"], shown["to_login"], shown["until_on"]) == (away[0], away[1], "2026-02-10")
    desk.set_day(date(2026, 2, 10))
    assert away[2] not in [one["delegation_id"] for one in told(desk)]
    assert away[2] in [one["delegation_id"] for one in told(desk, "?past=true")]


@pytest.mark.parametrize(("words", "code"), [
    ({"until": "2026-01-27"}, "invalid_input"), ({"first": "2026-01-26"}, "invalid_input"), ({"until": "2026-04-30"}, "invalid_input"),
    ({"first": "2026-02-30"}, "invalid_input"),
], ids=["no day", "past", "longer than three months", "no such day"])  # fmt: skip
def test_a_period_that_cannot_be_is_refused(desk: Desk, words: dict[str, str], code: str) -> None:
    desk.set_day(date(2026, 1, 27))
    assert lent(desk, staff(desk, "supervisor"), staff(desk, "clerk"), **words)[1]["code"] == code


def test_nothing_is_lent_to_oneself_to_nobody_to_who_left_or_across_the_three_powers(desk: Desk) -> None:
    desk.set_day(date(2026, 1, 27))
    absent = staff(desk, "supervisor", "system_admin", person="赵主任")
    left = staff(desk, "clerk")
    desk.post(f"/staff/{left}/deactivate", {}, roles=["security_admin"])
    token = desk.token
    desk.token = lambda *roles, login="zhang", person="": token(  # type: ignore[method-assign]
        *roles, login=login, person="赵主任" if login == absent else person)  # fmt: skip
    try:
        assert lent(desk, absent, staff(desk, "clerk", person="赵主任"))[1]["code"] == "invalid_input"
        assert lent(desk, absent, "nobody")[1]["code"] == "invalid_input"
        assert lent(desk, absent, left)[1]["code"] == "transition_refused"
        assert lent(desk, absent, staff(desk, "auditor"))[1]["code"] == "roles_conflict"
    finally:
        desk.token = token  # type: ignore[method-assign]


def told(desk: Desk, query: str = "") -> list[dict[str, Any]]:
    status, answer = desk.get(f"/approval-delegations{query}")
    assert status == 200, answer
    return list(answer["delegations"])


# Who sets it up, and what cannot be


@pytest.mark.parametrize("path", ["/approval-rules", "/approval-limits"])
@pytest.mark.parametrize("role", ["clerk", "supervisor", "finance", "system_admin", "auditor"])
def test_rules_and_limits_are_set_up_by_a_security_administrator_alone(desk: Desk, path: str, role: str) -> None:
    assert desk.post(path, {}, roles=[role])[0] == 403


ONE = {"kind": "correct_area", "from_amount": "1.00"}


@pytest.mark.parametrize("body", [
    {"rules": [ONE]}, {"rules": [], "reason": "x"}, {"rules": [ONE, ONE], "reason": "x"}, {"rules": [ONE] * 101, "reason": "x"},
    {"rules": [{"kind": "pay"}], "reason": "x"}, {"rules": [{**ONE, "from_amount": "1"}], "reason": "x"},
    {"rules": [{**ONE, "from_amount": "-1.00"}], "reason": "x"}, {"rules": [{**ONE, "from_homes": 0}], "reason": "x"},
    {"rules": [{**ONE, "from_homes": True}], "reason": "x"}, {"rules": [{**ONE, "decide_within_days": 0}], "reason": "x"},
    {"rules": [{**ONE, "limit": "1.00"}], "reason": "x"}, {"rules": [ONE], "reason": ""}, {"rules": ONE, "reason": "x"}, [],
])  # fmt: skip
def test_a_rule_that_cannot_be_read_is_refused(desk: Desk, body: Any) -> None:
    before = desk.content()
    status, answer = desk.post("/approval-rules", body, roles=["security_admin"])
    assert (status // 100, answer["code"]) == (4, "invalid_input")
    assert desk.content() == before


HASH = "0" * 64


@pytest.mark.parametrize("decisions", [
    [], None, {}, [{"approval_id": 1, "verb": "approve"}], [{"approval_id": "1", "verb": "approve", "content_hash": HASH}],
    [{"approval_id": 1, "verb": "pay", "content_hash": HASH}], [{"approval_id": 1, "verb": "reject", "content_hash": HASH[1:]}],
    [{"approval_id": 1, "verb": "approve", "content_hash": HASH, "effect_hash": None}],
    [{"approval_id": 1, "verb": "approve", "content_hash": HASH, "limit": "1.00"}],
    [{"approval_id": 1, "verb": "reject", "content_hash": HASH}] * 2,
    [{"approval_id": number, "verb": "reject", "content_hash": HASH} for number in range(1, 202)],
])  # fmt: skip
def test_decisions_that_cannot_be_read_are_refused(desk: Desk, decisions: Any) -> None:
    status, answer = desk.post("/approvals/decisions", {"decisions": decisions})
    assert (status // 100, answer["code"]) == (4, "invalid_input")


@pytest.mark.parametrize("query", [
    "state=done", "kind=pay", "amount_from=1", "amount_from=-1.00", "mine=1", "mine=", "overdue=yes", "limit=0", "limit=1001", "after=x",
    "sort=age", "maker=" + "x" * 61,
])  # fmt: skip
def test_what_the_inbox_cannot_be_asked_is_refused(desk: Desk, query: str) -> None:
    status, answer = desk.get(f"/approvals?{query}")
    assert (status // 100, answer["code"]) == (4, "invalid_input")

"""Nobody approves himself: not by a second login, not by a lent right, not after another content, whatever comes before."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.domain.approval import APPROVED, OPEN, ApprovalRequest, assert_open_to, decides_as
from shared.kernel.lifecycle import TransitionRefused
from shared.kernel.two_people import ApprovalLimit, BeyondLimit, ContentDiffers, OwnRequest, Person
from tests.accounts.approval_desk import asked, decided, decision, larger, limits
from tests.accounts.lifecycle_desk import Desk

ROLES = ("clerk", "supervisor", "finance")
NAMES = ("王芳", "李强", "赵敏")
PEOPLE = st.builds(
    Person, st.sampled_from(["staff:a", "staff:b", "staff:c", "staff:d"]), st.sampled_from(NAMES),
    st.lists(st.sampled_from(ROLES), unique=True).map(tuple),
)  # fmt: skip
LIMITS = st.lists(
    st.builds(ApprovalLimit, st.sampled_from(ROLES), st.none() | st.integers(0, 300)),
    unique_by=lambda limit: limit.role,
)
HASHES = st.sampled_from([b"\0" * 32, b"\1" * 32])


def covers(known: list[ApprovalLimit], person: Person, amount_fen: int) -> bool:
    return any(
        limit.role in person.roles and (limit.limit_fen is None or amount_fen <= limit.limit_fen) for limit in known
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    PEOPLE,
    PEOPLE,
    st.lists(PEOPLE, max_size=3),
    LIMITS,
    st.integers(0, 300),
    HASHES,
    HASHES,
    st.sampled_from([OPEN, APPROVED]),
)
def test_a_decision_is_taken_when_and_only_when_another_person_has_the_right_to_it(
    maker: Person, checker: Person, absent: list[Person], known: list[ApprovalLimit], amount_fen: int, asked_for: bytes, seen: bytes,
    state: str,
) -> None:  # fmt: skip
    request = ApprovalRequest(1, "kind", "", asked_for, amount_fen, maker.login, maker.name, state)
    own = checker.name == maker.name or checker.login == maker.login
    lenders = [each for each in (checker, *absent) if each.name != maker.name and covers(known, each, amount_fen)]
    try:
        assert assert_open_to(request, "approve", checker, seen=seen) == APPROVED
        right = decides_as(request, checker, absent, known, amount_fen=amount_fen)
    except TransitionRefused:
        assert state != OPEN
    except OwnRequest:
        assert own
    except ContentDiffers:
        assert seen != asked_for
    except BeyondLimit:
        assert not lenders
    else:
        assert (state, own, seen) == (OPEN, False, asked_for)
        assert right == lenders[0]


APPROVED_BY = """
SELECT a.maker, a.maker_person, d.decided_by, d.decided_by_person, d.on_behalf_of_person, a.content_hash, d.content_hash,
       sha256(convert_to(a.content, 'UTF8')), d.amount_fen
FROM approvals a JOIN approval_decisions d USING (approval_id) JOIN commands k ON k.command_id = d.command_id
WHERE d.state = 'approved' AND k.business_on >= '2026-01-27'
"""
LOGINS = {"wang": "王芳", "wang2": "王芳", "li": "李强", "zhao": "赵敏"}
MEMBERS = {"wang": ["supervisor"], "wang2": ["clerk"], "li": ["supervisor"], "zhao": ["finance"]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_people_try_nobody_agrees_to_what_he_asked_for(desk: Desk, seed: int) -> None:
    """A random walk through the real routes: changing roles, lent rights, limits, stale hashes, decisions again and at once."""
    chance = random.Random(seed)
    day = date(2026, 1, 27)
    desk.set_day(day)
    names = {login: f"{login}{seed}" for login in LOGINS}
    for login, roles in MEMBERS.items():
        member = {
            "login": names[login],
            "person": f"{LOGINS[login]}{seed}",
            "password": "Long-enough-1",
            "roles": roles,
        }
        assert desk.post("/staff", member, roles=["security_admin"])[0] == 201
    token = desk.token
    persons = {names[login]: f"{person}{seed}" for login, person in LOGINS.items()}
    desk.token = lambda *roles, login="zhang", person="": token(  # type: ignore[method-assign]
        *roles, login=login, person=persons.get(login, person))  # fmt: skip
    requests: list[Any] = []
    codes: Counter[str] = Counter()
    for _ in range(60):
        who = names[chance.choice(list(LOGINS))]
        step = chance.randrange(7)
        if step <= 1 or not requests:
            desk.set_day(date(2025, 10, 20))
            content = larger(desk)[1]
            desk.set_day(day)
            requests.append(asked(desk, "correct_area", content, login=who))
        elif step == 2:
            shown = {role: chance.choice([None, "100.00", "260.00", "999.00"]) for role in chance.sample(ROLES, 2)}
            limits(desk, "correct_area", **shown)
        elif step == 3:
            until = (day + timedelta(days=chance.randrange(1, 5))).isoformat()
            to = names[chance.choice(list(LOGINS))]
            body = {"to_login": to, "from_on": day.isoformat(), "until_on": until, "reason": "休假"}
            codes[str(desk.post("/approval-delegations", body, roles=["supervisor"], login=who)[0])] += 1
        else:
            request = chance.choice(requests)
            wrong = {"content_hash": hashlib.sha256(b"other").hexdigest()} if chance.random() < 0.1 else {}
            told = decided(desk, decision(request, **wrong), login=who, roles=(chance.choice(ROLES),))
            codes[told.get("refusal", {"code": told["state"]})["code"]] += 1
        if chance.random() < 0.1:
            day += timedelta(days=1)
            desk.set_day(day)
    desk.token = token  # type: ignore[method-assign]
    assert {"approved", "own_request"} <= set(codes), codes
    for maker, maker_person, by, by_person, behalf, content, decided_on, real, amount_fen in desk.rows(APPROVED_BY):
        assert maker != by and maker_person not in (by_person, behalf)
        assert bytes(content) == bytes(decided_on) == bytes(real)
        assert amount_fen == 26000
    done = [
        request for request in requests if desk.get(f"/approvals/{request['approval_id']}")[1]["state"] == "approved"
    ]
    assert len(done) == codes["approved"]
    for request in requests:
        (area,) = desk.get(f"/approvals/{request['approval_id']}")[1]["content"]["areas"]
        assert len(desk.corrections(area["account_no"])) == (1 if request in done else 0)

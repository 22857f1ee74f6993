"""Every verb that changes bills can be asked for, is shown before, and is done exactly as it was shown.

The verbs: declare_approval_rules, request_approval, decide_approval.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.accounts.api.approval_kinds import effect_of_nothing, kinds
from services.accounts.api.area_components import TakeAreaApartSchema
from tests.accounts.approval_desk import EXAMPLES, asked, billed_in_winter, decided, decision, larger, limits, rules
from tests.accounts.lifecycle_desk import Desk

BILLS = (
    "SELECT (SELECT count(*) FROM bills), (SELECT count(*) FROM bill_corrections), (SELECT count(*) FROM ownerships)"
)
EVERY = pytest.mark.parametrize("kind", EXAMPLES)


@pytest.fixture(autouse=True)
def _no_rules(desk: Desk) -> Iterator[None]:
    yield
    rules(desk, **{kind: {} for kind in EXAMPLES})
    for kind in EXAMPLES:
        limits(desk, kind, supervisor=None)


def test_every_kind_that_changes_bills_has_an_example() -> None:
    assert {kind for kind, declared in kinds().items() if declared.effect is not effect_of_nothing} == set(EXAMPLES)


@EVERY
def test_it_is_shown_does_nothing_yet_and_is_done_as_it_was_shown(desk: Desk, kind: str) -> None:
    _, content = EXAMPLES[kind](desk)
    before = desk.rows(BILLS)
    request = asked(desk, kind, content)
    assert request["amount"] != "0.00" and request["homes"] >= 1
    assert desk.rows(BILLS) == before
    done = decided(desk, decision(request))
    assert done["state"] == "approved", done
    assert done["amount"] == request["amount"]
    assert desk.rows(BILLS) != before


@EVERY
def test_a_rule_makes_one_person_too_few_and_the_same_body_is_asked_for(desk: Desk, kind: str) -> None:
    path, content = EXAMPLES[kind](desk)
    rules(desk, **{kind: {"from_amount": "0.01"}})
    before = desk.content()
    status, refused = desk.post(path, content)
    assert (status, refused["code"], refused["facts"]["kind"]) == (403, "needs_approval", kind)
    assert desk.content() == before
    assert desk.post(path, {**content, "preview": True})[0] == 200
    assert decided(desk, decision(asked(desk, kind, content)))["state"] == "approved"


@pytest.mark.parametrize(("rule", "status"), [
    ({}, 201), ({"from_amount": "260.01"}, 201), ({"from_amount": "260.00"}, 403), ({"from_homes": 2}, 201),
    ({"from_homes": 1}, 403), ({"from_amount": "0.00"}, 403), ({"from_amount": "999.00", "from_homes": 1}, 403),
], ids=["none", "below", "exactly", "fewer homes", "as many homes", "whatever", "one of two"])  # fmt: skip
def test_one_person_is_enough_below_the_amount_and_the_number_of_homes(desk: Desk, rule: Any, status: int) -> None:
    path, content = larger(desk)  # 10 m² more at 26.00 a m²
    rules(desk, correct_area=rule)
    assert desk.post(path, content)[0] == status


def test_a_list_is_not_cut_to_pass_below_the_rule(desk: Desk) -> None:
    desk.set_day(date(2026, 1, 27))
    rules(desk, correct_area={"from_homes": 3, "from_amount": "700.00", "whole_day": True})
    clock, person = desk.set_day, "s" + uuid.uuid4().hex[:12]

    def alone(*, login: str, homes: int = 1) -> Any:
        path, body = larger(desk, homes=homes)
        return desk.post(path, body, login=login)

    assert alone(login=person, homes=2)[0] == 201
    status, refused = alone(login=person)
    assert (status, refused["facts"]["homes"], refused["facts"]["amount"]) == (403, 3, "780.00")
    assert alone(login="somebody")[0] == 201  # a day and a person of his own
    path, body = larger(desk)
    clock(date(2026, 1, 28))
    assert desk.post(path, body, login=person)[0] == 201


def test_two_logins_of_a_person_and_requests_at_once_pass_no_more(desk: Desk) -> None:
    rules(desk, correct_area={"from_homes": 2, "whole_day": True})
    bodies = [larger(desk)[1] for _ in range(4)]
    one, answers = uuid.uuid4().hex, []

    def send(number: int) -> None:
        token = desk.token("supervisor", login=f"login{number}", person=one)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{one}-{number}"}
        client = desk.client.application.test_client()
        answer = client.post("/accounts/areas", json=bodies[number], headers=headers)
        answers.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 403, 403, 403]


def test_reductions_and_extra_lines_are_not_set_off_against_each_other(desk: Desk) -> None:
    _, body = larger(desk, homes=2)
    body["areas"][1]["building_area"] = "79.63"
    request = asked(desk, "correct_area", body)
    assert (request["homes"], request["charged"], request["credited"], request["amount"]) == (
        2,
        "260.00",
        "260.00",
        "520.00",
    )


def test_the_rule_that_was_declared_last_holds_whoever_declared_it(desk: Desk) -> None:
    """Numbers of commands come in blocks of each process: the last one is not the highest."""
    rules(desk, correct_area={"from_homes": 1})
    limits(desk, "correct_area", finance="1.00")
    low = desk.rows("SELECT min(command_id) - 1 FROM commands")[0][0]
    for statement in (
        "INSERT INTO commands (command_id, name, actor, request_id, business_on) VALUES (%s, 'x', 'x', 'x', '2025-10-20')",
        "INSERT INTO approval_rules VALUES (%s, 'correct_area', NULL, 7, 3)",
        "INSERT INTO approval_limits VALUES (%s, 'correct_area', 'clerk', 100)",
    ):
        desk.as_owner(statement, (low,))
    (term,) = [term for term in desk.get("/approval-rules")[1]["kinds"] if term["kind"] == "correct_area"]
    assert (term["from_homes"], term["limits"]) == (7, [{"role": "clerk", "limit": "1.00"}])


def test_the_lines_are_shown_by_pages(desk: Desk) -> None:
    _, body = larger(desk, homes=3)
    request = asked(desk, "correct_area", body)
    first = effect(desk, request, "limit=2")
    rest = effect(desk, request, f"limit=2&after={first['next']}")
    lines = [*first["lines"], *rest["lines"]]
    assert rest["next"] is None and first["amount"] == "780.00"
    assert [line["account_no"] for line in lines] == [area["account_no"] for area in body["areas"]]
    assert lines[0] == {
        "account_no": lines[0]["account_no"],
        "season": "2025-2026",
        "payer": "self",
        "amount": "260.00",
    }


def test_a_home_whose_bills_stay_is_among_the_lines(desk: Desk) -> None:
    home = desk.home()
    request = asked(desk, "correct_area", {"areas": [{"account_no": home, "building_area": "99.63"}], "reason": "复测"})
    assert request["amount"] == "0.00"
    assert effect(desk, request)["lines"] == [{"account_no": home, "season": None, "payer": None, "amount": "0.00"}]
    assert decided(desk, decision(request))["state"] == "approved"


def test_a_suspension_after_its_deadline_is_an_exception_that_two_people_make(desk: Desk) -> None:
    home = desk.billed_home(connected_on="2020-11-01")
    desk.set_day(date(2025, 10, 20))
    body = {"suspensions": [{"account_no": home, "season": "2025-2026"}], "reason": "住院"}
    assert desk.post("/accounts/suspensions", body)[1]["code"] == "deadline_passed"
    exception = {**body, "after_deadline": True}
    assert desk.post("/accounts/suspensions", exception)[1]["code"] == "needs_approval"
    request = asked(desk, "suspend_account", exception)
    assert decided(desk, decision(request))["state"] == "approved"
    assert (desk.state(home), desk.billed(home)) == ("suspended", ["699.11"])


def test_no_exception_reaches_into_the_season(desk: Desk) -> None:
    home = desk.billed_home(connected_on="2020-11-01")
    desk.set_day(date(2025, 11, 1))
    body = {"suspensions": [{"account_no": home, "season": "2025-2026"}], "reason": "住院", "after_deadline": True}
    status, refused = desk.post(
        "/approvals", {"kind": "suspend_account", "content": body, "reason": "x"}, roles=["clerk"]
    )
    assert (status, refused["code"]) == (409, "deadline_passed")


def test_a_season_run_can_need_two_people_and_its_preview_nobody(desk: Desk) -> None:
    home = desk.home()
    body = {"season": "2025-2026", "accounts": [home]}
    rules(desk, issue_bills={"from_amount": "0.00"})
    try:
        assert desk.post("/billing-runs", body)[1]["code"] == "needs_approval"
        assert desk.post("/billing-runs", {**body, "mode": "preview"})[0] == 201
        preview = {"kind": "issue_bills", "content": {**body, "mode": "preview"}, "reason": "x"}
        assert desk.post("/approvals", preview, roles=["clerk"])[1]["code"] == "invalid_input"
        request = asked(desk, "issue_bills", body)
        done = decided(desk, {name: value for name, value in decision(request).items() if name != "effect_hash"})
        assert (done["state"], done["result"]["billed"]) == ("approved", 1)
    finally:
        rules(desk, issue_bills={})


# What changed in between


def test_what_would_do_something_else_by_now_is_refused_with_what_it_would_do(desk: Desk) -> None:
    _, body = larger(desk)
    request = asked(desk, "correct_area", body)
    first = dict(body["areas"][0], building_area="94.63")
    desk.do("areas", areas=[first])
    refused = decided(desk, decision(request))
    assert (refused["state"], refused["refusal"]["code"], refused["refusal"]["facts"]["amount"]) == (
        "open",
        "effect_differs",
        "130.00",
    )
    assert refused["refusal"]["facts"]["lines"][0]["amount"] == "130.00"
    now = effect(desk, request, "now=true")
    assert now["effect_hash"] == refused["refusal"]["facts"]["effect_hash"] != request["effect_hash"]
    done = decided(desk, decision(request, effect_hash=now["effect_hash"]))
    assert (done["state"], done["amount"]) == ("approved", "130.00")
    shown = desk.get(f"/approvals/{request['approval_id']}")[1]
    assert (shown["amount"], shown["decided_amount"]) == ("260.00", "130.00")


def test_nobody_approves_without_having_seen_what_it_does(desk: Desk) -> None:
    request = asked(desk, "correct_area", larger(desk)[1])
    unseen = decision(request)
    del unseen["effect_hash"]
    assert decided(desk, unseen)["refusal"]["code"] == "effect_differs"


def test_a_later_day_alone_changes_no_effect(desk: Desk) -> None:
    """The correction falls due on another day; what moves is the same."""
    request = asked(desk, "correct_area", larger(desk)[1])
    desk.set_day(date(2026, 2, 3))
    assert decided(desk, decision(request))["state"] == "approved"


def test_a_limit_covers_what_is_done_and_not_only_what_was_asked(desk: Desk) -> None:
    _, body = larger(desk)
    desk.do("areas", areas=[dict(body["areas"][0], building_area="94.63")])
    request = asked(desk, "correct_area", body)
    desk.do("areas", areas=[dict(body["areas"][0], building_area="89.63")])
    limits(desk, "correct_area", supervisor="200.00")
    now = effect(desk, request, "now=true")
    assert (request["amount"], now["amount"]) == ("130.00", "260.00")
    refused = decided(desk, decision(request, effect_hash=now["effect_hash"]))
    assert refused["refusal"]["code"] == "beyond_approval_limit"


def test_limits_hold_as_they_are_when_it_is_decided(desk: Desk) -> None:
    limits(desk, "correct_area", supervisor="300.00", finance=None)
    request = asked(desk, "correct_area", larger(desk)[1])
    limits(desk, "correct_area", supervisor="259.99", finance=None)
    assert decided(desk, decision(request))["refusal"]["code"] == "beyond_approval_limit"
    assert decided(desk, decision(request), roles=("finance",))["state"] == "approved"


def test_what_was_done_meanwhile_is_not_done_twice(desk: Desk) -> None:
    home = billed_in_winter(desk)
    body = {"accounts": [home], "reason": "拆迁"}
    request = asked(desk, "disconnect_account", body)
    desk.do("disconnections", **body)
    assert decided(desk, decision(request))["refusal"]["code"] == "transition_refused"


def test_what_its_route_would_no_longer_take_is_not_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content was asked for under an older schema of the verb."""
    request = asked(desk, "correct_area", larger(desk)[1])
    with monkeypatch.context() as patched:
        patched.setitem(kinds(), "correct_area", replace(kinds()["correct_area"], schema=TakeAreaApartSchema))
        assert decided(desk, decision(request))["refusal"]["code"] == "invalid_input"
    assert decided(desk, decision(request))["state"] == "approved"


def test_a_decision_that_is_sent_again_is_not_taken_again(desk: Desk) -> None:
    request = asked(desk, "correct_area", larger(desk)[1])
    first = decided(desk, decision(request), key="decision-of-monday")
    assert decided(desk, decision(request), key="decision-of-monday") == first
    assert decided(desk, decision(request), key="decision-of-tuesday")["refusal"]["code"] == "transition_refused"
    assert len(desk.corrections(effect(desk, request)["lines"][0]["account_no"])) == 1


def test_the_very_same_is_asked_for_once_until_it_is_decided(desk: Desk) -> None:
    _, body = larger(desk)
    request = asked(desk, "correct_area", body)
    status, again = desk.post(
        "/approvals", {"kind": "correct_area", "content": body, "reason": "again"}, roles=["clerk"]
    )
    assert (status, again["code"], again["facts"]["approval_id"]) == (409, "asked_before", request["approval_id"])
    decided(desk, decision(request, "reject"))
    asked(desk, "correct_area", body)


def test_a_preview_is_nothing_to_agree_to(desk: Desk) -> None:
    _, body = larger(desk)
    asking = {"kind": "correct_area", "content": {**body, "preview": True}, "reason": "x"}
    status, refused = desk.post("/approvals", asking, roles=["clerk"])
    assert (status, refused["code"], refused["facts"]["place"]) == (400, "invalid_input", "content/preview")


def test_what_the_verb_refuses_is_no_request(desk: Desk) -> None:
    before = desk.content()
    body = {"areas": [{"account_no": "0000000001", "building_area": "99.63"}], "reason": "复测"}
    status, refused = desk.post("/approvals", {"kind": "correct_area", "content": body, "reason": "x"}, roles=["clerk"])
    assert (status, refused["code"]) == (404, "unknown_account")
    assert desk.content() == before


def test_many_decisions_are_shown_before_they_are_taken(desk: Desk) -> None:
    good, own, stale = (asked(desk, "correct_area", larger(desk)[1], login=login) for login in ("zhang", "li", "zhang"))
    decisions = [decision(good), decision(own), decision(stale, effect_hash="0" * 64)]
    before = desk.content()
    foreseen = decided(desk, *decisions, preview=True)
    assert desk.content() == before
    assert [one.get("refusal", one).get("code", one["state"]) for one in foreseen] == [
        "approved",
        "own_request",
        "effect_differs",
    ]
    assert (foreseen[0]["amount"], foreseen[0]["homes"]) == ("260.00", 1)
    taken = decided(desk, *decisions)
    assert [one["state"] for one in taken] == [one["state"] for one in foreseen] == ["approved", "open", "open"]


def test_the_audit_of_an_account_leads_to_its_requests_and_decisions(desk: Desk) -> None:
    _, body = larger(desk)
    request = asked(desk, "correct_area", body)
    decided(desk, decision(request, remark="同意"))
    found = desk.get(f"/audit?account_no={body['areas'][0]['account_no']}&limit=2", roles=["auditor"])[1]["entries"]
    assert [(one["verb"], one["reason"], one["approval_id"]) for one in found] == [
        ("decide_approval", "同意", request["approval_id"]), ("request_approval", "用户申请", request["approval_id"]),
    ]  # fmt: skip
    assert desk.get(f"/audit?approval_id={request['approval_id']}", roles=["auditor"])[1]["entries"] == found


def effect(desk: Desk, request: Any, query: str = "") -> Any:
    status, page = desk.get(f"/approvals/{request['approval_id']}/effect?{query}")
    assert status == 200, page
    return page


@pytest.mark.parametrize("rule", [{"from_homes": 1}, {"from_amount": "0.01"}])
def test_a_rule_that_would_never_hold_is_refused(desk: Desk, rule: dict[str, Any]) -> None:
    """What a season run does is not known before it is done: nobody shall believe that a thousand homes need two."""
    body = {"rules": [{"kind": "issue_bills", **rule}], "reason": "内控制度"}
    status, answer = desk.post("/approval-rules", body, roles=["security_admin"])
    assert (status, answer["facts"]["place"]) == (400, "rules/0")
    rules(desk, issue_bills={"from_amount": "0.00"})
    rules(desk, issue_bills={})


@pytest.mark.parametrize(("role", "whole"), [("supervisor", True), ("auditor", True), ("security_admin", False)])
def test_personal_numbers_in_a_request_are_whole_for_who_decides(desk: Desk, role: str, whole: bool) -> None:
    buyer = {"name": "李明", "id_type": "passport", "id_no": "E12345678", "phone": "13912345678"}
    transfer = {"transfers": [{"account_no": billed_in_winter(desk), **buyer}], "reason": "房屋买卖"}
    number = asked(desk, "transfer_account", transfer)["approval_id"]
    inbox = desk.get("/approvals?state=open&kind=transfer_account&limit=1000", roles=[role])[1]["approvals"]
    (listed,) = [each for each in inbox if each["approval_id"] == number]
    for request in (desk.get(f"/approvals/{number}", roles=[role])[1], listed):
        told = request["content"]["transfers"][0]
        assert (told["id_no"] == buyer["id_no"], told["phone"] == buyer["phone"]) == (whole, whole)

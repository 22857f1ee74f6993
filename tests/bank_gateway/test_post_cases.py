"""Where the company leaves it to a person, money that only the bank has waits as a case until somebody posts it.

Use cases: `reconcile_bank_day`, `post_cases`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.bank_gateway.use_cases.keep_collection_rules import keep_collection_rules
from shared.chassis.service_client import ServiceAway
from shared.messages.accounts import CollectionRules, CollectionRulesDeclared
from tests.bank_gateway.desk import Desk, Refused

A, B = "0110000001", "0110000002"
DAY = "2025-12-03"
WHY = "seen in the bank's statement"


@pytest.fixture
def manual(desk: Desk) -> Desk:
    """A bank, and a company that posts nothing by itself."""
    desk.declare()
    rules = CollectionRules(date(2000, 1, 1), bank_only_autopost="MANUAL")
    event = CollectionRulesDeclared("city 1", (rules,))
    desk.runtime.commands.run(keep_collection_rules, event, caller=desk.caller)
    desk.payments.owes = {A: 1000, B: 2000}
    return desk


def compared(desk: Desk, *told: tuple[str, str, str]) -> dict[str, Any]:
    lines = [{"serial": serial, "account_no": account_no, "amount": amount} for serial, account_no, amount in told]
    answer: dict[str, Any] = desk.post("/bank-days", {"bank": "ICBC", "day": DAY, "lines": lines})
    return answer


def cases(desk: Desk, state: str = "open") -> dict[str, int]:
    """Case numbers by serial."""
    return {c["serial"]: c["case_no"] for c in desk.get("/bank-days/cases", bank="ICBC", state=state)["cases"]}


def post(desk: Desk, *case_nos: int, **how: Any) -> Any:
    return desk.post("/bank-days/cases/postings", {"cases": list(case_nos), "reason": WHY}, **how)


def test_nothing_is_posted_by_itself_and_what_would_have_fitted_is_a_case(manual: Desk) -> None:
    answer = compared(manual, ("S1", A, "10.00"))
    assert (answer["bank_only"], answer["posted"], answer["cases_opened"]) == (1, 0, 1)
    assert (manual.payments.taken, list(cases(manual))) == ([], ["S1"])


def test_a_person_posts_it_as_of_the_banks_day_under_its_serial(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"), ("S2", B, "20.00"))
    found = cases(manual)
    answer = post(manual, found["S2"], found["S1"])
    assert [(told["case_no"], told["payment_id"]) for told in answer["cases"]] == [
        (found["S2"], 900000), (found["S1"], 900001)
    ]  # fmt: skip
    assert [(p["serial"], p["received_on"], p["partner"]) for p in manual.payments.taken] == [
        ("S2", DAY, "ICBC"), ("S1", DAY, "ICBC")
    ]  # fmt: skip
    assert (cases(manual), set(cases(manual, "posted"))) == ({}, {"S1", "S2"})
    reasons = {row[0] for row in manual.rows("SELECT reason FROM case_moves WHERE verb = 'post'")}
    assert reasons == {WHY}
    assert compared(manual, ("S1", A, "10.00"), ("S2", B, "20.00"))["matched"] == 2


def test_a_list_is_posted_whole_or_not_at_all(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"), ("S2", B, "20.00"))
    manual.payments.held[B] = ("CCB", 1, 1)
    taken = list(cases(manual).values())
    with pytest.raises(Refused) as refused:
        post(manual, *reversed(taken))
    assert refused.value.code == "in_bank_collection"
    assert len(cases(manual)) == 2


def test_the_same_request_again_posts_nothing_more(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"))
    (case_no,) = cases(manual).values()
    assert post(manual, case_no, key="once") == post(manual, case_no, key="once")
    assert len(manual.payments.taken) == 1


def test_who_dies_between_posting_and_closing_goes_on_with_the_same_key(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"))
    (case_no,) = cases(manual).values()

    def die(path: str) -> None:
        if path == "/payments":
            raise ServiceAway("the answer was lost")

    manual.payments.after = die  # type: ignore[method-assign]
    with pytest.raises(Refused):
        post(manual, case_no, key="again")
    manual.payments.after = lambda path: None  # type: ignore[method-assign]
    assert list(cases(manual).values()) == [case_no]
    post(manual, case_no, key="again")
    assert (cases(manual), len(manual.payments.taken)) == ({}, 1)


def test_a_case_is_posted_once(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"))
    (case_no,) = cases(manual).values()
    post(manual, case_no)
    with pytest.raises(Refused) as refused:
        post(manual, case_no)
    assert (refused.value.code, refused.value.facts["place"]) == ("transition_refused", "/cases/0")
    assert len(manual.payments.taken) == 1


def test_other_differences_are_not_posted(manual: Desk) -> None:
    manual.payments.book[("ICBC", DAY)] = [{"payment_id": 1, "serial": "S9", "account_no": A, "amount": "5.00"}]
    compared(manual, ("S1", A, "10.00"), ("S2", A, "-3.00"))
    found = cases(manual)
    for serial in ("S9", "S2"):
        with pytest.raises(Refused) as refused:
            post(manual, found["S1"], found[serial])
        assert (refused.value.code, refused.value.facts["place"]) == ("not_bank_only", "/cases/1")
    assert manual.payments.taken == []


@pytest.mark.parametrize("roles", [("clerk",), ("cashier",), ("auditor",)])
def test_a_clerk_does_not_post_cases(manual: Desk, roles: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        post(manual, 1, roles=roles)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body",
    [
        {}, {"cases": [1]}, {"reason": WHY}, {"cases": [], "reason": WHY}, {"cases": [1] * 2, "reason": WHY},
        {"cases": list(range(1, 1002)), "reason": WHY}, {"cases": ["1"], "reason": WHY}, {"cases": [0], "reason": WHY},
        {"cases": [1.0], "reason": WHY}, {"cases": None, "reason": WHY}, {"cases": 1, "reason": WHY},
        {"cases": [2**63], "reason": WHY}, {"cases": [1], "reason": ""}, {"cases": [1], "reason": "x" * 201},
        {"cases": [1], "reason": WHY, "amount": "1.00"},
    ],
)  # fmt: skip
def test_a_request_that_is_not_sound_is_refused(manual: Desk, body: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        manual.post("/bank-days/cases/postings", body)
    assert refused.value.code == "invalid_input"
    assert manual.payments.taken == []


def test_an_unknown_case_is_refused_with_its_place(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"))
    (case_no,) = cases(manual).values()
    with pytest.raises(Refused) as refused:
        post(manual, case_no, 2**50)
    assert (refused.value.code, refused.value.facts["place"]) == ("case_not_found", "/cases/1")
    assert manual.payments.taken == []


def test_a_key_may_be_as_long_as_any(manual: Desk) -> None:
    compared(manual, ("S1", A, "10.00"))
    assert post(manual, *cases(manual).values(), key="k" * 255)["cases"][0]["payment_id"] == 900000

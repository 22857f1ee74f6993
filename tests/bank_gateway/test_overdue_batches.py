"""A bank that does not answer keeps homes from paying: its batch is listed, alarmed, and may be called back.

Use cases: `keep_collection_rules`, `recall_batch`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bank_gateway.domain.debit_batch import BATCH, answer_due_on, is_overdue
from services.bank_gateway.use_cases.keep_collection_rules import keep_collection_rules
from shared.chassis.metrics import BATCHES_OVERDUE
from shared.messages.accounts import CollectionRules, CollectionRulesDeclared
from tests.bank_gateway.desk import Desk, Refused
from tests.bank_gateway.logs import hear_log

A, B, C = "0110000001", "0110000002", "0110000003"
SENT = date(2025, 12, 5)
REASON = {"reason": "ICBC, Mr Wang by telephone: the file was never taken"}


def days_later(desk: Desk, days: int) -> None:
    (desk.folder.parent / "clock").write_text((SENT + timedelta(days=days)).isoformat())


def declare(desk: Desk, **rules: Any) -> None:
    event = CollectionRulesDeclared("city 1", (CollectionRules(date(2000, 1, 1), **rules),))
    desk.runtime.commands.run(keep_collection_rules, event, caller=desk.caller)


def overdue(desk: Desk) -> list[int]:
    return [batch["batch_no"] for batch in desk.get("/batches", overdue="true")["batches"]]


def sent(desk: Desk, **more: Any) -> int:
    number: int = desk.collecting({A: 233038, B: 260000}, **more)["batch_no"]
    return number


def test_a_batch_is_overdue_after_the_days_that_the_company_gives_a_bank(desk: Desk) -> None:
    batch_no = sent(desk)
    for days, late in ((0, False), (3, False), (4, True)):
        days_later(desk, days)
        batch = desk.get(f"/batches/{batch_no}")
        assert (batch["answer_due_on"], batch["overdue"]) == ("2025-12-08", late)
        assert overdue(desk) == ([batch_no] if late else [])


def test_the_days_are_those_of_the_policy_that_was_activated_last(desk: Desk) -> None:
    batch_no = sent(desk)
    days_later(desk, 4)
    hear_log(desk, "accounts", [
        CollectionRulesDeclared("city 1", (CollectionRules(date(2000, 1, 1), batch_timeout_days=1),)),
        CollectionRulesDeclared("city 2", (CollectionRules(date(2000, 1, 1), batch_timeout_days=9),)),
    ])  # fmt: skip
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["answer_due_on"], batch["overdue"], overdue(desk)) == ("2025-12-14", False, [])


def test_a_batch_that_was_answered_or_never_left_is_not_overdue(desk: Desk) -> None:
    answered = sent(desk)
    desk.upload("/batches/results", *desk.reference_result(answered))
    desk.collecting({C: 100}, hand_over=False)
    days_later(desk, 30)
    assert overdue(desk) == []


def test_a_batch_with_items_that_the_bank_left_unknown_is_overdue(desk: Desk) -> None:
    batch_no = sent(desk)
    desk.upload("/batches/results", *desk.reference_result(batch_no, {B: "unknown"}))
    assert desk.get(f"/batches/{batch_no}")["unknown"] == 1
    days_later(desk, 4)
    assert overdue(desk) == [batch_no]


def test_the_worker_counts_overdue_batches_for_the_alarm(desk: Desk) -> None:
    sent(desk)
    for days, count in ((3, 0), (4, 1)):
        days_later(desk, days)
        desk.errands.once()
        assert BATCHES_OVERDUE._value.get() == count


def test_pages_of_overdue_batches_hold_only_overdue_ones(desk: Desk) -> None:
    first, second = sent(desk), desk.collecting({C: 100})["batch_no"]
    days_later(desk, 4)
    page = desk.get("/batches", overdue="true", limit="1")
    rest = desk.get("/batches", overdue="true", limit="1", before=str(page["next"]))
    assert [page["batches"][0]["batch_no"], rest["batches"][0]["batch_no"]] == [second, first]


def test_an_overdue_batch_that_the_bank_never_took_is_called_back_and_its_homes_are_free(desk: Desk) -> None:
    batch_no = sent(desk)
    days_later(desk, 4)
    answer = desk.post(f"/batches/{batch_no}/recalls", REASON)
    assert (answer["state"], answer["recalled"]) == ("withdrawn", 2)
    assert desk.payments.held == {}
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["history"][-1]["verb"], batch["history"][-1]["reason"]) == ("recall", REASON["reason"])
    assert (overdue(desk), batch["withdrawn"]) == ([], {"recalled": 2})


def test_a_result_that_comes_after_all_is_refused_as_a_whole(desk: Desk) -> None:
    batch_no = sent(desk)
    result = desk.reference_result(batch_no)
    days_later(desk, 4)
    desk.post(f"/batches/{batch_no}/recalls", REASON)
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", *result)
    assert refused.value.code == "batch_cancelled"
    assert desk.results_told() == []


def test_a_bank_that_still_has_time_is_not_called_back(desk: Desk) -> None:
    batch_no = sent(desk)
    days_later(desk, 3)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/recalls", REASON)
    assert (refused.value.code, refused.value.facts["due_on"]) == ("batch_not_overdue", "2025-12-08")
    assert set(desk.payments.held) == {A, B}


@pytest.mark.parametrize("what", ["built", "answered", "recalled"])
def test_only_a_batch_that_waits_for_its_first_answer_is_called_back(desk: Desk, what: str) -> None:
    batch_no = sent(desk, hand_over=what != "built")
    days_later(desk, 4)
    if what == "answered":
        desk.upload("/batches/results", *desk.reference_result(batch_no, {B: "unknown"}))
    if what == "recalled":
        desk.post(f"/batches/{batch_no}/recalls", REASON)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/recalls", REASON)
    assert refused.value.code == "transition_refused"


@pytest.mark.parametrize("roles", [("clerk",), ("cashier",), ("auditor",)])
def test_a_clerk_does_not_call_a_batch_back(desk: Desk, roles: tuple[str, ...]) -> None:
    batch_no = sent(desk)
    days_later(desk, 4)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/recalls", REASON, roles=roles)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": ""}, {"reason": None}, {"reason": 7}, {"reason": "x" * 201}, {**REASON, "force": True}, [REASON]],
)
def test_a_recall_without_a_sound_reason_is_refused(desk: Desk, body: Any) -> None:
    batch_no = sent(desk)
    days_later(desk, 4)
    with pytest.raises(Refused) as refused:
        desk.post(f"/batches/{batch_no}/recalls", body)
    assert refused.value.code == "invalid_input"
    assert set(desk.payments.held) == {A, B}


def test_an_unknown_batch_is_not_called_back(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.post("/batches/77/recalls", REASON)
    assert refused.value.code == "batch_not_found"


@given(st.sampled_from(BATCH.states), st.integers(0, 3), st.integers(1, 366), st.integers(-5, 400))
def test_what_is_answered_is_never_overdue_and_what_is_overdue_stays_so(
    state: str, unknown: int, timeout: int, days: int
) -> None:
    due_on, today = answer_due_on(SENT, timeout), SENT + timedelta(days=days)
    now = is_overdue(state, unknown_count=unknown, due_on=due_on, today=today)
    assert not now or (days > timeout and state in ("handed_over", "returned"))
    assert not now or is_overdue(state, unknown_count=unknown, due_on=due_on, today=today + timedelta(days=1))

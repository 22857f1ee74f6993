"""What a policy tells the others: the rules of collection of every day, in the transaction that activates it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.collection_rules import TOLD, collection_rules
from services.accounts.domain.policy_parameters import COMPANY_WIDE
from services.accounts.policies import REFERENCE, load_policy
from shared.messages.accounts import ClosedPeriod, CollectionRules, CollectionRulesDeclared
from tests.accounts.conftest import AccountsService
from tests.accounts.policy_packs import pack, pack_text


def told(service: AccountsService) -> list[CollectionRulesDeclared]:
    return [event for event in service.events() if isinstance(event, CollectionRulesDeclared)]


def test_the_reference_policy_tells_what_holds_where_nothing_is_told() -> None:
    (rules,) = collection_rules(load_policy(REFERENCE)).items
    assert replace(rules, valid_from=date(1950, 1, 1)) == CollectionRules(date(1950, 1, 1))


def test_what_is_told_is_one_for_the_whole_company() -> None:
    assert set(TOLD) <= COMPANY_WIDE


def test_each_day_on_which_a_rule_changes_begins_an_item() -> None:
    policy = pack(
        "batch_timeout_days:\n"
        "  - {value: 5, document: A}\n"
        "  - {value: 7, valid_from: 2027-01-01, document: B}\n"
        "payment_closed_period:\n"
        "  - {value: none, document: A}\n"
        '  - {value: [{from: 12-20, to: 01-05, channels: [cash]}], valid_from: 2026-10-01, document: "B"}\n'
    )
    declared = collection_rules(policy)
    assert [(rules.valid_from, rules.batch_timeout_days, rules.closed_periods) for rules in declared.items] == [
        (policy.valid_from, 5, ()),
        (date(2026, 10, 1), 5, (ClosedPeriod("12-20", "01-05", ("cash",)),)),
        (date(2027, 1, 1), 7, (ClosedPeriod("12-20", "01-05", ("cash",)),)),
    ]


def test_a_rule_that_runs_out_is_followed_on() -> None:
    policy = pack("batch_timeout_days: {value: 5, valid_until: 2027-01-01, document: A}")
    assert collection_rules(policy).on(date(2028, 1, 1)).batch_timeout_days == 5


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=4, unique=True), st.integers(-10, 5000))
def test_the_rules_of_a_day_are_the_values_of_that_day(steps: list[int], days: int) -> None:
    first = date(2024, 1, 1)
    entries = "".join(
        f"  - {{value: {number + 2}, valid_from: {first + timedelta(days=step)}, document: A}}\n"
        for number, step in enumerate(sorted(steps))
    )
    policy = pack(f"batch_timeout_days:\n  - {{value: 1, document: A}}\n{entries}")
    day = max(policy.valid_from, first + timedelta(days=days))
    assert collection_rules(policy).on(day).batch_timeout_days == policy.on(day).batch_timeout_days


def test_activating_a_policy_tells_its_rules_and_a_refusal_tells_nothing(service: AccountsService) -> None:
    service.post("/policies", {"name": "default", "set": {"batch_timeout_days": "9"}})
    service.post("/policies", {"name": "default", "set": {"batch_timeout_days": "many"}})
    service.post("/policies", {"name": "harbin"})
    assert [event.items[-1].batch_timeout_days for event in told(service)] == [9, 3]
    assert [event.policy.split()[0] for event in told(service)] == ["default", "harbin"]


def test_a_policy_that_a_second_person_switches_on_tells_its_rules_then(in_earnest: AccountsService) -> None:
    text = pack_text("cashier_reverse_window: {value: SAME_DAY, document: A}")
    asked = {"kind": "activate_policy", "content": {"name": "testcity", "pack": text}, "reason": "new rules"}
    _, request = in_earnest.post("/approvals", asked, roles=["clerk"])
    assert told(in_earnest) == []
    decision = {"approval_id": request["approval_id"], "verb": "approve", "content_hash": request["content_hash"]}
    in_earnest.post("/approvals/decisions", {"decisions": [decision]}, login="li")
    assert [event.items[-1].cashier_reverse_window for event in told(in_earnest)] == ["SAME_DAY"]


def test_closed_channels_are_those_that_somebody_can_be_turned_away_from(service: AccountsService) -> None:
    closed = "[{from: 12-01, to: 12-31, channels: [bank]}]"
    status, answer = service.post("/policies", {"name": "default", "set": {"payment_closed_period": closed}})
    assert (status, answer["code"]) == (400, "policy_invalid")

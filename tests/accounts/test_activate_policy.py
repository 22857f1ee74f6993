"""The policy in force: activated by name, changed for trials only."""

from __future__ import annotations

from typing import Any

import pytest

from services.accounts.domain.policy import read_policy
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.policy_packs import pack_text


def current(service: AccountsService) -> dict[str, Any]:
    status, answer = service.get("/policies/current")
    assert status == 200
    return dict(answer)


def test_before_anybody_activates_one_the_default_policy_is_in_force(service: AccountsService) -> None:
    answer = current(service)
    assert answer["name"] == "default"
    assert [entry["value"] for entry in answer["parameters"]["price_residential"]] == ["26"]


def test_the_policy_activated_last_is_in_force(service: AccountsService) -> None:
    first = current(service)["version"]
    status, changed = service.post("/policies", {"name": "default", "set": {"price_residential": "30.00"}})
    assert (status, current(service)["version"]) == (201, changed["version"])
    assert changed["version"] != first
    service.post("/policies", {"name": "default"})
    assert current(service)["version"] == first


def test_what_is_stored_reads_back_as_the_same_policy(service: AccountsService) -> None:
    windows = "[{from: 09-01, to: 09-15, pct: 1.5}]"
    _, changed = service.post("/policies", {"name": "default", "set": {"discount_windows": windows}})
    ((name, body),) = service.rows("SELECT name, body FROM policies")
    assert read_policy(body, name).version == changed["version"]


def test_bills_follow_the_policy_in_force(service: AccountsService) -> None:
    service.post("/policies", {"name": "default", "set": {"price_residential": "30.00", "due_date": "11-30"}})
    service.post("/accounts", {"accounts": [a_home()]})
    service.post("/billing-runs", {"season": "2025-2026"})
    _, answer = service.get("/accounts/9000000001/bills")
    assert answer["bills"][0]["parts"] == [{"amount": "2688.90", "due_on": "2025-11-30"}]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "atlantis"}, 404, "policy_unknown"),
        ({"name": "../default"}, 422, "invalid_input"),
        ({"name": "default", "set": {"price_of_gold": "1"}}, 400, "parameter_unknown"),
        ({"name": "default", "set": {"price_residential": "free"}}, 400, "policy_invalid"),
        ({"name": "default", "set": {"price_residential": "NaN"}}, 400, "policy_invalid"),
        ({"name": "default", "set": {"instalment_plan": "[{pct: 50, due: 10-31}]"}}, 400, "policy_invalid"),
        ({"name": "default", "set": {"price_residential": 30}}, 422, "invalid_input"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    service: AccountsService, body: dict[str, Any], status: int, code: str
) -> None:
    before = service.content()
    answered, answer = service.post("/policies", body)
    assert (answered, answer["code"]) == (status, code)
    assert service.content() == before


def test_in_production_a_policy_is_activated_as_it_was_reviewed_by_two_people(in_earnest: AccountsService) -> None:
    changed = {"name": "default", "set": {"price_residential": "1"}}
    assert in_earnest.post("/policies", {"name": "default"})[1]["code"] == "needs_approval"
    status, answer = in_earnest.post("/approvals", {"kind": "activate_policy", "content": changed, "reason": "新价"})
    assert (status, answer["code"]) == (403, "policy_changes_not_allowed")


def test_a_pack_of_ones_own_is_switched_on_by_a_second_person_as_it_was_read(in_earnest: AccountsService) -> None:
    text = pack_text("price_residential: {value: 28.00, document: 试价1号}")
    asked = {"kind": "activate_policy", "content": {"name": "testcity", "pack": text}, "reason": "新价格"}
    status, request = in_earnest.post("/approvals", asked, roles=["clerk"])
    assert status == 201, request
    assert current(in_earnest)["name"] == "default"
    decision = {"approval_id": request["approval_id"], "verb": "approve", "content_hash": request["content_hash"]}
    _, decided = in_earnest.post("/approvals/decisions", {"decisions": [decision]}, login="li")
    assert decided["decisions"][0]["result"]["name"] == "testcity"
    answer = current(in_earnest)
    assert (answer["name"], answer["parameters"]["price_residential"][0]["document"]) == ("testcity", "试价1号")


def test_a_policy_is_activated_by_a_supervisor_or_the_system_administrator(service: AccountsService) -> None:
    assert service.post("/policies", {"name": "default"}, roles=["cashier", "clerk"])[0] == 403
    assert service.post("/policies", {"name": "default"}, roles=["system_admin"])[0] == 201

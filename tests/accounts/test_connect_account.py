"""A new connection: applied for, surveyed, contracted, accepted; and what is charged of its first season.

Use cases: `apply_for_connection`, `survey_connection`, `contract_connection`, `withdraw_connection`, `connect_account`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.messages.accounts import AccountsOpened
from tests.accounts.billing_steps import bill
from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk

STEPS = ("surveys", "contracts", "acceptances")


def apply(desk: Desk, **given: Any) -> int:
    status, answer = desk.post("/connections", {"reason": "form 7", "applications": [a_home(next(NUMBERS), **given)]})
    assert status == 201, answer
    return int(answer["applications"][0]["application_id"])


def step(desk: Desk, verb: str, number: int, **words: Any) -> tuple[int, dict[str, Any]]:
    asked = (
        {"acceptances": [{"application_id": number, **words}]} if verb == "acceptances" else {"applications": [number]}
    )
    status, answer = desk.post(
        f"/connections/{verb}", {"reason": "as told", **asked, **({} if "acceptances" in asked else words)}
    )
    return status, answer


def connected(desk: Desk, **given: Any) -> str:
    number = apply(desk, **given)
    for verb in STEPS:
        status, answer = step(desk, verb, number)
        assert status == 201, answer
    return str(answer["applications"][0]["account_no"])


def test_an_accepted_application_is_an_active_account_from_today(desk: Desk) -> None:
    desk.set_day(date(2026, 1, 10))
    account_no = connected(desk)
    card = desk.get(f"/accounts/{account_no}")[1]
    assert (card["state"], card["connected_on"]) == ("active", "2026-01-10")
    assert account_no in [i.account_no for e in desk.events() if isinstance(e, AccountsOpened) for i in e.items]
    bill(desk, account_no)
    # 10 January to 31 March: 2,330.38 × 81 ÷ 151 = 1,250.0714…
    assert desk.billed(account_no) == ["1250.07"]


def test_every_move_of_an_application_can_be_read(desk: Desk) -> None:
    number = apply(desk)
    for verb in STEPS:
        step(desk, verb, number)
    told = desk.get(f"/connections/{number}")[1]
    assert (told["state"], len(told["account_no"])) == ("accepted", 10)
    assert [(m["verb"], m["from"], m["to"]) for m in told["moves"]] == [
        ("apply", None, "applied"), ("survey", "applied", "surveyed"), ("contract", "surveyed", "contracted"),
        ("accept", "contracted", "accepted"),
    ]  # fmt: skip


def test_nobody_is_told_of_a_home_before_its_acceptance(desk: Desk) -> None:
    before = len(desk.events())
    number = apply(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number)
    assert len(desk.events()) == before


@pytest.mark.parametrize(("done", "verb"), [(0, "contracts"), (0, "acceptances"), (1, "surveys"), (1, "acceptances"),
                                            (3, "surveys"), (3, "contracts"), (3, "acceptances"), (3, "withdrawals")])  # fmt: skip
def test_steps_are_taken_in_their_order_and_once(desk: Desk, done: int, verb: str) -> None:
    number = apply(desk)
    for earlier in STEPS[:done]:
        step(desk, earlier, number)
    before = desk.content()
    status, answer = step(desk, verb, number)
    assert (status, answer["code"]) == (409, "transition_refused")
    assert desk.content() == before


def test_a_place_that_cannot_be_supplied_is_rejected_and_a_withdrawn_one_stays_so(desk: Desk) -> None:
    rejected, withdrawn = apply(desk), apply(desk)
    step(desk, "surveys", rejected, feasible=False)
    step(desk, "withdrawals", withdrawn)
    states = [desk.get(f"/connections/{number}")[1]["state"] for number in (rejected, withdrawn)]
    assert states == ["rejected", "withdrawn"]
    assert [step(desk, "surveys", number)[1]["code"] for number in (rejected, withdrawn)] == ["transition_refused"] * 2


def test_the_warranty_may_be_told_at_the_acceptance(desk: Desk) -> None:
    number = apply(desk)
    for verb in STEPS[:2]:
        step(desk, verb, number)
    assert step(desk, "acceptances", number, warranty_until="2025-10-19")[1]["code"] == "warranty_before_connection"
    account_no = step(desk, "acceptances", number, warranty_until="2027-10-31")[1]["applications"][0]["account_no"]
    assert desk.get(f"/accounts/{account_no}")[1]["warranty_until"] == "2027-10-31"


def test_a_flat_that_has_an_account_is_not_accepted_twice(desk: Desk) -> None:
    room = {"room": f"9-{next(NUMBERS)}"}
    connected(desk, **room)
    number = apply(desk, **room)
    for verb in STEPS[:2]:
        step(desk, verb, number)
    assert step(desk, "acceptances", number)[1]["code"] == "flat_taken"


def test_unknown_and_repeated_applications_are_refused(desk: Desk) -> None:
    number = apply(desk)
    assert step(desk, "surveys", 2**61)[1]["code"] == "not_found"
    status, answer = desk.post("/connections/surveys", {"reason": "x", "applications": [number, number]})
    assert (status, answer["code"]) == (400, "invalid_input")
    assert desk.get("/connections/x")[0] == 404


def test_an_application_has_no_day_of_connection_and_no_nonsense(desk: Desk) -> None:
    for wrong in ({"connected_on": "2025-01-01"}, {"building_area": "0"}, {"phone": "1"}):
        status, answer = desk.post("/connections", {"reason": "x", "applications": [a_home(next(NUMBERS), **wrong)]})
        assert (status, answer["code"]) in ((400, "invalid_input"), (422, "invalid_input"), (400, "number_wrong"))


def test_a_home_that_was_known_and_never_connected_keeps_its_account(desk: Desk) -> None:
    home = a_home(next(NUMBERS))
    desk.set_day(date(2026, 1, 10))
    desk.post("/policies", {"name": "default", "set": {"illegal_use_rule": "DAYS"}})
    (found,) = desk.do("unknown-homes", homes=[home], used_since="2026-01-01")
    status, applied = desk.post("/connections", {"reason": "form 7", "applications": [{**home, "name": "李明"}]})
    assert status == 201, applied
    number = applied["applications"][0]["application_id"]
    desk.set_day(date(2026, 2, 1))
    for verb in STEPS:
        status, answer = step(desk, verb, number)
        assert status == 201, answer
    assert answer["applications"][0]["account_no"] == found["account_no"]
    card = desk.get(f"/accounts/{found['account_no']}")[1]
    assert (card["state"], card["name"], card["connected_on"]) == ("active", "李明", "2026-02-01")
    billed = desk.get(f"/accounts/{found['account_no']}/bills")[1]["bills"]
    whole = sum(round(float(bill["amount"]) * 100) for bill in billed)
    assert whole == round(233038 * (10 + 59) / 151), "ten days without a right, 59 with one"


def test_a_flat_whose_account_is_active_is_taken(desk: Desk) -> None:
    home = a_home(next(NUMBERS))
    assert desk.post("/accounts", {"accounts": [home]})[0] == 201
    status, applied = desk.post("/connections", {"reason": "form 7", "applications": [home]})
    number = applied["applications"][0]["application_id"]
    for verb in STEPS:
        status, answer = step(desk, verb, number)
    assert (status, answer["code"]) == (409, "flat_taken")

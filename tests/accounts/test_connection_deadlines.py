"""What is due by when for a new connection, what its contract may ask for, and when a building is let in.

Use cases: `notify_applicants`, `record_contract_payment`, `lapse_connections`, `declare_buildings`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk
from tests.accounts.policy_packs import pack_text

MONDAY = date(2026, 3, 2)
FEE_UNTIL_2027 = """
connection_fee_enabled:
  - {value: true, document: 试价〔2026〕9号, valid_until: 2027-01-01}
  - {value: false, valid_from: 2027-01-01, document: 试价〔2026〕9号}
"""


@pytest.fixture(autouse=True)
def _a_monday(desk: Desk) -> None:
    desk.set_day(MONDAY)


def apply(desk: Desk, **given: Any) -> int:
    status, answer = desk.post("/connections", {"reason": "form 7", "applications": [a_home(next(NUMBERS), **given)]})
    assert status == 201, answer
    return int(answer["applications"][0]["application_id"])


def step(desk: Desk, verb: str, *numbers: int, code: str = "", **words: Any) -> Any:
    """The answer's applications, or nothing where it must be refused with that code."""
    asked = (
        {"applications": list(numbers)}
        if verb != "acceptances"
        else {"acceptances": [{"application_id": n} for n in numbers]}
    )
    before = desk.content() if code else {}
    status, answer = desk.post(f"/connections/{verb}", {"reason": "as told", **asked, **words})
    if code:
        assert (answer.get("code"), desk.content() == before) == (code, True), answer
        return answer
    assert status == 201, answer
    return answer["applications"]


def contracted(desk: Desk, **given: Any) -> int:
    number = apply(desk, **given)
    step(desk, "surveys", number)
    step(desk, "contracts", number)
    return number


def pay(desk: Desk, *receipts: tuple[int, str], code: str = "") -> Any:
    body = {
        "reason": "receipt",
        "payments": [{"application_id": number, "receipt": receipt} for number, receipt in receipts],
    }
    before = desk.content() if code else {}
    status, answer = desk.post("/connections/payments", body)
    assert (status == 201) if not code else (answer.get("code") == code and desk.content() == before), answer
    return answer


def deadlines(desk: Desk, number: int) -> list[tuple[str, str, str | None]]:
    return [
        (each["kind"], each["due_on"], each["outcome"]) for each in desk.get(f"/connections/{number}")[1]["deadlines"]
    ]


def test_each_step_of_a_connection_has_its_days(desk: Desk) -> None:
    number = apply(desk)
    assert deadlines(desk, number) == [("survey", "2026-03-09", None)]
    desk.set_day(date(2026, 3, 5))
    (surveyed,) = step(desk, "surveys", number)
    assert surveyed["deadline"] == {"kind": "notice", "due_on": "2026-03-09", "assumed": False}
    step(desk, "notices", number)
    desk.set_day(date(2026, 3, 10))
    (signed,) = step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "2330.38"}])
    assert signed["deadline"] == {"kind": "contract_payment", "due_on": "2026-03-25", "assumed": False}
    assert pay(desk, (number, "R-1"))["applications"][0]["paid"] == "2330.38"
    assert deadlines(desk, number) == [
        ("survey", "2026-03-09", "met"), ("notice", "2026-03-09", "met"), ("contract_payment", "2026-03-25", "met"),
    ]  # fmt: skip
    assert step(desk, "acceptances", number)[0]["state"] == "accepted"


def test_days_are_those_of_the_policy(desk: Desk, policy: Any) -> None:
    policy(survey_days="1", notice_days="3", contract_pay_days="2")
    number = apply(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "1.00"}])
    assert [due for _, due, _ in deadlines(desk, number)] == ["2026-03-03", "2026-03-05", "2026-03-04"]


def test_who_is_rejected_is_told_too(desk: Desk) -> None:
    number = apply(desk)
    step(desk, "surveys", number, feasible=False)
    assert deadlines(desk, number)[-1] == ("notice", "2026-03-04", None)
    step(desk, "notices", number)
    assert deadlines(desk, number)[-1] == ("notice", "2026-03-04", "met")
    assert desk.get(f"/connections/{number}")[1]["state"] == "rejected"


def test_a_signed_contract_is_a_notice(desk: Desk) -> None:
    number = contracted(desk)
    assert deadlines(desk, number) == [("survey", "2026-03-09", "met"), ("notice", "2026-03-04", "met")]
    assert step(desk, "acceptances", number)[0]["state"] == "accepted"


def test_a_withdrawn_application_waits_for_nothing(desk: Desk) -> None:
    number = apply(desk)
    step(desk, "withdrawals", number)
    assert deadlines(desk, number) == [("survey", "2026-03-09", "dropped")]


def test_a_connection_fee_is_refused_unless_a_document_allows_it(desk: Desk) -> None:
    number = apply(desk)
    step(desk, "surveys", number)
    asked = [{"application_id": number, "connection_fee": "2688.90", "first_season": "1.00"}]
    refused = step(desk, "contracts", number, charges=asked, code="connection_fee_forbidden")
    assert (refused["facts"]["connection_fee"], refused["facts"]["place"]) == ("2688.90", "applications/0")
    status, answer = desk.post("/policies", {"name": "testcity", "set": {}, "pack": pack_text(FEE_UNTIL_2027)})
    assert status == 201, answer
    step(desk, "contracts", number, charges=asked)
    charges = desk.get(f"/connections/{number}")[1]["charges"]
    assert (charges["connection_fee"], charges["document"], charges["receipt"]) == ("2688.90", "试价〔2026〕9号", None)


def test_a_connection_fee_ends_with_its_document(desk: Desk) -> None:
    desk.post("/policies", {"name": "testcity", "set": {}, "pack": pack_text(FEE_UNTIL_2027)})
    for day, code in ((date(2026, 12, 31), ""), (date(2027, 1, 1), "connection_fee_forbidden")):
        desk.set_day(day)
        number = apply(desk)
        step(desk, "surveys", number)
        step(desk, "contracts", number, charges=[{"application_id": number, "connection_fee": "1.00"}], code=code)


def test_heat_is_not_let_in_before_the_contract_is_paid(desk: Desk) -> None:
    number = apply(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "2330.38"}])
    refused = step(desk, "acceptances", number, code="contract_unpaid")
    assert refused["facts"]["asked"] == "2330.38"
    pay(desk, (number, "R-2"))
    step(desk, "acceptances", number)


def test_an_unpaid_contract_lapses_after_its_last_day_and_not_by_itself(desk: Desk) -> None:
    number, free = apply(desk), contracted(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "2330.38"}])
    desk.set_day(date(2026, 3, 17))
    assert step(desk, "lapses", number, code="not_overdue")["facts"]["due_on"] == "2026-03-17"
    desk.set_day(date(2026, 3, 18))
    step(desk, "lapses", free, code="not_overdue")
    step(desk, "lapses", number, free, code="not_overdue")
    assert desk.get(f"/connections/{number}")[1]["state"] == "contracted"
    step(desk, "lapses", number)
    told = desk.get(f"/connections/{number}")[1]
    assert (told["state"], told["moves"][-1]["verb"], deadlines(desk, number)[-1][2]) == (
        "withdrawn",
        "lapse",
        "lapsed",
    )
    pay(desk, (number, "R-3"), code="transition_refused")


def test_a_late_payment_is_taken_while_nobody_let_it_lapse(desk: Desk) -> None:
    number = apply(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "2330.38"}])
    desk.set_day(date(2026, 6, 1))
    pay(desk, (number, "R-4"))
    step(desk, "lapses", number, code="not_overdue")
    pay(desk, (number, "R-5"), code="contract_paid")


def test_one_receipt_pays_one_contract(desk: Desk) -> None:
    first, second, free = apply(desk), apply(desk), contracted(desk)
    for number in (first, second):
        step(desk, "surveys", number)
        step(desk, "contracts", number, charges=[{"application_id": number, "first_season": "1.00"}])
    pay(desk, (first, "R-6"), (second, "R-6"), code="receipt_taken")
    pay(desk, (first, "R-6"))
    pay(desk, (second, "R-6"), code="receipt_taken")
    pay(desk, (free, "R-7"), code="nothing_asked_for")
    pay(desk, (2**61, "R-7"), code="not_found")
    pay(desk, (second, "R-7"), (second, "R-8"), code="invalid_input")


@pytest.mark.parametrize("wrong", [
    [{"application_id": 1}], [{"application_id": "1", "receipt": "R"}], [{"application_id": None, "receipt": "R"}], [], None,
    [{"application_id": 1, "receipt": ""}], [{"application_id": 1, "receipt": "x" * 41}], [{"application_id": 0, "receipt": "R"}],
    [{"application_id": 1, "receipt": "R", "more": 1}], [{"application_id": 1, "receipt": "R"}] * 1001,
])  # fmt: skip
def test_receipts_that_cannot_be_read_are_refused(desk: Desk, wrong: Any) -> None:
    status, answer = desk.post("/connections/payments", {"payments": wrong, "reason": "x"})
    assert (status, answer["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("wrong", [
    {"first_season": 1}, {"first_season": "1"}, {"first_season": "-1.00"}, {"connection_fee": None}, {"more": "1.00"},
    {"application_id": 1},
])  # fmt: skip
def test_charges_that_cannot_be_read_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    number = apply(desk)
    step(desk, "surveys", number)
    step(desk, "contracts", number, charges=[{"application_id": number, **wrong}], code="invalid_input")
    twice = [{"application_id": number, "first_season": "1.00"}] * 2
    step(desk, "contracts", number, charges=twice, code="invalid_input")


def declare(desk: Desk, building: str, homes: Any, **words: Any) -> tuple[int, Any]:
    body = {
        "buildings": [{"compound": "新苑", "building": building, "homes": homes}],
        "reason": "developer's table",
        **words,
    }
    return desk.post("/buildings", body)


def test_a_building_is_let_in_when_enough_of_its_homes_have_applied(desk: Desk) -> None:
    assert declare(desk, "A", 10)[0] == 201
    home = {"compound": "新苑", "building": "A"}
    numbers = [contracted(desk, **home) for _ in range(6)]
    refused = step(desk, "acceptances", numbers[0], code="occupancy_too_low")
    told = {name: refused["facts"][name] for name in ("homes", "heated", "applied", "pct", "gate_pct")}
    assert told == {"homes": 10, "heated": 0, "applied": 6, "pct": "60.00", "gate_pct": "70"}
    apply(desk, **home)
    step(desk, "acceptances", *numbers[:3])
    shown = desk.get("/buildings/occupancy?compound=新苑&building=A")[1]
    assert (shown["heated"], shown["applied"], shown["pct"]) == (3, 4, "70.00")
    step(desk, "acceptances", *numbers[3:])


def test_a_withdrawal_may_close_the_gate_again_and_the_policy_moves_it(desk: Desk, policy: Any) -> None:
    declare(desk, "B", 2)
    home = {"compound": "新苑", "building": "B"}
    first, second = contracted(desk, **home), apply(desk, **home)
    step(desk, "withdrawals", second)
    step(desk, "acceptances", first, code="occupancy_too_low")
    policy(occupancy_gate_pct="50")
    step(desk, "acceptances", first)


def test_of_a_building_whose_homes_nobody_told_nothing_is_asked(desk: Desk) -> None:
    step(desk, "acceptances", contracted(desk, compound="新苑", building="C"))
    assert desk.get("/buildings/occupancy?compound=新苑&building=C")[0] == 404


def test_what_was_told_last_of_a_building_holds(desk: Desk) -> None:
    declare(desk, "D", 100)
    number = contracted(desk, compound="新苑", building="D")
    step(desk, "acceptances", number, code="occupancy_too_low")
    declare(desk, "D", 1)
    step(desk, "acceptances", number)


@pytest.mark.parametrize("homes", [0, -1, 100_001, "10", 1.5, None, True])
def test_a_number_of_homes_that_cannot_be_is_refused(desk: Desk, homes: Any) -> None:
    assert declare(desk, "E", homes)[1]["code"] == "invalid_input"


def test_buildings_that_cannot_be_read_are_refused(desk: Desk) -> None:
    one = {"compound": "新苑", "building": "F", "homes": 1}
    for wrong in (
        [],
        None,
        [one] * 2,
        [one] * 1001,
        [{**one, "more": 1}],
        [{"compound": "新苑", "homes": 1}],
        [{**one, "building": "x" * 41}],
    ):
        assert declare(desk, "F", 1, buildings=wrong)[1]["code"] == "invalid_input", wrong
    assert desk.post("/buildings", {"buildings": [one], "reason": "x"}, roles=["clerk"])[0] == 403

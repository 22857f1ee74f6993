"""`draw_up_claim`: every share once, what was corrected with the difference; `move_claims`; what is paid, how old the rest."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.claim import AGES, LIFECYCLE, age_of, standing
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.test_reimbursed_relief import VETERAN, told

PAYERS = (f"finance {number}" for number in itertools.count(1))


def helped(desk: Desk, payer: str, **relief: Any) -> str:
    """A home of 100 m² whose payer bears 60 × 26.00 × 85 % = 1,326.00."""
    number = desk.billed_home(building_area="100.00")
    desk.do("reliefs", reliefs=[{"account_no": number, "kind": "low_income", "payer": payer, **relief}])
    return number


def draw(desk: Desk, payer: str, **words: Any) -> dict[str, Any]:
    status, answer = desk.post("/claims", {"payer": payer, "season": "2025-2026", **words}, roles=("finance",))
    assert status == 201, answer
    return dict(answer)


def move(desk: Desk, verb: str, *batch_nos: int, **words: Any) -> Any:
    body = {"verb": verb, "claims": list(batch_nos), "note": "letter 17", **words}
    return desk.post("/claims/moves", body, roles=("finance",))


def stands(desk: Desk, batch_no: int) -> tuple[str, str, str]:
    answer = desk.get(f"/claims/{batch_no}", roles=("finance",))[1]
    return answer["state"], answer["paid"], answer["open"]


def all_open(desk: Desk, payer: str, *numbers: str, open_fen: int = 132600) -> None:
    for number in numbers:
        told(desk, number, open_fen, payer=payer)


def test_a_claim_holds_every_share_of_the_payer_once(desk: Desk) -> None:
    payer, other = next(PAYERS), next(PAYERS)
    for _ in range(3):
        helped(desk, payer)
    helped(desk, other)
    drawn = draw(desk, payer)
    assert (drawn["lines"], drawn["amount"], drawn["state"]) == (3, "3978.00", "drawn_up")
    again = desk.post("/claims", {"payer": payer, "season": "2025-2026"}, roles=("finance",))
    assert again[1]["code"] == "nothing_to_claim"


def test_shares_of_the_bill_subsidies_paid_back_and_sums_per_square_metre_stand_in_it(desk: Desk) -> None:
    payer = next(PAYERS)
    assert desk.post("/policies", {"name": "shenyang"})[0] == 201
    helped(desk, payer, share_pct="85", cap_m2="60")
    veteran = desk.billed_home(building_area="92.50")
    desk.do("reliefs", reliefs=[{"account_no": veteran, **VETERAN, "payer": payer}])
    told(desk, veteran, 0)
    metre = desk.billed_home(building_area="100.00")
    desk.do("reliefs", reliefs=[{"account_no": metre, "kind": "differential_subsidy", "payer": payer}])
    drawn = draw(desk, payer)
    assert (drawn["lines"], drawn["amount"]) == (3, "3676.00"), "1,326.00 + 2,080.00 + 270.00"
    assert desk.post("/policies", {"name": "default"})[0] == 201


def test_a_share_that_was_corrected_stands_in_the_next_claim_with_the_difference(desk: Desk) -> None:
    payer = next(PAYERS)
    number = helped(desk, payer)
    draw(desk, payer)
    desk.do("areas", areas=[{"account_no": number, "building_area": "50.00"}])
    assert draw(desk, payer)["amount"] == "-221.00", "50 × 26.00 × 85 % = 1,105.00"


def test_a_claim_that_was_withdrawn_asks_for_nothing(desk: Desk) -> None:
    payer = next(PAYERS)
    helped(desk, payer)
    first = draw(desk, payer)["batch_no"]
    assert move(desk, "withdraw", first)[0] == 201
    assert draw(desk, payer)["amount"] == "1326.00"


def test_a_claim_is_sent_and_paid_as_far_as_its_shares_are(desk: Desk) -> None:
    payer = next(PAYERS)
    one, other = helped(desk, payer), helped(desk, payer)
    all_open(desk, payer, one, other)
    batch_no = draw(desk, payer)["batch_no"]
    assert stands(desk, batch_no) == ("drawn_up", "0.00", "2652.00")
    move(desk, "send", batch_no)
    assert stands(desk, batch_no) == ("sent", "0.00", "2652.00")
    all_open(desk, payer, one, open_fen=0)
    assert stands(desk, batch_no) == ("partly_paid", "1326.00", "1326.00")
    all_open(desk, payer, other, open_fen=0)
    assert stands(desk, batch_no) == ("paid", "2652.00", "0.00")
    all_open(desk, payer, other)
    assert stands(desk, batch_no)[0] == "partly_paid", "the payment was taken back"


def test_of_two_claims_on_one_share_the_older_is_paid_first(desk: Desk) -> None:
    payer = next(PAYERS)
    number = desk.billed_home(building_area="50.00")
    desk.do("reliefs", reliefs=[{"account_no": number, "kind": "low_income", "payer": payer}])
    first = draw(desk, payer)["batch_no"]
    desk.do("areas", areas=[{"account_no": number, "building_area": "60.00"}])
    second = draw(desk, payer)["batch_no"]
    all_open(desk, payer, number, open_fen=20000)
    assert (stands(desk, first)[2], stands(desk, second)[2]) == ("0.00", "200.00")


def test_a_dispute_is_noted_and_sent_again(desk: Desk) -> None:
    payer = next(PAYERS)
    helped(desk, payer)
    batch_no = draw(desk, payer)["batch_no"]
    for verb in ("send", "dispute", "send"):
        assert move(desk, verb, batch_no)[0] == 201
    moves = desk.get(f"/claims/{batch_no}", roles=("finance",))[1]["moves"]
    assert [(each["verb"], each["from"], each["to"]) for each in moves] == [
        ("send", "drawn_up", "sent"), ("dispute", "sent", "disputed"), ("send", "disputed", "sent"),
    ]  # fmt: skip
    assert move(desk, "withdraw", batch_no)[1]["code"] == "transition_refused"


def test_what_is_open_of_sent_claims_is_told_by_its_age(desk: Desk) -> None:
    payer = next(PAYERS)
    number = helped(desk, payer)
    all_open(desk, payer, number)
    batch_no = draw(desk, payer)["batch_no"]
    move(desk, "send", batch_no)
    desk.set_day(date(2025, 12, 1))
    ages = {each["payer"]: each for each in desk.get("/claims/ages", roles=("finance",))[1]}
    assert ages[payer] == {"payer": payer, "open": "1326.00", "to_30": "0.00", "to_60": "1326.00", "to_90": "0.00",
                           "over_90": "0.00"}  # fmt: skip
    desk.set_day(date(2025, 10, 20))


@pytest.mark.parametrize(("days", "age"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (900, 3)])
def test_the_ages_meet_without_a_gap(days: int, age: int) -> None:
    sent_on = date(2025, 1, 1)
    assert age_of(sent_on, date.fromordinal(sent_on.toordinal() + days)) == AGES[age]


@given(st.sampled_from(LIFECYCLE.states), st.integers(1, 10**9), st.integers(0, 10**9))
def test_only_a_claim_that_was_sent_is_paid(state: str, amount_fen: int, open_fen: int) -> None:
    told_state = standing(state, amount_fen, open_fen)
    assert told_state == state or state == "sent"
    assert (told_state == "paid") == (state == "sent" and open_fen == 0)


def test_the_lines_are_a_list_that_can_be_exported(desk: Desk) -> None:
    payer = next(PAYERS)
    number = helped(desk, payer, holder="王", relative="spouse")
    batch_no = draw(desk, payer)["batch_no"]
    _, answer = desk.get(f"/claim-lines?batch_no={batch_no}", roles=("finance",))
    (line,) = answer["items"]
    assert (line["account_no"], line["amount"], line["kind"]) == (number, "1326.00", "low_income")


@pytest.mark.parametrize("asked", [
    {"payer": None}, {"payer": ""}, {"payer": "x" * 81}, {"season": "2025"}, {"season": None}, {"season": 2025}, {"more": 1},
])  # fmt: skip
def test_what_is_no_claim_is_refused(desk: Desk, asked: dict[str, Any]) -> None:
    before = desk.content()
    body = {"payer": "finance", "season": "2025-2026", **asked}
    assert desk.post("/claims", body, roles=("finance",))[1]["code"] == "invalid_input"
    assert desk.content() == before


@pytest.mark.parametrize("asked", [
    {"verb": "pay"}, {"verb": None}, {"claims": []}, {"claims": [1] * 1001}, {"claims": ["x"]}, {"claims": None}, {"note": ""},
    {"note": None}, {"claims": [1, 1]}, {"more": 1},
])  # fmt: skip
def test_what_is_no_move_is_refused(desk: Desk, asked: dict[str, Any]) -> None:
    before = desk.content()
    body = {"verb": "send", "claims": [1], "note": "x", **asked}
    assert desk.post("/claims/moves", body, roles=("finance",))[1]["code"] == "invalid_input"
    assert desk.content() == before


def test_a_claim_that_is_none_is_not_found_and_claims_are_finances(desk: Desk) -> None:
    assert move(desk, "send", 7)[1]["code"] == "claim_unknown"
    assert desk.get("/claims/7", roles=("finance",))[0] == 404
    body = {"payer": "finance", "season": "2025-2026"}
    assert desk.post("/claims", body, roles=("clerk",))[0] == 403
    assert desk.post("/claims/moves", {"verb": "send", "claims": [1], "note": "x"}, roles=("clerk",))[0] == 403

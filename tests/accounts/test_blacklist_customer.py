"""The blacklist (`blacklist_customer`, `remove_from_blacklist`): nothing new is begun, what there is goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk


def an_id() -> dict[str, str]:
    return {"id_type": "passport", "id_no": f"E{next(NUMBERS) + 10_000_000}"}


def listed(desk: Desk, reason: str = "took heat twice", **person: str) -> int:
    status, answer = desk.post("/blacklist", {"persons": [person], "reason": reason})
    assert status == 201, answer
    return int(answer["entries"][0]["entry_id"])


def applied(desk: Desk, **person: str) -> tuple[int, Any]:
    return desk.post("/connections", {"reason": "form 7", "applications": [a_home(next(NUMBERS), **person)]})


def test_a_listed_person_gets_no_new_connection_until_taken_off(desk: Desk) -> None:
    person = an_id()
    entry_id = listed(desk, **person)
    status, answer = applied(desk, **person)
    assert (status, answer["code"], answer["facts"]["entry_id"]) == (409, "blacklisted", entry_id)
    assert "took heat twice" in answer["detail"]
    desk.post("/blacklist/removals", {"entries": [entry_id], "reason": "paid"})
    assert applied(desk, **person)[0] == 201


def test_a_listed_person_buys_no_home_and_gets_no_part(desk: Desk) -> None:
    person = an_id()
    listed(desk, **person)
    home = desk.billed_home(building_area="100.00")
    assert desk.refused("transfers", transfers=[{"account_no": home, "name": "李明", **person}]) == "blacklisted"
    part = {"room": "1B", "building_area": "40.00", "name": "李明", **person}
    division = {"account_no": home, "remaining": {"building_area": "60.00"}, "part": part}
    assert desk.refused("divisions", divisions=[division]) == "blacklisted"


def test_what_a_listed_owner_has_goes_on_and_a_suspension_warns(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    home, neighbour = desk.billed_home(), desk.billed_home()
    listed(desk, account_no=home)
    asked = [{"account_no": number, "season": "2025-2026"} for number in (home, neighbour)]
    done = desk.do("suspensions", suspensions=asked)
    assert [each["warnings"] for each in done] == [["blacklisted"], []]


def test_an_owner_is_listed_by_the_number_where_one_is_known(desk: Desk) -> None:
    person = an_id()
    home = desk.home(**person)
    listed(desk, account_no=home)
    assert applied(desk, **person)[1]["code"] == "blacklisted"


def test_the_buyer_of_a_listed_owners_home_is_not_listed(desk: Desk) -> None:
    home = desk.billed_home()
    listed(desk, account_no=home)
    desk.do("transfers", transfers=[{"account_no": home, "name": "李明"}])
    desk.set_day(date(2026, 8, 1))
    (done,) = desk.do("suspensions", suspensions=[{"account_no": home, "season": "2026-2027"}])
    assert done["warnings"] == []


def test_numbers_are_masked_and_the_history_stays(desk: Desk) -> None:
    person = an_id()
    entry_id = listed(desk, **person)
    desk.post("/blacklist/removals", {"entries": [entry_id], "reason": "paid"})
    here = desk.get(f"/blacklist?after={entry_id - 1}&limit=1000")[1]["entries"]
    assert entry_id not in [each["entry_id"] for each in here]
    (entry,) = desk.get(f"/blacklist?after={entry_id - 1}&limit=1&history=true")[1]["entries"]
    assert (entry["entry_id"], entry["removed_because"], entry["by"]) == (entry_id, "paid", "staff:zhang")
    assert person["id_no"] not in entry["id_no"]


def test_twice_is_refused_in_both_directions(desk: Desk) -> None:
    person = an_id()
    entry_id = listed(desk, **person)
    assert desk.post("/blacklist", {"persons": [person], "reason": "x"})[1]["code"] == "already_blacklisted"
    desk.post("/blacklist/removals", {"entries": [entry_id], "reason": "x"})
    again = desk.post("/blacklist/removals", {"entries": [entry_id], "reason": "x"})
    assert again[1]["code"] == "not_blacklisted"
    assert listed(desk, **person) > entry_id


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({}, "invalid_input"),
        ({"id_no": "E12345678"}, "invalid_input"),
        ({"id_type": "passport"}, "invalid_input"),
        ({"id_type": "passport", "id_no": None}, "invalid_input"),
        ({"id_type": "ticket", "id_no": "E12345678"}, "invalid_input"),
        ({"id_type": "id_card", "id_no": "110101196001010017"}, "number_wrong"),
        ({"account_no": "0119999999", "id_type": "passport", "id_no": "E12345678"}, "invalid_input"),
        ({"account_no": "0119999999"}, "unknown_account"),
        ({"name": "王秀英"}, "invalid_input"),
    ],
)
def test_who_is_told_by_nothing_or_wrongly_is_not_listed(desk: Desk, person: dict[str, Any], code: str) -> None:
    assert desk.post("/blacklist", {"persons": [person], "reason": "x"})[1]["code"] == code


def test_lists_that_cannot_be_and_clerks_change_nothing(desk: Desk) -> None:
    one = an_id()
    before = desk.content()
    for persons in ([], [one, one], [one] * 1001, None, "x"):
        assert desk.post("/blacklist", {"persons": persons, "reason": "x"})[1]["code"] == "invalid_input"
    for entries in ([], [1, 1], ["1"], [0], None, [1] * 1001):
        assert desk.post("/blacklist/removals", {"entries": entries, "reason": "x"})[1]["code"] == "invalid_input"
    assert desk.post("/blacklist/removals", {"entries": [2**60], "reason": "x"})[1]["code"] == "unknown_blacklist_entry"
    assert desk.post("/blacklist", {"persons": [one], "reason": "x"}, roles=["clerk"])[0] == 403
    assert desk.post("/blacklist/removals", {"entries": [1], "reason": "x"}, roles=["clerk"])[0] == 403
    assert desk.get("/blacklist?history=maybe")[0] == 422
    assert desk.content() == before

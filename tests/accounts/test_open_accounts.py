"""Opening accounts: numbers, flats, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.messages.accounts import AccountsOpened, OpenedAccount
from tests.accounts.conftest import AccountsService, a_home


def opened(service: AccountsService, *homes: dict[str, Any]) -> list[str]:
    status, answer = service.post("/accounts", {"accounts": list(homes)})
    assert status == 201, answer
    return list(answer["account_nos"])


def test_an_opened_account_is_active_and_told_to_the_others(service: AccountsService) -> None:
    assert opened(service, a_home(account_no="0110000001")) == ["0110000001"]
    assert service.events() == [AccountsOpened((OpenedAccount("0110000001", date(2025, 10, 20), "residential"),))]
    status, state = service.get("/accounts/0110000001/state")
    assert (status, state["state"]) == (200, "active")
    assert [(move["verb"], move["from"], move["to"], move["by"]) for move in state["moves"]] == [
        ("open", None, "active", "staff:zhang")
    ]


def test_a_number_is_assigned_when_none_is_given(service: AccountsService) -> None:
    first, second = opened(service, a_home(1), a_home(2))
    assert first != second
    assert len(first) == 10 and first.isdigit()


def test_an_assigned_number_passes_over_those_that_are_taken(service: AccountsService) -> None:
    opened(service, a_home(1, account_no="9000000001"), a_home(2, account_no="9000000002"))
    assert opened(service, a_home(3)) == ["9000000003"]


def test_the_same_request_again_answers_the_same_and_opens_nothing(service: AccountsService) -> None:
    body = {"accounts": [a_home()]}
    first = service.post("/accounts", body, key="once")
    before = service.content()
    assert service.post("/accounts", body, key="once") == first
    assert service.content() == before


def test_a_thousand_accounts_are_opened_at_once(service: AccountsService) -> None:
    assert len(opened(service, *(a_home(number) for number in range(1000)))) == 1000
    assert [len(event.items) for event in service.events()] == [1000]


@pytest.mark.parametrize(
    ("given", "code", "place"),
    [
        ({"account_no": "9000000002"}, "account_no_taken", "accounts/1/account_no"),
        ({"room": "101"}, "flat_taken", "accounts/1/room"),
        ({"inner_area": "90.00"}, "area_order", "accounts/1/inner_area"),
        ({"usable_area": "89.64"}, "area_order", "accounts/1/usable_area"),
        ({"inner_area": "80.00", "usable_area": "80.01"}, "area_order", "accounts/1/usable_area"),
        ({"connected_on": "2025-10-21"}, "invalid_input", "accounts/1/connected_on"),
        (
            {"connected_on": "2020-01-02", "warranty_until": "2020-01-01"},
            "warranty_before_connection",
            "accounts/1/warranty_until",
        ),
        ({"id_no": "110101193106069972"}, "invalid_input", "accounts/1/id_no"),
        ({"id_type": "id_card", "id_no": "110101193106069973"}, "number_wrong", "accounts/1/id_no"),
        ({"id_type": "passport", "id_no": "110101193106069972"}, "number_wrong", "accounts/1/id_no"),
        ({"phone": "1391234567"}, "number_wrong", "accounts/1/phone"),
    ],
)
def test_a_list_with_one_bad_account_is_refused_whole(
    service: AccountsService, given: dict[str, Any], code: str, place: str
) -> None:
    before = service.content()
    homes = [a_home(1, account_no="9000000002"), a_home(2, **given)]
    status, answer = service.post("/accounts", {"accounts": homes})
    assert (status // 100, answer["code"], answer["facts"]["place"]) == (4, code, place)
    assert service.content() == before


def test_a_flat_or_number_of_another_account_is_refused(service: AccountsService) -> None:
    opened(service, a_home(1, account_no="0110000001"))
    status, answer = service.post("/accounts", {"accounts": [a_home(1)]})
    assert (status, answer["code"], answer["facts"]["account_no"]) == (409, "flat_taken", "0110000001")
    status, answer = service.post("/accounts", {"accounts": [a_home(2, account_no="0110000001")]})
    assert (status, answer["code"]) == (409, "account_no_taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("building_area", 89.63),
        ("building_area", "0"),
        ("building_area", "-1"),
        ("building_area", "12.345"),
        ("building_area", "1000000000"),
        ("building_area", "８９"),
        ("building_area", "1e3"),
        ("building_area", " 5"),
        ("building_area", "5\n"),
        ("building_area", "NaN"),
        ("account_no", "123"),
        ("account_no", "０１１０００００００１"),
        ("price_class", "palace"),
        ("connected_on", "2026-02-30"),
        ("name", ""),
        ("name", "a\u202eb"),
        ("room", " 101"),
        ("floor", "3"),
        ("floor", True),
        ("owner", "unknown member"),
    ],
)
def test_a_value_that_cannot_be_read_for_certain_is_refused_with_its_place(
    service: AccountsService, field: str, value: Any
) -> None:
    status, answer = service.post("/accounts", {"accounts": [a_home(**{field: value})]})
    assert (status, answer["code"]) == (422, "invalid_input")
    assert [error["place"] for error in answer["errors"]] == [f"/accounts/0/{field}"]


def test_an_empty_list_and_one_of_more_than_a_thousand_are_refused(service: AccountsService) -> None:
    for homes in ([], [a_home(number) for number in range(1001)]):
        assert service.post("/accounts", {"accounts": homes})[0] == 422


def test_opening_needs_the_role_of_a_clerk(service: AccountsService) -> None:
    assert service.post("/accounts", {"accounts": [a_home()]}, roles=["cashier"])[0] == 403
    assert service.post("/accounts", {"accounts": [a_home()]}, roles=[])[0] == 401

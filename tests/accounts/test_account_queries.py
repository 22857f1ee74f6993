"""What is known of an account, a page of accounts, and their bills."""

from __future__ import annotations

import pytest

from services.accounts.domain.masking import masked_id_no, masked_phone
from tests.accounts.conftest import AccountsService, a_home

PERSONAL = {"id_type": "id_card", "id_no": "110101193106069972", "phone": "13912345678"}


@pytest.fixture
def opened(service: AccountsService) -> AccountsService:
    homes = [a_home(number, account_no=f"01100000{number:02d}", **PERSONAL) for number in range(1, 6)]
    homes += [a_home(6, account_no="0110000006", compound="铁西小区")]
    assert service.post("/accounts", {"accounts": homes})[0] == 201
    return service


def test_a_card_tells_the_home_and_masks_personal_numbers(opened: AccountsService) -> None:
    status, card = opened.get("/accounts/0110000001", roles=["cashier"])
    assert status == 200
    assert (card["name"], card["compound"], card["room"], card["building_area"]) == (
        "王秀英",
        "幸福小区",
        "101",
        "89.63",
    )
    assert (card["id_no"], card["phone"]) == ("1101************72", "139****5678")


@pytest.mark.parametrize("path", ["", "/state", "/bills"])
def test_no_answer_holds_a_personal_number(opened: AccountsService, path: str) -> None:
    answer = str(opened.get(f"/accounts/0110000001{path}"))
    assert PERSONAL["id_no"] not in answer
    assert PERSONAL["phone"] not in answer


def test_numbers_too_short_to_mask_are_hidden_whole() -> None:
    assert masked_id_no("123456") == "******"
    assert masked_phone("110") == "***"
    assert masked_phone(None) is None


def test_accounts_come_a_page_at_a_time(opened: AccountsService) -> None:
    seen, after = [], ""
    while after is not None:
        _, page = opened.get(f"/accounts?compound=幸福小区&limit=2{f'&after={after}' if after else ''}")
        seen += [account["account_no"] for account in page["accounts"]]
        after = page["next"]
    assert seen == [f"01100000{number:02d}" for number in range(1, 6)]


def test_accounts_of_all_compounds_and_of_one_that_is_not_there(opened: AccountsService) -> None:
    assert len(opened.get("/accounts")[1]["accounts"]) == 6
    assert opened.get("/accounts?compound=%25")[1] == {"items": [], "accounts": [], "next": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=-1", "limit=1e3", "after=12", "sort=id", "compound="]
)
def test_a_page_that_cannot_be_is_refused(opened: AccountsService, query: str) -> None:
    status, answer = opened.get(f"/accounts?{query}")
    assert (status, answer["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("account_no", ["0110000099", "011000001", "x", "０１１０００００００１"])
@pytest.mark.parametrize("path", ["", "/state", "/bills"])
def test_an_account_that_does_not_exist_is_not_found(opened: AccountsService, account_no: str, path: str) -> None:
    status, answer = opened.get(f"/accounts/{account_no}{path}")
    assert (status, answer["code"]) == (404, "unknown_account")


def test_other_services_may_ask_and_strangers_may_not(opened: AccountsService) -> None:
    for path in (
        "/accounts",
        "/accounts/0110000001",
        "/accounts/0110000001/state",
        "/accounts/0110000001/bills",
    ):
        assert opened.get(path, roles=["system_admin"])[0] == 403
        assert opened.get(path, roles=[])[0] == 401

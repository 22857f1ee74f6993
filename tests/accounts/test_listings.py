"""Lists of accounts: pages in a stable order, filters that find by index, cursors that nobody makes up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.sql import Literal

from services.accounts.queries.listed_page import statement
from services.accounts.queries.listings import listing_named, listings
from services.accounts.queries.page_cursor import cursor_of, key_of
from shared.chassis.database import transaction
from shared.kernel.errors import InvalidInput
from tests.accounts.billing_steps import bill
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk

PERSONAL = {"id_type": "id_card", "id_no": "110101193106069972", "phone": "13912345678"}


@pytest.fixture
def opened(service: AccountsService) -> AccountsService:
    """Two compounds, two buildings; the last home is a shop and belongs to 李雷."""
    homes = [a_home(n, account_no=f"01100000{n:02d}", building="3" if n < 4 else "4", **PERSONAL) for n in range(1, 7)]
    homes.append(a_home(7, account_no="0110000007", compound="铁西小区", name="李雷", price_class="nonresidential"))
    assert service.post("/accounts", {"accounts": homes})[0] == 201
    return service


def numbers(answer: tuple[int, Any]) -> list[str]:
    assert answer[0] == 200, answer
    return [item["account_no"][-1] for item in answer[1]["items"]]


def all_pages(service: AccountsService, path: str, *, limit: int) -> list[list[Any]]:
    pages, after = [], ""
    joint = "&" if "?" in path else "?"
    while after is not None:
        status, page = service.get(f"{path}{joint}limit={limit}{f'&after={after}' if after else ''}")
        assert status == 200, page
        pages.append(page["items"])
        after = page["next"]
    return pages


@pytest.mark.parametrize(("query", "found"), [
    ("compound=铁西小区", "7"), ("compound=幸福小区&building=3", "123"), ("compound=幸福小区&building=4&unit=2", "456"),
    ("compound=幸福小区&building=4&unit=1", ""), ("price_class=nonresidential", "7"), ("state=active", "1234567"),
    ("state=cut", ""), ("name=李", "7"), ("name=雷", ""), ("name=%25", ""), ("name=_雷", ""), ("phone=13912345678", "123456"),
    ("id_no=110101193106069972", "123456"), ("id_no=110101", ""), ("account_no=0110000003", "3"), ("heat_station=一号站", ""),
    ("name=王&compound=铁西小区", ""),
])  # fmt: skip
def test_a_filter_finds_what_it_says_and_nothing_else(opened: AccountsService, query: str, found: str) -> None:
    assert numbers(opened.get(f"/accounts?{query}")) == list(found)


def test_a_suspension_that_has_ended_counts_as_active(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 1))
    home = desk.billed_home()
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026", "seasons": 1}])
    for day, state in ((date(2025, 9, 2), "suspended"), (date(2026, 8, 1), "active")):
        desk.set_day(day)
        assert desk.get(f"/accounts?account_no={home}")[1]["items"][0]["state"] == state
        for asked in ("active", "suspended"):
            found = desk.get(f"/accounts?state={asked}&account_no={home}")[1]["items"]
            assert bool(found) == (state == asked), (day, asked)


def test_pages_together_are_the_list_and_the_last_one_says_so(opened: AccountsService) -> None:
    whole = opened.get("/accounts")[1]["items"]
    for limit in (1, 2, 3, 7, 100):
        pages = all_pages(opened, "/accounts", limit=limit)
        assert [item for page in pages for item in page] == whole
        assert [len(page) for page in pages] == [limit] * (7 // limit) + ([7 % limit] if 7 % limit else [])


def test_a_home_that_is_opened_meanwhile_neither_repeats_nor_hides_another(opened: AccountsService) -> None:
    _, first = opened.get("/accounts?limit=3")
    opened.post("/accounts", {"accounts": [a_home(50, account_no="0100000000"), a_home(51, account_no="0110000099")]})
    rest = opened.get(f"/accounts?limit=1000&after={first['next']}")
    assert [item["account_no"] for item in first["items"]] == ["0110000001", "0110000002", "0110000003"]
    assert [item["account_no"] for item in rest[1]["items"]][-1] == "0110000099"
    assert "0100000000" not in [item["account_no"] for item in rest[1]["items"]]


def test_a_list_answers_as_before_too(opened: AccountsService) -> None:
    """The member and the account number that clients began with before lists had one form."""
    _, page = opened.get("/accounts?after=0110000005")
    assert page["accounts"] == page["items"]
    assert numbers((200, page)) == ["6", "7"]


@pytest.mark.parametrize("query", ["building=3", "compound=幸福小区&unit=2"])
def test_a_building_is_one_of_a_compound(opened: AccountsService, query: str) -> None:
    status, answer = opened.get(f"/accounts?{query}")
    assert (status, answer["code"]) == (422, "filter_needs_another")


@pytest.mark.parametrize("roles", [["cashier"], ["finance"]])
def test_an_id_number_is_looked_for_by_those_who_deal_with_contracts(opened: AccountsService, roles: list[str]) -> None:
    status, answer = opened.get("/accounts?id_no=110101193106069972", roles=roles)
    assert (status, answer["code"]) == (403, "forbidden")


def test_no_list_shows_a_personal_number(opened: AccountsService) -> None:
    answer = str(opened.get("/accounts"))
    assert "1101************72" in answer
    assert PERSONAL["id_no"] not in answer
    assert PERSONAL["phone"] not in answer


def forged(opened: AccountsService) -> list[str]:
    genuine = opened.get("/accounts?limit=2")[1]["next"]
    other = cursor_of(["0110000002", 2025, "self"], listing="bills", filters={})
    return [genuine[:-1] + ("0" if genuine[-1] != "0" else "1"), "x" + genuine, other, f"{'A' * 600}.{'0' * 16}",
            cursor_of([7], listing="accounts", filters={}), cursor_of(["a", "b"], listing="accounts", filters={}),
            cursor_of(["0110000002"], listing="accounts", filters={"compound": "铁西小区"})]  # fmt: skip


def test_a_cursor_of_another_list_or_of_nobody_is_refused(opened: AccountsService) -> None:
    for cursor in forged(opened):
        status, answer = opened.get(f"/accounts?after={cursor}")
        assert (status, answer["code"]) == (400, "invalid_input"), cursor


@pytest.mark.parametrize("cursor", ["", "12", "011000000a", "a.b", "%00", "'%20OR%201=1--", "9" * 700])
def test_what_does_not_even_look_like_a_cursor_is_refused(service: AccountsService, cursor: str) -> None:
    status, answer = service.get(f"/accounts?after={cursor}")
    assert (status, answer["code"]) == (422, "invalid_input")


_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
"""What PostgreSQL keeps."""
KEYS = st.tuples(_TEXT, st.integers(-(2**15) + 1, 2**15 - 1), st.integers(-(2**63) + 1, 2**63 - 1))


@given(key=KEYS, compound=_TEXT)
def test_a_cursor_gives_back_its_key(key: tuple[str, int, int], compound: str) -> None:
    filters = {"compound": compound}
    cursor = cursor_of(key, listing="bills", filters=filters)
    assert tuple(key_of(cursor, ["text", "smallint", "bigint"], listing="bills", filters=filters)) == key


@settings(max_examples=300)
@given(cursor=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_text_is_taken_for_a_cursor_by_chance(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        key_of(f"{cursor}.{'0' * 16}", ["text"], listing="accounts", filters={})


def test_bills_show_what_is_billed_by_now_and_what_is_open(desk: Desk) -> None:
    account_no = desk.home()
    bill(desk, account_no)
    _, page = desk.get(f"/bills?account_no={account_no}&season=2025-2026")
    one = page["items"][0]
    assert (one["issued"], one["corrected"], one["amount"], one["open"]) == ("2330.38", "0.00", "2330.38", "2330.38")
    desk.do("areas", areas=[{"account_no": account_no, "building_area": "100.00"}])
    one = desk.get(f"/bills?account_no={account_no}")[1]["items"][0]
    known = desk.get(f"/accounts/{account_no}/bills")[1]["bills"][0]
    assert (one["issued"], one["amount"]) == (known["issued"], known["amount"])
    corrections = desk.get(f"/bill-corrections?account_no={account_no}")[1]["items"]
    assert [each["amount"] for each in corrections] == [one["corrected"]] == [known["corrections"][0]["amount"]]


def test_every_list_answers_every_role_that_it_names_and_no_other(desk: Desk) -> None:
    for name, listing in listings().items():
        for role in ("cashier", "clerk", "supervisor", "finance", "auditor", "system_admin", "security_admin"):
            status, answer = desk.get(f"/{name.replace('_', '-')}?limit=3", roles=[role])
            assert status == (200 if role in listing.roles else 403), (name, role, answer)


EXAMPLES = {"season": "2025-2026", "account_no": "0110000001", "compound": "幸福小区", "building": "3", "unit": "2"}


def test_every_filter_of_every_list_is_a_statement_that_runs(desk: Desk) -> None:
    for name, listing in listings().items():
        for each, declared in listing.filters.items():
            value = EXAMPLES.get(each) or ("2025-10-20" if declared.kind == "day" else (declared.choices or ("x",))[0])
            given = {needed: EXAMPLES[needed] for needed in declared.needs} | {each: value}
            query = "&".join(f"{name}={quote(value)}" for name, value in given.items())
            status, answer = desk.get(f"/{name.replace('_', '-')}?{query}")
            assert status == 200, (name, each, answer)


def test_a_list_says_what_its_rows_are_in_every_column(desk: Desk) -> None:
    account_no = desk.home()
    bill(desk, account_no)
    for name, listing in listings().items():
        for item in desk.get(f"/{name.replace('_', '-')}?limit=5")[1]["items"]:
            assert set(item) == set(listing.column_names())


def made_without_values(runtime: Any, sql: str, values: dict[str, Any]) -> str:
    """The plan that a connection of ours uses: `plan_cache_mode` is `force_generic_plan` there."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", sql)
    with transaction(runtime.engine) as cursor:
        cursor.execute(f"PREPARE listed AS {numbered}".encode())
        told = ", ".join(Literal(values[name]).as_string(cursor) for name in names)
        lines = cursor.execute(f"EXPLAIN EXECUTE listed{f'({told})' if told else ''}".encode()).fetchall()
        cursor.execute("DEALLOCATE listed")
    return "\n".join(line for (line,) in lines)


@pytest.fixture(scope="module")
def city(one_accounts_service: tuple[Any, Any]) -> Callable[[str, dict[str, Any]], tuple[str, float]]:
    """20,000 homes more; the plan of a list under filters, and the seconds that a page of it takes."""
    runtime, clock = one_accounts_service
    service = AccountsService(runtime, clock)
    service.as_owner(
        "DO $$ DECLARE c bigint := (SELECT coalesce(min(command_id), 1) FROM commands); BEGIN"
        " INSERT INTO commands (command_id, name, actor, request_id, business_on)"
        " VALUES (c - 1, 'open_accounts', 'cli', '', '2025-07-01');"
        " INSERT INTO customers SELECT -n, c - 1, '户' || n, 'id_card', 'id' || n, 'p' || n / 2 FROM generate_series(1, 20000) n;"
        " INSERT INTO premises (premises_id, command_id, compound, building, unit, room, heat_station, building_area)"
        " SELECT -n, c - 1, '大区' || n / 500, mod(n / 50, 10)::text, '1', n::text, '站' || n / 1000, 90 FROM generate_series(1, 20000) n;"
        " INSERT INTO heat_accounts (account_no, command_id, customer_id, premises_id, price_class, state, opened_on)"
        " SELECT lpad((8000000000 + n)::text, 10, '0'), c - 1, -n, -n, CASE WHEN mod(n, 100) = 0 THEN 'school' ELSE 'residential' END,"
        " CASE WHEN mod(n, 200) = 0 THEN 'disconnected' ELSE 'active' END, '2025-07-01' FROM generate_series(1, 20000) n;"
        " END $$"
    )
    for table in ("customers", "premises", "heat_accounts"):
        service.as_owner(f"ANALYZE {table}")

    def plan(name: str, filters: dict[str, Any]) -> tuple[str, float]:
        listing = listing_named(name)
        sql, values = statement(listing, listing.columns, filters, limit=101)
        values["today"] = runtime.clock.today()
        began = time.perf_counter()
        service.rows(sql, values)
        return made_without_values(runtime, sql, values), time.perf_counter() - began

    return plan


@pytest.mark.parametrize("filters", [
    {"compound": "大区7"}, {"compound": "大区7", "building": "3"}, {"heat_station": "站4"}, {"price_class": "school"},
    {"state": "disconnected"}, {"state": "active"}, {"name": "户177"}, {"id_no": "id4711"}, {"phone": "p4711"},
    {"account_no": "8000004711"}, {},
], ids=str)  # fmt: skip
def test_accounts_are_found_by_an_index_whatever_they_are_filtered_by(
    city: Callable[[str, dict[str, Any]], tuple[str, float]], filters: dict[str, Any]
) -> None:
    plan, seconds = city("accounts", filters)
    for table in ("heat_accounts", "premises", "customers"):
        assert f"Seq Scan on {table}" not in plan, plan
    assert seconds < 1, plan

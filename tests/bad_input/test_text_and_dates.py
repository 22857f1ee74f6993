"""Text and days (reliability 6.1, rows 70–75): what cannot be kept is refused, what people are called is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bad_input.three_services import Services

HOME: dict[str, Any] = {
    "name": "王秀英",
    "compound": "幸福小区",
    "building": "3",
    "room": "101",
    "building_area": "89.63",
}
ROOMS = iter(range(1000, 100_000))


def a_home(**changed: Any) -> dict[str, Any]:
    """A flat that is not there yet."""
    return {"accounts": [{**HOME, "room": str(next(ROOMS)), **changed}]}


REFUSED = {
    "70-header": "a\r\nSet-Cookie: x=1", "70-tab": "a\tb", "70-nul": "a\x00b", "70-escape": "a\x1b[31mb",
    "71-right-to-left": "王\u202e英", "71-zero-width": "王\u200b英", "71-zero-width-joiner": "王\u200d英",
    "71-isolate": "\u2066王\u2069", "71-mark": "\ufeff王", "72-10000-characters": "王" * 10_000, "72-81": "王" * 81,
    "blanks-around": " 王秀英 ", "ideographic-blank-around": "\u3000王秀英", "empty": "", "blank": " ",
    "number": 1, "true": True, "null": None, "list": ["王秀英"], "object": {"zh": "王秀英"},
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED.values(), ids=[f"6.1-{name}" for name in REFUSED])
@pytest.mark.parametrize("field", ["name", "compound"])
def test_text_that_would_harm_or_hide_is_refused_at_its_place(services: Services, field: str, text: Any) -> None:
    answer = services.refuses("accounts", "POST", "/accounts", a_home(**{field: text}), code="invalid_input")
    assert field in answer.places() or answer.places().strip() == "body"  # a NUL is found before there are fields


KEPT = {
    "70-sql": "' OR 1=1--", "70-expression": "${7*7}", "70-template": "{{7*7}}", "70-script": "<script>alert(1)</script>",
    "70-formula": '=HYPERLINK("http://x")', "70-percent": "100%s %n", "71-homoglyph": "Іvan", "72-rare": "𠮷田",
    "72-gb18030": "䶮", "72-middle-dot": "买买提·吐尔逊", "72-ideographic-blank": "王\u3000秀英", "72-hyphen": "O’Neil-张",
    "72-80-characters": "王" * 80, "backslash-u": "a\\u0000b", "emoji": "王😀", "combining": "e\u0301",
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=[f"6.1-{name}" for name in KEPT])
def test_text_that_is_only_unusual_is_kept_to_the_letter(services: Services, text: str) -> None:
    """▲ It is data everywhere: not SQL, not HTML, not a template, not a formula."""
    opened = services.ask("accounts", "POST", "/accounts", a_home(name=text))
    assert opened.status == 201, opened.raw
    card = services.ask("accounts", "GET", f"/accounts/{opened.body['account_nos'][0]}")
    assert card.body["name"] == text
    assert card.headers["Content-Type"] == "application/json"
    assert card.headers["X-Content-Type-Options"] == "nosniff"


DAYS = ["2026-02-30", "2025-02-29", "2025-13-01", "2025-00-10", "24:00:00", "0001-01-01", "9999-12-31", "1949-12-31",
        "2200-01-01", "2025-1-1", "20251020", "2025-10-20T00:00:00", "2025-10-20T00:00:00+14:00", "2025-10-20 ",
        "２０２５-10-20", "2025-10-20\n", "today", "", "-2025-10-20", "2025-W42-1", 20251020, None, True, ["2025-10-20"]]  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=[f"6.1-73-{day!r}" for day in DAYS])
def test_a_day_that_does_not_exist_or_is_written_otherwise_is_refused(services: Services, day: Any) -> None:
    answer = services.refuses("accounts", "POST", "/accounts", a_home(connected_on=day), code="invalid_input")
    assert "connected_on" in answer.places()


def test_6_1_73_the_29th_of_february_is_a_day_in_a_leap_year(services: Services) -> None:
    assert services.ask("accounts", "POST", "/accounts", a_home(connected_on="2024-02-29")).status == 201


SEASON = {"season": "2026-2027", "start_on": "2026-11-01", "end_on": "2027-03-31"}


@pytest.mark.parametrize("changed", [
    pytest.param({"end_on": "2026-10-31"}, id="6.1-74-end-before-start"),
    pytest.param({"season": "2030-2031"}, id="6.1-74-days-of-another-season"),
    pytest.param({"season": "2026-2028"}, id="6.1-74-no-season"),
    pytest.param({"season": "2026"}, id="6.1-74-one-year"),
    pytest.param({"season": 2026}, id="6.1-74-number"),
    pytest.param({"season": "２０２６-２０２７"}, id="6.1-74-full-width"),
    pytest.param({"start_on": "2026-02-30"}, id="6.1-74-no-day"),
    pytest.param({"price_residential": "-1"}, id="6.1-74-price-below-zero"),
    pytest.param({"price_residential": "NaN"}, id="6.1-74-price-nan"),
    pytest.param({"price_residential": "1e3"}, id="6.1-74-price-exponent"),
])  # fmt: skip
def test_a_season_that_cannot_be_is_refused(services: Services, changed: dict[str, Any]) -> None:
    services.ask("accounts", "POST", "/policies", {"name": "default"})
    services.refuses("accounts", "POST", "/seasons", {**SEASON, **changed})


AREAS = [
    "0",
    "0.00",
    "-1",
    "1000000000",
    "12.345",
    "1e2",
    "NaN",
    "٣",
    "１２",
    "",
    " 89.63",
    "089.63",
    89.63,
    True,
    None,
]


@pytest.mark.parametrize("area", AREAS, ids=[f"6.1-75-{area!r}" for area in AREAS])
def test_an_area_that_no_flat_has_is_refused(services: Services, area: Any) -> None:
    answer = services.refuses("accounts", "POST", "/accounts", a_home(building_area=area), code="invalid_input")
    assert "building_area" in answer.places()


NUMBERS = ["", "1", "011000000", "01100000011", "０１１０００００01", "011000000a", "0110000001\n", " 0110000001", "011-000-001",
           1100000001, None, ["0110000001"]]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS, ids=[f"account-no-{number!r}" for number in NUMBERS])
def test_an_account_number_is_ten_digits(services: Services, number: Any) -> None:
    services.refuses("payments", "POST", "/payments", {"payments": [
        {"account_no": number, "amount": "1.00", "channel": "pos"}
    ]}, code="invalid_input")  # fmt: skip
    services.refuses("bank_gateway", "POST", "/mandates/revocations", {"account_nos": [number]}, code="invalid_input")


MANDATE = {"account_no": "0110000001", "bank": "BOC", "bank_account": "6216600000000000017", "holder": "王秀英"}


@pytest.mark.parametrize("changed", [
    {"bank": "boc"}, {"bank": ""}, {"bank": "B" * 21}, {"bank": "中行"}, {"bank_account": "621660000000000001７"},
    {"bank_account": "6.21E+18"}, {"bank_account": ""}, {"bank_account": 6216600000000000017}, {"bank_account": "6" * 41},
    {"holder": "王\u200b"}, {"holder": ""}, {"holder": "a|b\n"}, {"approved_by": "li"},
], ids=str)  # fmt: skip
def test_a_mandate_is_as_strict(services: Services, changed: dict[str, Any]) -> None:
    services.refuses("bank_gateway", "POST", "/mandates", {"mandates": [{**MANDATE, **changed}]})


@pytest.mark.parametrize("hand_over", [1, 0, "true", "yes", None, 1.0, []], ids=repr)
def test_a_flag_is_true_or_false(services: Services, hand_over: Any) -> None:
    services.refuses("bank_gateway", "POST", "/batches", {"bank": "BOC", "hand_over": hand_over})

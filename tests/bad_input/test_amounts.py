"""Amounts that are none (reliability 6.1, rows 1–22): refused at their place, or taken where that is right."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.pay import PAYMENT_FEN_MAX
from shared.kernel.money import format_yuan
from tests.bad_input.three_services import H, Services, a_payment

BAD = {
    "01-zero": '"0.00"', "01-zero-number": "0", "02-below-zero": '"-1.00"', "02-below-zero-number": "-1",
    "03-minus-zero": '"-0.00"', "03-minus-zero-number": "-0", "04-float": "0.1", "05-exponent": "1e2",
    "05-exponent-text": '"1e2"', "06-too-large-for-a-float": "1e400", "07-nan": "NaN", "07-nan-text": '"NaN"',
    "08-infinity": "Infinity", "08-minus-infinity": "-Infinity", "08-infinity-text": '"Infinity"',
    "09-without-decimals": '"100"', "09-one-decimal": '"1.0"', "09-three-decimals": '"1.005"',
    "10-full-width": '"１００.００"', "11-underscore": '"1_000.00"', "11-separator": '"1,000.00"',
    "12-blanks": '" 5.00 "', "12-line-end": '"5.00\\n"', "13-arabic-digit": '"٣.00"', "14-true": "true",
    "14-false": "false", "15-null": "null", "16-list": "[]", "16-object": "{}", "16-list-of-one": '["1.00"]',
    "17-beyond-a-double": '"90071992547409.93"', "17-number-beyond-a-double": "9007199254740993",
    "18-beyond-bigint": '"92233720368547758.08"', "18-number-beyond-bigint": "9223372036854775808",
    "19-5000-nines": '"' + "9" * 5000 + '.00"', "19-number-of-5000-nines": "9" * 5000,
    "22-over-the-limit": f'"{format_yuan(PAYMENT_FEN_MAX + 1)}"', "22-far-over": '"99999999999.00"',
    "leading-zero": '"01.00"', "plus": '"+1.00"', "currency": '"¥1.00"', "empty": '""',
}  # fmt: skip


def body_with(literal: str) -> bytes:
    return json.dumps(a_payment("@")).replace('"@"', literal).encode()


@pytest.mark.parametrize("literal", BAD.values(), ids=[f"6.1-{name}" for name in BAD])
def test_it_is_refused_at_its_place_and_nothing_is_booked(services: Services, literal: str) -> None:
    answer = services.refuses("payments", "POST", "/payments", body_with(literal))
    assert answer.code == "invalid_input"
    assert "amount" in answer.places() or "body" in answer.places()
    assert answer.body["remedy"]


@pytest.mark.parametrize("literal", BAD.values(), ids=[f"6.1-{name}" for name in BAD])
def test_it_is_refused_in_a_banks_day_too(services: Services, literal: str) -> None:
    """There an amount may be zero or below (what the bank took back), but never anything else than money."""
    if re.fullmatch(r'"-?[0-9]{1,11}\.[0-9]{2}"', literal) and literal not in ('"-0.00"', '"01.00"'):
        return
    body = json.dumps({"bank": "BOC", "day": "2025-10-19", "lines": [{"serial": "1", "account_no": H, "amount": "@"}]})
    services.refuses("bank_gateway", "POST", "/bank-days", body.replace('"@"', literal).encode(), code="invalid_input")


@pytest.mark.parametrize("literal", ['"0"', '"-1"', "89.63", '"1e2"', '"１００"', "true", "null", '"99999999999"', '"12.345"'],
                         ids=lambda literal: f"6.1-75-area-{literal}")  # fmt: skip
def test_an_area_is_as_strict(services: Services, literal: str) -> None:
    home = {"name": "王秀英", "compound": "幸福小区", "building": "3", "room": "101", "building_area": "@"}
    body = json.dumps({"accounts": [home]}).replace('"@"', literal).encode()
    answer = services.refuses("accounts", "POST", "/accounts", body, code="invalid_input")
    assert "building_area" in answer.places()


def owed(services: Services) -> dict[str, Any]:
    return dict(services.ask("payments", "GET", f"/accounts/{H}/owed").body)


def test_6_1_20_and_21_a_fen_more_is_credit_and_a_fen_less_stays_open(services: Services) -> None:
    """Both are taken: they are what people pay."""
    due = owed(services)["payers"][0]["total"]
    less = services.ask("payments", "POST", "/payments", a_payment(f"{due[:-1]}{int(due[-1]) - 1}"))
    assert less.status == 201
    assert owed(services)["payers"][0]["total"] == "0.01"
    more = services.ask("payments", "POST", "/payments", a_payment("0.02"))
    assert more.status == 201
    assert (owed(services)["payers"][0]["total"], owed(services)["credit"]) == ("0.00", "0.01")
    with services.runtimes["payments"].commands.reading() as work:
        assert trial_balance(work)["balanced"]

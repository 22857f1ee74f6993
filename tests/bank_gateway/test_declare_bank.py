"""A bank's declaration: what cannot be written into its files is refused before anything is sent."""

from __future__ import annotations

import pytest

from tests.bank_gateway.desk import CHINAPAY, MERCHANT, Desk, Refused


def test_the_same_declaration_again_changes_nothing(desk: Desk) -> None:
    assert desk.declare(**CHINAPAY) == {"code": "ICBC", "profile": "chinapay", "changed": True, "assigned_mandates": 0}
    assert desk.declare(**CHINAPAY)["changed"] is False
    assert desk.rows("SELECT count(*) FROM bank_declarations") == [(1,)]


def test_a_changed_declaration_holds_from_then_on_and_the_one_before_stays_in_the_history(desk: Desk) -> None:
    desk.declare(**CHINAPAY)
    desk.declare(**{**CHINAPAY, "purpose": "热费"})
    assert desk.get("/banks")[0]["purpose"] == "热费"
    assert [row[0]["purpose"] for row in desk.rows("SELECT body FROM bank_declarations ORDER BY declaration_id")] == [
        "供暖费",
        "热费",
    ]


def test_the_layout_of_our_own_needs_no_parameters(desk: Desk) -> None:
    assert desk.declare("CCB", name="建设银行")["profile"] == "reference"
    assert desk.get("/banks")[0]["parameters"] == {"bank": "CCB"}


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"parameters": {}}, "parameters"),
        ({"parameters": {"merchant": MERCHANT, "colour": "red"}}, "parameters"),
        ({"parameters": {"merchant": "123"}}, "parameters"),
        ({"bank_code": "12"}, "bank_code"),
        ({"names": [{"name": "建设银行", "bank_code": "x"}]}, "bank_code"),
        ({"purpose": "供暖|费"}, "purpose"),
        ({"purpose": "供暖\U00020bb7"}, "purpose"),
    ],
)
def test_what_the_files_cannot_carry_is_refused(desk: Desk, wrong: dict[str, object], place: str) -> None:
    with pytest.raises(Refused) as refused:
        desk.declare(**{**CHINAPAY, **wrong})
    assert (refused.value.code, refused.value.facts["place"]) == ("invalid_input", place)
    assert [bank["code"] for bank in desk.get("/banks")] == ["unassigned"]


@pytest.mark.parametrize("code", ["icbc", "I", "unassigned", "I" * 21, "工行", "IC BC"])
def test_a_code_is_a_few_capitals(desk: Desk, code: str) -> None:
    with pytest.raises(Refused):
        desk.declare(code)


def test_an_unknown_layout_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.declare(profile="swift")
    assert refused.value.code == "invalid_input"


def test_a_name_belongs_to_one_bank(desk: Desk) -> None:
    desk.declare(name="工商银行")
    with pytest.raises(Refused) as refused:
        desk.declare("OTHER", name="别行", names=[{"name": "工商银行"}])
    assert refused.value.facts["bank"] == "ICBC"
    assert [bank["code"] for bank in desk.get("/banks")] == ["ICBC", "unassigned"]


def test_a_clerk_may_not_declare_banks(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.post("/banks", {"code": "ICBC", "name": "工商银行", "profile": "reference"}, roles=("clerk",))
    assert refused.value.code == "forbidden"

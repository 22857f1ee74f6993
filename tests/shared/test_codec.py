"""Messages ↔ their one text."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chassis.codec import canonical, decode, encode, strict_json
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True)
class Part:
    amount_fen: int
    due_on: date


@dataclass(frozen=True)
class Whole:
    name: str
    parts: tuple[Part, ...]
    pair: tuple[int, str]
    rate: Decimal
    named: dict[str, Part]
    maybe: int | None = None
    flag: bool = False


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
PARTS = st.builds(Part, st.integers(-(2**62), 2**62), st.dates(date(1950, 1, 1), date(2199, 12, 31)))
WHOLES = st.builds(
    Whole, TEXT, st.lists(PARTS, max_size=4).map(tuple), st.tuples(st.integers(), TEXT),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000),
    st.dictionaries(TEXT, PARTS, max_size=3), st.none() | st.integers(), st.booleans(),
)  # fmt: skip


@given(WHOLES)
def test_a_message_survives_its_text_and_its_text_survives_reading(whole: Whole) -> None:
    text = encode(whole)
    assert decode(Whole, text) == whole
    assert encode(decode(Whole, text)) == text
    assert canonical(json.loads(text)) == text


@given(WHOLES)
def test_the_order_of_members_is_no_part_of_a_message(whole: Whole) -> None:
    members = json.loads(encode(whole))
    turned = json.dumps(dict(reversed(members.items())), indent=2)
    assert decode(Whole, turned) == whole


def test_the_text_is_sorted_without_blanks_and_in_utf_8() -> None:
    assert canonical({"b": [1, {"y": "中", "x": None}], "a": True}) == '{"a":true,"b":[1,{"x":null,"y":"中"}]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_json_does_not_know_is_never_written(value: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        canonical({"a": value})


WHOLE = Whole("a", (Part(1, date(2025, 1, 1)),), (1, "x"), Decimal("1.0"), {})


@pytest.mark.parametrize(("member", "value", "place"), [
    ("name", 1, "name"), ("name", None, "name"), ("parts", {}, "parts"), ("parts", [{"amount_fen": 1}], "parts.due_on"),
    ("parts", [{"amount_fen": 1.0, "due_on": "2025-01-01"}], "parts.amount_fen"),
    ("parts", [{"amount_fen": True, "due_on": "2025-01-01"}], "parts.amount_fen"),
    ("parts", [{"amount_fen": 1, "due_on": "2025-02-30"}], "parts.due_on"),
    ("parts", [{"amount_fen": 1, "due_on": "20250101"}], "parts.due_on"), ("pair", [1], "pair"), ("pair", [1, "x", 2], "pair"),
    ("rate", 1.5, "rate"), ("rate", "NaN", "rate"), ("rate", "Infinity", "rate"), ("rate", "one", "rate"), ("named", [], "named"),
    ("maybe", "1", "maybe"), ("flag", 1, "flag"), ("flag", None, "flag"),
])  # fmt: skip
def test_a_field_of_another_type_is_refused_at_its_place(member: str, value: object, place: str) -> None:
    members = {**json.loads(encode(WHOLE)), member: value}
    with pytest.raises(InvalidInput) as refused:
        decode(Whole, json.dumps(members))
    assert refused.value.facts["place"] == place


def test_a_field_with_a_default_may_be_missing_and_others_may_not() -> None:
    members = json.loads(encode(WHOLE))
    assert (
        decode(Whole, json.dumps({name: members[name] for name in members if name not in ("maybe", "flag")})) == WHOLE
    )
    for field in dataclasses.fields(Whole)[:5]:
        with pytest.raises(InvalidInput, match="missing"):
            decode(Whole, json.dumps({name: value for name, value in members.items() if name != field.name}))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "NaN", "Infinity", "-Infinity", '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', "[" * 200_000,
                                  '"\\ud800"', '"\\uDC00\\uD800"', '"\\u0000"', "'a'", "01", "1 2", "\ufeff{}"])  # fmt: skip
def test_what_is_not_strictly_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        strict_json(text)


@pytest.mark.parametrize(("text", "value"), [('"\\ud83d\\ude00"', "😀"), (r'"\\u0000"', r"\u0000"), (r'"\\ud800"', r"\ud800"),
                                             ("1e2", 100.0), ('{"a":{"a":1}}', {"a": {"a": 1}})])  # fmt: skip
def test_what_is_json_is_read(text: str, value: object) -> None:
    assert strict_json(text) == value

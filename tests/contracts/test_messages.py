"""O12: a message's bytes are what they were. Logs hold them for ever and hashes are made of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.chassis.codec import canonical, decode, encode
from shared.chassis.event_log import GENESIS, chained
from shared.kernel.errors import InvalidInput
from tests.contracts.messages_told import EVENT_ID, EXAMPLES, GOLDEN, KINDS, golden_of


def stored(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_every_message_has_an_example_and_every_stored_one_is_still_known() -> None:
    assert {type(event) for event in EXAMPLES} == set(KINDS.values())
    names = {path.name.split(".")[0] for path in GOLDEN.glob("*.json")}
    assert set(KINDS) - names == set(), "store its bytes: python -m tests.contracts.renew"
    assert names - set(KINDS) == set(), "a message that was told once stays known"


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.NAME)
def test_a_message_has_the_bytes_and_the_hash_it_always_had(event: Any) -> None:
    """O12. A field may be added with a default (§4.9); all that was there stays, in the same form, and so the hash."""
    golden = stored(golden_of(event))
    before, now = json.loads(golden["body"]), json.loads(encode(event))
    assert list(lost(before, now)) == []
    if now == before:
        assert encode(event) == golden["body"]
    hash_ = chained(GENESIS, pos=1, event_id=EVENT_ID, type_=event.NAME, schema=event.SCHEMA, body=golden["body"])
    assert hash_.hex() == golden["hash"]


def lost(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """The places of ``before`` that are not the same in ``now``; members that came are none."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name, value in before.items():
            yield from lost(value, now.get(name, "nothing"), f"{place}/{name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (value, other) in enumerate(zip(before, now, strict=True)):
            yield from lost(value, other, f"{place}/{number}")
    elif before != now:
        yield place


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_message_that_was_ever_told_can_be_read(path: Path) -> None:
    """O12, P11: of every schema number, from the first on."""
    name, version = path.stem.split(".v")
    body = stored(path)["body"]
    event = decode(KINDS[name], body)
    assert int(version) <= event.SCHEMA
    assert event.items
    if int(version) == event.SCHEMA:
        assert list(lost(json.loads(body), json.loads(encode(event)))) == []


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.NAME)
def test_unknown_fields_are_passed_over_and_missing_ones_refused(event: Any) -> None:
    """P11: additions come first; a reader of yesterday takes a message of tomorrow."""
    members = json.loads(encode(event))
    richer = {**members, "added_tomorrow": {"a": [1]}, "items": [{**item, "added": None} for item in members["items"]]}
    assert decode(type(event), canonical(richer)) == event
    for field in dataclasses.fields(event):
        poorer = {name: value for name, value in members.items() if name != field.name}
        with pytest.raises(InvalidInput) as refused:
            decode(type(event), canonical(poorer))
        assert refused.value.facts["place"] == field.name


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.NAME)
def test_amounts_in_messages_are_whole_fen(event: Any) -> None:
    """§4.9: an amount's name ends with its unit, and its type is a whole number."""
    for field in dataclasses.fields(event.items[0]):
        if "amount" in field.name or field.name.endswith("_fen"):
            assert field.name.endswith("_fen"), field.name
            assert type(getattr(event.items[0], field.name)) is int, field.name

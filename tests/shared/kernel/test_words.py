"""Seasons, the business calendar, lifecycles, registries and refusals."""

from __future__ import annotations

import importlib
import types
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from services.bank_gateway import formats
from services.payments import channels
from shared.kernel.clock import CHINA, StoryClock, SystemClock
from shared.kernel.errors import InvalidInput, NotFound, Refusal, UnknownAccount
from shared.kernel.lifecycle import Lifecycle, Move, TransitionRefused
from shared.kernel.registry import declarations, declared
from shared.kernel.season import parse_season, season_label
from tests.architecture.code import modules


@given(st.integers(1950, 2100))
def test_a_season_survives_being_written_and_read(season: int) -> None:
    assert parse_season(season_label(season)) == season


def test_a_season_has_a_short_name() -> None:
    assert parse_season("S25") == 2025
    assert parse_season("S00") == 2000


@pytest.mark.parametrize("text", [
    "", "2025", "2025-2025", "2025-2024", "2025-2027", "1949-1950", "2101-2102", "25-26", "2025-26", "2025–2026",
    "２０２５-２０２６", " 2025-2026", "2025-2026\n", "S2025", "S2", "s25", "S٢٥", "0000-0001", "9999-10000",
])  # fmt: skip
def test_anything_else_is_no_season(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_season(text)
    assert refused.value.facts["place"] == "season"


@pytest.mark.parametrize(("instant", "day"), [
    ("2025-12-31T15:59:59+00:00", date(2025, 12, 31)),
    ("2025-12-31T16:00:00+00:00", date(2026, 1, 1)),
    ("2028-02-28T16:00:00+00:00", date(2028, 2, 29)),
    ("2026-02-28T16:00:00+00:00", date(2026, 3, 1)),
])  # fmt: skip
def test_the_business_day_begins_at_midnight_in_china(instant: str, day: date) -> None:
    with time_machine.travel(datetime.fromisoformat(instant), tick=False):
        assert SystemClock().today() == day
        assert SystemClock().now() == datetime.fromisoformat(instant)


def test_instants_are_aware_and_in_utc() -> None:
    for clock in (SystemClock(), StoryClock(date(2025, 10, 20))):
        assert clock.now().utcoffset() == timedelta(0)
    assert CHINA.utcoffset(None) == timedelta(hours=8)


@given(st.dates(date(1950, 1, 1), date(2199, 12, 31)))
def test_a_storys_instants_fall_on_its_day(day: date) -> None:
    clock = StoryClock(day)
    assert clock.today() == day
    assert clock.now().astimezone(CHINA).date() == day
    assert clock.now() == datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


DOOR = Lifecycle("door", initial="shut", moves=[
    Move("open_door", ("shut",), "open"),
    Move("close", ("open", "ajar"), "shut"),
    Move("leave_ajar", ("open",), "ajar"),
])  # fmt: skip


def test_a_verb_leads_where_the_table_says() -> None:
    assert DOOR.after("open_door", "shut") == "open"
    assert DOOR.after("close", "ajar") == "shut"
    assert DOOR.states == ("shut", "open", "ajar")
    assert DOOR.open_to("open") == ["close", "leave_ajar"]


@given(verb=st.sampled_from(["open_door", "close", "leave_ajar", "paint"]),
       state=st.sampled_from(["shut", "open", "ajar", "gone"]))  # fmt: skip
def test_a_move_that_is_not_in_the_table_is_refused_and_names_both(verb: str, state: str) -> None:
    if verb in DOOR.open_to(state):
        assert DOOR.after(verb, state) in DOOR.states
        return
    with pytest.raises(TransitionRefused) as refused:
        DOOR.after(verb, state)
    assert refused.value.facts == {"state": state, "verb": verb}
    assert refused.value.status == 409


def test_declarations_are_found_by_their_folder_in_the_order_of_their_names() -> None:
    found = declarations(channels, attribute="CHANNEL")
    assert list(found) == sorted(found)
    assert {"cash", "pos", "bank", "wechat", "alipay", "transfer", "legacy"} <= set(found)


def test_modules_without_a_declaration_are_passed_over() -> None:
    assert declarations(formats, attribute="NOBODY_DECLARES_THIS") == {}


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InvalidInput, match="chinapay, boc") as refused:
        declared({"chinapay": 1, "boc": 2}, "icbc", place="profile")
    assert refused.value.facts == {"place": "profile", "value": "icbc"}
    assert declared({"chinapay": 1}, "chinapay", place="profile") == 1


def test_a_refusal_carries_its_words_and_its_facts_apart() -> None:
    refusal = UnknownAccount("there is no such account", account_no="0110000001")
    assert isinstance(refusal, NotFound)
    assert (refusal.code, refusal.status, refusal.detail) == ("unknown_account", 404, "there is no such account")
    assert refusal.facts == {"account_no": "0110000001"}
    assert str(refusal) == refusal.detail


def every_refusal(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_refusal(below))]


def test_every_refusal_has_a_code_a_status_and_says_what_to_do() -> None:
    for module in modules("shared", "services"):
        if not module.endswith("__main__") and ".migrations" not in module:
            assert isinstance(importlib.import_module(module), types.ModuleType)
    found = {kind for kind in every_refusal() if kind.__module__.startswith(("shared.", "services."))}
    assert len(found) > 20
    statuses: dict[str, int] = {}
    for kind in found - {Refusal}:
        if kind.__name__ == "PassedOn":  # says what another service said
            continue
        assert kind.code.isidentifier(), kind
        assert kind.code == kind.code.lower(), kind
        assert 400 <= kind.status < 600, kind
        assert kind.remedy or "__init__" in vars(kind), f"{kind.__name__} does not say what to do"
        assert statuses.setdefault(kind.code, kind.status) == kind.status, f"{kind.code} has two statuses"

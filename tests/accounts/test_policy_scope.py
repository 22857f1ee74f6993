"""Values for some homes only, and values that end: the most specific that holds on the day wins."""

from __future__ import annotations

from datetime import date

import pytest

from services.accounts.domain.marked_yaml import PolicyInvalid
from services.accounts.domain.policy import PolicyNotInForce
from services.accounts.domain.policy_parameters import PARAMETERS
from services.accounts.domain.policy_scope import Scope
from services.accounts.policies import load_policy, read_pack, read_recorded
from tests.accounts.policy_packs import pack, pack_text

ZONES = "zones: {boiler: [1号站, 2号站], network: []}"
PRICES = """
price_residential:
  - {value: 24.00, document: A}
  - {value: 30.00, zone: boiler, document: B}
  - {value: 15.00, price_class: school, document: C}
  - {value: 18.00, zone: boiler, price_class: school, document: D}
  - {value: 12.34, contract: "0110000001", document: E}
"""
DAY = date(2025, 11, 1)


def price(*, contract: str = "", **home: str) -> str:
    policy = pack(PRICES, head=ZONES)
    return str(policy.on(DAY, policy.scope_of(contract=contract, **home)).price_residential)


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ({}, "24.00"),
        ({"price_class": "residential"}, "24.00"),
        ({"heat_station": "2号站"}, "30.00"),
        ({"heat_station": "9号站"}, "24.00"),
        ({"price_class": "school"}, "15.00"),
        ({"price_class": "school", "heat_station": "1号站"}, "18.00"),
        ({"contract": "0110000001", "price_class": "school", "heat_station": "1号站"}, "12.34"),
        ({"contract": "0110000002", "heat_station": "1号站"}, "30.00"),
    ],
)
def test_the_most_specific_value_wins(home: dict[str, str], expected: str) -> None:
    assert price(**home) == expected


def test_what_no_value_asks_about_is_left_out_of_a_homes_scope() -> None:
    policy = pack(PRICES, head=ZONES)
    assert policy.scope_of(price_class="garage", heat_station="1号站", contract="0110000009") == Scope("boiler")
    assert set(policy.scopes()) == {
        Scope(), Scope("boiler"), Scope(price_class="school"), Scope("boiler", "school")
    }  # fmt: skip
    assert load_policy("default").scope_of(price_class="school", heat_station="x", contract="1") == Scope()


def test_a_value_for_some_homes_ends_and_the_general_one_holds_again() -> None:
    policy = pack(
        """
        price_residential:
          - {value: 24.00, document: A}
          - {value: 20.00, zone: boiler, valid_from: 2024-01-01, valid_until: 2025-01-01, document: B}
        """,
        head=ZONES,
    )
    prices = [policy.on(date(year, 12, 31), Scope("boiler")).price_residential for year in (2023, 2024, 2025)]
    assert [str(value) for value in prices] == ["24.00", "20.00", "24.00"]


def test_a_value_for_everyone_that_ran_out_is_refused_not_prolonged() -> None:
    policy = pack("price_residential: {value: 24.00, valid_until: 2025-07-01, document: A}")
    assert policy.on(date(2025, 6, 30)).price_residential == 24
    with pytest.raises(PolicyNotInForce, match="price_residential"):
        policy.on(date(2025, 7, 1))


def refused(parameters: str, *, head: str = "") -> PolicyInvalid:
    with pytest.raises(PolicyInvalid) as caught:
        pack(parameters, head=head)
    assert caught.value.facts["file"] == "testcity.yaml"
    assert f"line {caught.value.facts['line']}" in caught.value.detail
    return caught.value


def line_in(parameters: str, part: str, *, head: str = "") -> int:
    text = pack_text(parameters, head=head)
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("value: 25.00, valid_from: 2023-12-31, document: B", "two values hold from 2023-12-31 to 2024-01-01"),
        ("value: 25.00, valid_from: 2024-01-02, document: B", "no value holds from 2024-01-01 to 2024-01-02"),
        ("value: 25.00, valid_from: 2019-12-31, document: B", "nothing holds before 2020-01-01"),
        ("value: 25.00, valid_from: 2024-01-01, valid_until: 2024-01-01, document: B", "comes after 2024-01-01"),
    ],
)
def test_an_overlap_and_a_gap_are_refused_with_their_line(second: str, problem: str) -> None:
    parameters = f"""
price_residential:
  - {{value: 24.00, valid_until: 2024-01-01, document: A}}
  - {{{second}}}
"""
    refusal = refused(parameters)
    assert problem in refusal.detail
    assert refusal.facts["line"] == line_in(parameters, second)
    assert refusal.facts["parameter"] == "price_residential"
    assert refusal.remedy


def test_two_values_of_one_scope_may_not_overlap() -> None:
    entry = "{value: 20.00, zone: boiler, valid_from: 2024-01-01, document: B}"
    assert "begins after" in refused(f"price_residential: [{{value: 24, document: A}}, {entry}, {entry}]",
                                     head=ZONES).detail  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("zone: lake", "zones of this pack are boiler, network"),
        ("price_class: hotel", "one of residential"),
        ("contract: A17", "ten digits"),
        ("city: x", "known keys are"),
    ],
)
def test_a_scope_that_cannot_be_is_refused(entry: str, problem: str) -> None:
    parameters = f"price_residential: [{{value: 24, document: A}}, {{value: 20, {entry}, document: B}}]"
    assert problem in refused(parameters, head=ZONES).detail


def test_the_calendar_of_the_season_is_one_for_the_company() -> None:
    parameters = "season_start: [{value: 11-01, document: A}, {value: 10-20, zone: boiler, document: B}]"
    assert "whole company" in refused(parameters, head=ZONES).detail


@pytest.mark.parametrize(
    ("zones", "problem"),
    [
        ("zones: {a: [x], b: [x]}", "belongs to one zone"),
        ("zones: {a: x}", "list of the zone's heat stations"),
        ("zones: {'': [x]}", "1 to 40 characters"),
    ],
)
def test_zones_that_cannot_be_are_refused(zones: str, problem: str) -> None:
    assert problem in refused("{}", head=zones).detail


def test_values_that_contradict_each_other_for_some_homes_only_are_refused() -> None:
    parameters = """
instalment_plan:
  - {value: none, document: A}
  - {value: [{pct: 50, due: 10-15}, {pct: 40, due: 12-31}], price_class: school, document: B}
"""
    refusal = refused(parameters)
    assert "100 %" in refusal.detail
    assert refusal.facts["line"] == line_in(parameters, "pct: 50")


@pytest.mark.parametrize("ends", ["source: x", "document: A", "source: x, valid_until: 2030-01-01"])
def test_a_connection_fee_needs_a_document_and_an_end(ends: str) -> None:
    assert "connection fee" in refused(f"connection_fee_enabled: {{value: true, {ends}}}").detail
    pack("connection_fee_enabled: {value: true, document: A, valid_until: 2030-01-01}")


def test_what_a_pack_leaves_out_is_as_in_the_reference_and_says_so() -> None:
    policy = pack("due_date: {value: 11-10, document: A}")
    assert policy.on(DAY).due_date == (11, 10)
    entry = policy.entry("late_fee_daily_rate", DAY)
    assert (entry.value, entry.ground) == (1, ("assumption", "as in default"))
    assert set(policy.entries) == set(PARAMETERS)


def test_a_pack_that_is_based_on_nothing_leaves_nothing_out() -> None:
    text = pack_text().replace("based_on: default\n", "")
    with pytest.raises(PolicyInvalid, match="parameters are missing"):
        read_pack(text, "testcity")
    with pytest.raises(PolicyInvalid, match="based on default"):
        read_pack(pack_text().replace("based_on: default", "based_on: shenyang"), "testcity")


def test_scopes_zones_and_ends_survive_being_written_down() -> None:
    policy = pack(PRICES, head=ZONES)
    assert read_pack(policy.canonical(), "testcity") == policy
    assert dict(read_pack(policy.canonical(), "testcity").zones) == {"boiler": ("1号站", "2号站"), "network": ()}


def test_a_policy_recorded_before_a_parameter_was_known_can_still_be_read() -> None:
    text = pack_text("due_date: {value: 11-10, document: A}").replace("based_on: default\n", "")
    assert read_recorded(text, "testcity").on(DAY).due_date == (11, 10)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("[{up_to: 100, role: supervisor}]", "nobody approves more than 100"),
        ("[{up_to: 200, role: clerk}, {up_to: 100, role: supervisor}, {role: finance}]", "higher than the one before"),
        ("[{role: clerk}, {role: finance}]", "only the last has none"),
    ],
)
def test_limits_that_leave_an_amount_to_nobody_or_to_two_are_refused(limits: str, problem: str) -> None:
    assert problem in refused(f"refund_approval_limits: {{value: {limits}, document: A}}").detail

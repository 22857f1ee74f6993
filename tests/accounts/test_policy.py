"""The reader of tariff policies believes nothing, and says where what it does not believe stands."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.accounts import policies
from services.accounts.domain.marked_yaml import PolicyInvalid
from services.accounts.domain.month_day import MonthDay
from services.accounts.domain.policy import (
    ParameterNotObeyed,
    ParameterUnknown,
    Policy,
    PolicyNotInForce,
    read_policy,
)
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS
from services.accounts.domain.policy_rows import RefundBand
from services.accounts.domain.policy_values import Hours, UnitPrice
from services.accounts.policies import PolicyUnknown, load_policy, policy_names, read_recorded
from tests.accounts.policy_packs import pack


def yaml_of_default() -> str:
    return (Path(policies.__file__).parent / "default.yaml").read_text(encoding="utf-8")


def replaced(old: str, new: str) -> tuple[str, int]:
    """The default pack with one line changed, and the number of that line."""
    text = yaml_of_default()
    assert text.count(old) == 1
    return text.replace(old, new), text[: text.index(old)].count("\n") + 1


def refused(old: str, new: str) -> PolicyInvalid:
    text, line = replaced(old, new)
    with pytest.raises(PolicyInvalid) as caught:
        read_policy(text, "default")
    assert caught.value.facts["file"] == "default.yaml"
    assert caught.value.facts["line"] == line
    assert f"default.yaml, line {line}" in caught.value.detail
    return caught.value


def test_the_reference_policy_has_the_reference_values() -> None:
    values = load_policy("default").for_season(2025)
    assert values.season_start == MonthDay(11, 1)
    assert values.price_residential == Decimal("26.00")
    assert values.price_nonresidential == Decimal("32.00")
    assert values.due_date == MonthDay(12, 31)
    assert values.billing_open_date == MonthDay(7, 1)
    assert values.late_fee_daily_rate == 1
    assert values.late_fee_cap_pct_of_principal == 100
    assert values.late_fee_count_pay_day is True
    assert values.suspend_fee_pct == 30
    assert values.instalment_plan == ()
    assert [(str(row.first_day), str(row.last_day), row.pct) for row in values.discount_windows] == [
        ("07-26", "09-15", Decimal("1.5")),
        ("09-16", "09-30", Decimal("1.0")),
    ]


@pytest.mark.parametrize("name", policy_names())
def test_every_pack_can_be_read(name: str) -> None:
    assert load_policy(name).name == name


def test_a_pack_that_is_not_there_is_refused() -> None:
    with pytest.raises(PolicyUnknown):
        load_policy("../default")


def test_the_canonical_text_reads_back_to_an_equal_policy() -> None:
    policy = load_policy("default")
    assert read_policy(policy.canonical(), "default") == policy
    changed = policy.with_changes(
        {"instalment_plan": "[{pct: 50, due: 10-15}, {pct: 50, due: 12-31}]", "height_cap_pct": "none"}
    )
    assert read_policy(changed.canonical(), "default") == changed


def test_a_comment_or_another_spelling_of_a_number_is_the_same_version() -> None:
    text, _ = replaced("price_residential: {value: 26.00,", "price_residential: {value: 26.0,")
    assert read_policy("# written anew\n" + text, "default").version == load_policy("default").version


def test_another_value_is_another_version() -> None:
    policy = load_policy("default")
    assert policy.with_changes({"price_residential": "26.01"}).version != policy.version
    assert policy.with_changes({"price_residential": "26.01"}) != policy


def test_another_ground_is_another_version() -> None:
    text, _ = replaced('90, source: "Zhengzhou"}', '90, document: "No. 12"}')
    assert read_policy(text, "default").version != load_policy("default").version


def test_an_unknown_parameter_is_refused_with_its_line() -> None:
    text, line = replaced("  due_date:", "  due_day:")
    with pytest.raises(ParameterUnknown) as caught:
        read_policy(text, "default")
    assert caught.value.facts == {"file": "default.yaml", "line": line, "parameter": "due_day"}


def test_a_parameter_that_nothing_follows_yet_is_refused_as_not_supported() -> None:
    with pytest.raises(ParameterNotObeyed) as caught:
        load_policy("default").with_changes({"complaint_close_hours": "24"})
    assert caught.value.code == "not_supported"
    assert set(PARAMETERS) > NOT_YET_OBEYED


def test_a_missing_parameter_is_refused() -> None:
    text, _ = replaced('  due_date: {value: 12-31, source: "Tianjin, Heilongjiang, Beijing"}\n', "")
    with pytest.raises(PolicyInvalid, match="due_date"):
        read_policy(text, "default")


def test_a_parameter_twice_is_refused() -> None:
    old = '  due_date: {value: 12-31, source: "Tianjin, Heilongjiang, Beijing"}\n'
    text, line = replaced(old, old + old)
    with pytest.raises(PolicyInvalid, match="twice") as caught:
        read_policy(text, "default")
    assert caught.value.facts["line"] == line + 1


def test_a_value_without_a_ground_is_refused() -> None:
    assert "document, source, assumption" in refused('90, source: "Zhengzhou"}', "90}").detail


def test_a_value_with_an_unknown_key_is_refused() -> None:
    assert "known keys" in refused('{value: 90, source: "Zhengzhou"}', '{value: 90, src: "Zhengzhou"}').detail


def test_a_pack_under_another_name_is_refused() -> None:
    refused("policy: default\n", "policy: shenyang\n")


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ("price_residential", "0"),
        ("price_residential", "-26"),
        ("price_residential", "26,00"),
        ("price_residential", "2.6e1"),
        ("price_residential", "２６"),
        ("price_residential", "1_000"),
        ("price_residential", "26.00001"),
        ("price_residential", "026.00"),
        ("price_residential", "[26]"),
        ("price_residential", "{yuan: 26}"),
        ("price_residential", ""),
        ("price_residential", "none"),
        ("price_residential", "26 # comment\n27"),
        ("price_residential", "NaN"),
        ("price_residential", "!!python/object/apply:os.getcwd []"),
        ("price_basis", "per_season"),
        ("price_basis", "PER_WEEK"),
        ("season_start", "11-31"),
        ("season_start", "02-30"),
        ("season_start", "1-11"),
        ("season_start", "2025-11-01"),
        ("season_end", "10-31"),
        ("season_day_count", "0"),
        ("season_day_count", "151.5"),
        ("suspend_fee_pct", "101"),
        ("height_step", "0"),
        ("late_fee_grace_days", "-1"),
        ("late_fee_count_pay_day", "2"),
        ("late_fee_rounding", "ROUND"),
        ("cash_precision", "0.005"),
        ("discount_channels", "[ONLINE, ONLINE]"),
        ("discount_channels", "[ALL, pos]"),
        ("discount_channels", "[]"),
        ("discount_classes", "[HOTEL]"),
        ("discount_on", "GROSS"),
        ("discount_windows", "[{from: 09-01, to: 09-15}]"),
        ("discount_windows", "[{from: 09-01, to: 09-15, pct: 1, gift: rice}]"),
        ("discount_windows", "[{from: 09-15, to: 09-01, pct: 1}]"),
        ("discount_windows", "[{from: 09-01, to: 09-15, pct: 1}, {from: 09-15, to: 09-20, pct: 2}]"),
        ("instalment_plan", "[{pct: 50, due: 10-15}, {pct: 49.99, due: 12-31}]"),
        ("instalment_plan", "[{pct: 50, due: 12-31}, {pct: 50, due: 10-15}]"),
        ("instalment_plan", "[{pct: 50, due: 12-31}, {pct: 50, due: 12-31}]"),
        ("price_classes", "{residential: RESIDENTIAL}"),
        ("metered_price", "0.13"),
        ("metered_price", "0.13/MWh"),
        ("metered_price", "0/kWh"),
        ("metered_price", "-1/kWh"),
        ("metered_price", "0.1234567/kWh"),
        ("metered_price", "1e1/GJ"),
        ("measure_forbidden_hours", "14-10"),
        ("measure_forbidden_hours", "10-25"),
        ("measure_forbidden_hours", "10:00-14:00"),
        ("short_season_credit_threshold_days", "0"),
        ("short_season_credit_threshold_days", "season_days"),
        ("area_component_coefficients", "{main: 1}"),
        ("area_component_coefficients", "1"),
        ("area_precision", "3"),
        ("suspend_forbidden_when", "[WARRANTY, WARRANTY]"),
        ("suspend_forbidden_when", "[WEDDING]"),
        ("refund_day_rule", "EVERY_DAY"),
        ("refund_bands", "[{lower_incl: 16.0, upper_excl: 18.05, pct: 30}]"),
        ("refund_bands", "[{lower_incl: 18.0, pct: 30}]"),
        ("refund_bands", "[{lower_incl: 16.0, pct: 30}, {upper_excl: 17.0, pct: 50}]"),
        ("refund_bands", "[{upper_excl: 18.0, pct: 0}]"),
        ("refund_bands", "[{lower_incl: 16.0, upper_excl: 18.0, pct: 30}, {upper_excl: 16.1, pct: 50}]"),
        ("refund_bands", "[{lower_incl: 16.0, upper_excl: 18.0, pct: 30}, {upper_excl: 15.9, pct: 50}]"),
        ("refund_bands", "[{upper_excl: 18.0, pct: 30}, {upper_excl: 16.0, pct: 50}]"),
        ("refund_bands", "[{lower_incl: 18.0, upper_excl: 18.0, pct: 30}]"),
        ("relief_schemes", "[{kind: a, pct: 85, mechanism: SPLIT_BILL}, {kind: a, pct: 60, mechanism: SPLIT_BILL}]"),
        ("relief_schemes", "[{kind: a, pct: 85, mechanism: PRICE_CLASS}]"),
        ("relief_schemes", "[{kind: a, pct: 85, mechanism: SPLIT_BILL, price: 15.00}]"),
        ("relief_schemes", "[{kind: a, pct: 85, mechanism: SPLIT_BILL, apply_from: 09-01}]"),
        ("refund_approval_limits", "[{up_to: 100, role: cashier}]"),
        ("relief_schemes", "[{kind: Low Income, pct: 85, mechanism: SPLIT_BILL}]"),
        ("relief_schemes", "[{kind: low_income, pct: 101, mechanism: SPLIT_BILL}]"),
        ("relief_schemes", "[{kind: low_income, pct: 85, mechanism: GIFT}]"),
        ("payment_closed_period", "[{from: 12-01}]"),
        ("surcharge_to_payer", "ALLOWED"),
        ("channel_fee_bearer", "PAYER"),
        ("height_negotiated_above", "0"),
        ("price_residential", "["),
        ("price_residential", "[" * 100_000),
        ("price_residential", "&a [*a]"),
        ("price_residential", "26\x00"),
        ("price_residential", "\ud800"),
        ("instalment_plan", "&a [{pct: 50, due: 10-15}, *a]"),
        ("price_residential", "26\n---\n27"),
    ],
)
def test_an_impossible_value_is_refused(parameter: str, text: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy("default").with_changes({parameter: text})
    assert caught.value.facts["parameter"] == parameter
    assert caught.value.facts["line"] >= 1


@pytest.mark.parametrize("text", ["none", "null", "~", "NONE", "[]"])
def test_a_plan_of_none_is_no_plan(text: str) -> None:
    assert load_policy("default").with_changes({"instalment_plan": text}).for_season(2025).instalment_plan == ()


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("off", False), ("No", False), ("yes", True)])
def test_a_flag_is_any_yaml_boolean(text: str, flag: bool) -> None:
    changed = load_policy("default").with_changes({"late_fee_count_pay_day": text})
    assert changed.for_season(2025).late_fee_count_pay_day is flag


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        ("metered_price", "42.550/GJ", UnitPrice(Decimal("42.55"), "GJ")),
        ("measure_forbidden_hours", "none", None),
        ("measure_forbidden_hours", "9-24", Hours(9, 24)),
        ("short_season_credit_threshold_days", "166", 166),
        ("short_season_credit_threshold_days", "none", None),
        ("short_season_credit_threshold_days", "season_day_count", "season_day_count"),
        ("suspend_forbidden_when", "none", ()),
        ("suspend_forbidden_when", "[]", ()),
        ("suspend_forbidden_when", "warranty", ("WARRANTY",)),
        ("refund_day_rule", "MIN_48H", "MIN_CONTINUOUS_48H"),
        ("refund_base", "FULL_FEE", "FULL"),
        ("refund_bands", "[{upper_excl: 14.0, pct: 100}]", (RefundBand(Decimal("14.0"), Decimal(100), None),)),
        ("payment_closed_period", "none", ()),
        ("employer_cap_m2", "none", None),
    ],
)
def test_a_value_in_any_of_its_spellings_is_read_and_written_in_one(parameter: str, text: str, value: object) -> None:
    policy = pack(f"{parameter}: {{value: {text}, document: A}}")
    assert getattr(policy.for_season(2025), parameter) == value
    assert read_recorded(policy.canonical(), "testcity") == policy


def test_one_word_alone_is_a_set_and_case_does_not_matter() -> None:
    changed = load_policy("default").with_changes(
        {"discount_channels": "online", "discount_classes": "[SCHOOL, residential]"}
    )
    assert changed.for_season(2025).discount_channels == ("ONLINE",)
    assert changed.for_season(2025).discount_classes == ("residential", "school")


def test_windows_on_the_same_days_for_other_channels_are_possible() -> None:
    text = "[{from: 09-01, to: 09-15, pct: 1, channels: [pos]}, {from: 09-01, to: 09-15, pct: 2, channels: ONLINE}]"
    assert len(load_policy("default").with_changes({"discount_windows": text}).for_season(2025).discount_windows) == 2
    clash = text.replace("[pos]", "[pos, wechat]")
    with pytest.raises(PolicyInvalid, match="09-01"):
        load_policy("default").with_changes({"discount_windows": clash})


def dated(parameter: str, *entries: str) -> Policy:
    """The default policy with a parameter that changes in time; entries as ``value, valid_from``."""
    content = json.loads(load_policy("default").canonical())
    content["parameters"][parameter] = [
        dict(zip(("value", "valid_from", "document"), (*entry.split(", "), "No. 7"), strict=True)) for entry in entries
    ]
    return read_policy(json.dumps(content), "default")


def test_a_value_holds_until_the_next_begins() -> None:
    policy = dated("price_residential", "26, 2000-01-01", "28.5, 2026-11-01")
    assert policy.on(date(2026, 10, 31)).price_residential == 26
    assert policy.on(date(2026, 11, 1)).price_residential == Decimal("28.5")


def test_the_values_of_a_seasons_first_day_hold_for_the_season() -> None:
    policy = dated("price_residential", "26, 2000-01-01", "28.5, 2026-01-01")
    assert policy.for_season(2025).price_residential == 26
    assert policy.for_season(2026).price_residential == Decimal("28.5")


def test_before_its_beginning_a_policy_has_no_values() -> None:
    with pytest.raises(PolicyNotInForce):
        load_policy("default").on(date(1999, 12, 31))


def test_a_gap_at_the_beginning_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match="beginning of the pack"):
        dated("price_residential", "26, 2001-01-01")


def test_entries_that_do_not_follow_each_other_are_refused() -> None:
    with pytest.raises(PolicyInvalid, match="begins after"):
        dated("price_residential", "26, 2000-01-01", "27, 2010-01-01", "28, 2010-01-01")


def test_the_first_day_of_the_season_may_not_change_within_a_season() -> None:
    assert dated("season_start", "11-01, 2000-01-01", "10-20, 2026-06-01").governing_day(2026) == date(2026, 10, 20)
    with pytest.raises(PolicyInvalid, match="between two seasons"):
        dated("season_start", "11-01, 2000-01-01", "10-20, 2026-10-25")


def test_a_date_that_does_not_exist_is_refused() -> None:
    for text in ("2025-02-30", "2025-1-1", "20250101", "x"):
        with pytest.raises(PolicyInvalid, match="YYYY-MM-DD"):
            dated("price_residential", "26, 2000-01-01", f"27, {text}")

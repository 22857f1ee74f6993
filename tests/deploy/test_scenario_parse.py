"""The form of scenarios: what is read, and what is refused with its line."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from deploy.scenario.parse import Scenario, ScenarioInvalid, SeasonLine, Setting, Step, parse_scenario
from services.accounts.domain.policy import ParameterNotObeyed
from services.accounts.domain.season_dates import declared_season
from services.accounts.policies import load_policy

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NUAN_SHARED", ROOT.parent / "shared")) / "scenarios"
OWN = sorted((ROOT / "tests" / "scenarios").glob("*.scenario"))
PUBLIC = sorted(SHARED.glob("*.scenario")) if SHARED.is_dir() else []


def parsed(*lines: str) -> Scenario:
    return parse_scenario("\n".join(lines), "story.scenario")


def step(line: str) -> Step:
    return parsed(line).steps[0]


def refused(line: int, *lines: str) -> str:
    with pytest.raises(ScenarioInvalid) as caught:
        parsed(*lines)
    assert caught.value.facts == {"file": "story.scenario", "line": line}
    return caught.value.detail


def test_head_lines_and_steps_are_kept_with_their_lines() -> None:
    scenario = parsed(
        "# a story",
        "policy default",
        'set instalment_plan "[{pct: 50, due: 10-15}, {pct: 50, due: 12-31}]"',
        "season S05 2005-11-16 2006-04-05 segments='11-16:24.00 01-01:26.40'",
        "",
        "2005-07-01 open Q area=128.00 usable=100.00  # as if it had been there for years",
    )
    assert scenario.policy == "default"
    assert scenario.settings == [Setting(3, "instalment_plan", "[{pct: 50, due: 10-15}, {pct: 50, due: 12-31}]")]
    assert scenario.seasons == [
        SeasonLine(4, 2005, date(2005, 11, 16), date(2006, 4, 5), {"segments": "11-16:24.00 01-01:26.40"})
    ]
    assert scenario.steps == [
        Step(6, date(2005, 7, 1), "open", ["Q"], {"area": "128.00", "usable": "100.00"}, {}, None)
    ]


def test_results_follow_an_arrow() -> None:
    read = step("2026-01-02 return B1 H=ok amount.H=10.00 => succeeded=1 failed=0 amount=10.00")
    assert read.arguments == ["B1"]
    assert read.options == {"H": "ok", "amount.H": "10.00"}
    assert read.expected == {"succeeded": "1", "failed": "0", "amount": "10.00"}
    assert read.refusal is None


def test_a_refusal_follows_two_exclamation_marks() -> None:
    read = step("2025-07-03 bill S25 H !! already_billed")
    assert (read.arguments, read.expected, read.refusal) == (["S25", "H"], {}, "already_billed")


def test_options_may_stand_before_arguments() -> None:
    read = step("2025-10-20 bank_pay ICBC serial=IC01 H 2330.38")
    assert (read.arguments, read.options) == (["ICBC", "H", "2330.38"], {"serial": "IC01"})


def test_words_are_split_as_a_shell_splits_them() -> None:
    read = step(
        r"""2026-01-15 pay E 'a "b"' "c \"d\" \n" e\ f g"h"i keep_old_debt="older seasons = disputed" x= y='#'"""
    )
    assert read.arguments == ["E", 'a "b"', r'c "d" \n', "e f", "ghi"]
    assert read.options == {"keep_old_debt": "older seasons = disputed", "x": "", "y": "#"}


def test_quoted_marks_and_options_are_plain_words() -> None:
    read = step("""2026-01-15 open "a=b" '=>' "!!" owner=!!x \\=\\>""")
    assert read.arguments == ["a=b", "=>", "!!", "=>"]
    assert read.options == {"owner": "!!x"}


def test_a_number_sign_within_a_word_is_a_character() -> None:
    assert step("2026-01-15 open A#1 area=1 #2").arguments == ["A#1"]


def test_names_and_blanks_of_any_script_are_read() -> None:
    read = step("2026-01-15\u3000open 户甲\tarea=1 owner=欧阳")
    assert (read.arguments, read.options) == (["户甲"], {"area": "1", "owner": "欧阳"})
    assert step("2026-01-02 return B1 户甲=ok").options == {"户甲": "ok"}


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    scenario = parse_scenario("\ufeffpolicy default\r\n\r\n2025-07-01 open H area=1\r\n", "x")
    assert [read.line for read in scenario.steps] == [3]


def test_an_empty_file_is_the_default_policy_and_no_story() -> None:
    assert parsed("") == Scenario("story.scenario")


def test_steps_of_one_day_keep_their_order() -> None:
    assert [read.verb for read in parsed("2025-07-01 open H area=1", "2025-07-01 bill S25").steps] == [
        "open",
        "bill",
    ]


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("open H area=89.63", "begins with a date"),
        ("2025-7-1 open H", "begins with a date"),
        ("2025-02-30 open H", "not a day"),
        ("2025-07-01", "a verb"),
        ("2025-07-01 # nothing", "a verb"),
        ("2025-07-01 Open H", "a verb"),
        ("2025-07-01 open H area=1 area=2", "twice"),
        ('2025-07-01 open H owner="WANG', "does not end"),
        ("2025-07-01 open H owner='WANG", "does not end"),
        ("2025-07-01 open H \\", "backslash"),
        ("2025-07-01 bill S25 =>", "key=value"),
        ("2025-07-01 bill S25 => 5", "key=value"),
        ("2025-07-01 bill S25 =>billed=5", "a blank"),
        ("2025-07-01 bill S25 !!already_billed", "a blank"),
        ("2025-07-01 bill S25 => billed=1 billed=1", "twice"),
        ("2025-07-01 bill S25 !!", "one code"),
        ("2025-07-01 bill S25 !! already billed", "one code"),
        ("2025-07-01 bill S25 !! Already", "one code"),
        ("2025-07-01 bill S25 => billed=1 !! already_billed", "one => or one !!"),
        ("2025-07-01 bill S25 !! already_billed => billed=1", "one => or one !!"),
        ("policy", "one name"),
        ("policy default other", "one name"),
        ("set due_date", "one value"),
        ("set due_date 12 - 31", "quoted"),
        ("season S25 2025-11-01", "first and its last day"),
        ("season 25 2025-11-01 2026-03-31", "a season is"),
        ("season S25 2025-11-01 2026-02-30", "not a day"),
        ("season S25 2026-03-31 2025-11-01", "before it begins"),
        ("season S25 2025-11-01 2026-03-31 price=5", "price_residential"),
    ],
)
def test_a_line_of_another_form_is_refused(line: str, about: str) -> None:
    assert about in refused(2, "# first line", line)


def test_dates_do_not_go_back() -> None:
    assert "go back" in refused(3, "2025-07-01 open H area=1", "2025-07-02 bill S25", "2025-07-01 owes H 0.00")


@pytest.mark.parametrize("head", ["policy default", "set due_date 12-31", "season S26 2026-11-01 2027-03-31"])
def test_head_lines_stand_before_the_first_dated_line(head: str) -> None:
    assert "before the first dated line" in refused(2, "2025-07-01 open H area=1", head)


@pytest.mark.parametrize("head", ["policy default", "set due_date 12-31", "season S26 2026-11-01 2027-03-31"])
def test_a_head_line_says_a_thing_once(head: str) -> None:
    assert "already" in refused(2, head, head)


@pytest.mark.parametrize("path", [*OWN, *PUBLIC], ids=lambda path: path.stem)
def test_every_scenario_there_is_can_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    scenario = parse_scenario(text, path.name)
    statements = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    heads = ("policy", "set ", "season ")
    assert len(scenario.steps) == sum(not line.startswith(heads) for line in statements) > 0
    assert len(scenario.settings) + len(scenario.seasons) == sum(line.startswith(heads[1:]) for line in statements)


@pytest.mark.parametrize("path", [*OWN, *PUBLIC], ids=lambda path: path.stem)
def test_the_head_of_every_scenario_is_a_policy_that_can_be(path: Path) -> None:
    scenario = parse_scenario(path.read_text(encoding="utf-8"), path.name)
    try:
        policy = load_policy(scenario.policy).with_changes({s.parameter: s.value for s in scenario.settings})
    except ParameterNotObeyed:
        assert path in PUBLIC, "our own scenarios use only what is followed"
        return
    for line in scenario.seasons:
        declared_season(policy, season=line.season, start_on=line.start_on, end_on=line.end_on, prices=line.prices)


def test_there_are_scenarios_of_our_own() -> None:
    assert len(OWN) >= 8

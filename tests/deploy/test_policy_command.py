"""``nuan policy``: packs are checked, shown and compared without any service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.commands.rehearsal import Rehearsed
from services.accounts.domain.policy_parameters import PARAMETERS
from services.accounts.policies import policy_names
from tests.accounts.policy_packs import pack_text


def run(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(nuan, ["policy", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A pack of one's own."""
    file = tmp_path / "testcity.yaml"
    file.write_text(pack_text("price_residential: {value: 28.00, document: 试价1号}"), encoding="utf-8")
    return file


def test_every_pack_that_comes_along_passes_the_check() -> None:
    code, answer = run("check")
    assert code == 0
    assert [pack["pack"] for pack in answer["packs"]] == policy_names()
    assert all(pack["ok"] and len(pack["version"]) == 12 for pack in answer["packs"])


def test_remarks_fail_nothing_and_name_their_line() -> None:
    code, answer = run("check", "xian")
    (pack,) = answer["packs"]
    assert code == 0
    price = next(remark for remark in pack["remarks"] if remark["parameter"] == "price_residential")
    assert (price["code"], price["line"]) == ("no_document", 16)


def test_one_bad_pack_fails_the_check_with_file_line_and_remedy(draft: Path) -> None:
    draft.write_text(pack_text("due_date: {value: 12-32, document: A}"), encoding="utf-8")
    code, answer = run("check", "default", str(draft))
    assert code == 1
    good, bad = answer["packs"]
    assert good["ok"]
    assert (bad["ok"], bad["code"], bad["file"], bad["line"]) == (False, "policy_invalid", "testcity.yaml", 7)
    assert bad["value"] == "12-32"
    assert bad["remedy"]


def test_a_file_that_is_not_there_and_a_pack_that_is_none_fail_the_check(tmp_path: Path) -> None:
    code, answer = run("check", str(tmp_path / "none.yaml"), "atlantis")
    assert code == 1
    assert [pack["code"] for pack in answer["packs"]] == ["file_unreadable", "policy_unknown"]


def test_a_draft_that_is_not_text_is_refused(draft: Path) -> None:
    draft.write_bytes(b"\xff\xfe\x00policy")
    assert run("check", str(draft))[1]["packs"][0]["code"] == "file_unreadable"


def test_all_values_are_shown_with_their_ground() -> None:
    code, answer = run("show", "changchun")
    assert code == 0
    assert list(answer["parameters"]) == list(PARAMETERS)
    (price,) = answer["parameters"]["price_residential"]
    assert price == {
        "value": "27", "valid_from": "2000-01-01", "document": "长府发〔2015〕21、〔2016〕267、〔2021〕179"
    }  # fmt: skip


def test_named_values_of_a_day_are_shown(draft: Path) -> None:
    draft.write_text(
        pack_text("""
            due_date:
              - {value: 12-31, document: A}
              - {value: 11-30, valid_from: 2026-07-01, document: B}
            """),
        encoding="utf-8",
    )
    _, before = run("show", str(draft), "due_date", "--on", "2026-06-30")
    _, after = run("show", str(draft), "due_date", "--on", "2026-07-01")
    assert [entry["value"] for entry in before["parameters"]["due_date"]] == ["12-31"]
    assert [entry["value"] for entry in after["parameters"]["due_date"]] == ["11-30"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "default", "price_of_gold"), "parameter_unknown"),
        (("show", "default", "--on", "2026-02-30"), "day_invalid"),
        (("show", "atlantis"), "policy_unknown"),
        (("diff", "default", "atlantis"), "policy_unknown"),
        (("rehearse", "default", "--set", "price_residential"), "parameter_unknown"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], code: str) -> None:
    exit_code, answer = run(*arguments)
    assert (exit_code, answer["refusal"]["code"]) == (1, code)


def test_a_policy_does_not_differ_from_itself() -> None:
    code, answer = run("diff", "harbin", "harbin")
    assert (code, answer["differences"]) == (0, [])


def test_only_values_count_as_differences_not_grounds(draft: Path) -> None:
    code, answer = run("diff", "default", str(draft))
    assert code == 1
    (price,) = answer["differences"]
    assert (price["parameter"], price["number"], price["followed"]) == ("price_residential", 9, True)
    assert [entry["value"] for entry in (*price["before"], *price["after"])] == ["26", "28"]


def test_a_difference_may_begin_on_a_day(draft: Path) -> None:
    draft.write_text(
        pack_text("due_date: [{value: 12-31, document: A}, {value: 11-30, valid_from: 2026-07-01, document: B}]"),
        encoding="utf-8",
    )
    assert run("diff", "default", str(draft), "--on", "2026-06-30")[0] == 0
    assert run("diff", "default", str(draft), "--on", "2026-07-01")[0] == 1
    assert run("diff", "default", str(draft))[0] == 1


def page(following: str | None, *top: tuple[str, str], homes: int = 1, parked: int = 0) -> dict[str, Any]:
    sums = {"homes": homes, "before": "100.00", "after": "130.00", "difference": "30.00"}
    return {
        "season": "2025-2026", "policy": {}, "draft": {}, "accounts": 9, "differences": [], "not_followed": [],
        "charged": sums, "more": sums, "less": {**sums, "homes": 0, "before": "0.00", "after": "0.00"},
        "by_class": [{"price_class": "residential", **sums}], "by_compound": [{"compound": "a", **sums}],
        "causes": [{"cause": "price", "homes": homes, "difference": "30.00"}],
        "top": [{"account_no": account_no, "difference": fen} for account_no, fen in top],
        "parked": parked, "parked_accounts": [{"account_no": "9"}] * parked, "next": following,
    }  # fmt: skip


def test_pages_of_a_rehearsal_are_added_up() -> None:
    rehearsed = Rehearsed()
    assert rehearsed.following == {}
    rehearsed.add(page("5", ("1", "10.00"), ("2", "-40.00"), homes=3))
    assert (rehearsed.following, rehearsed.seen, rehearsed.accounts) == ({"after": "5"}, 3, 9)
    rehearsed.add(page(None, ("7", "25.00"), parked=1))
    document = rehearsed.document()
    assert rehearsed.next is None
    assert document["charged"] == {"homes": 4, "before": "200.00", "after": "260.00", "difference": "60.00"}
    assert document["by_class"] == [{"price_class": "residential", **document["charged"]}]
    assert document["causes"] == [{"cause": "price", "homes": 4, "difference": "60.00"}]
    assert [line["account_no"] for line in document["top"]] == ["2", "7", "1"]
    assert (document["parked"], document["parked_accounts"]) == (1, [{"account_no": "9"}])

"""A season from the bill to closed books, through the real services: paid, reported, frozen, planned, closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.commands import report as report_command
from deploy.commands.asking import Office
from deploy.commands.season_pages import bar
from deploy.local.in_process import InProcessSystem
from deploy.scenario.always_true import differences
from tests.accounts.conftest import a_home
from tests.journeys.conftest import Typed

SEASON = "2025-2026"


@pytest.fixture
def city(system: InProcessSystem, typed: Typed) -> list[str]:
    """Four homes of two compounds, billed on 2025-10-20; one is paid whole and late, one in part, one is taken back."""
    system.set_day(date(2025, 10, 20))
    office = Office()
    homes = [a_home(1), a_home(2, building="4"), a_home(3, compound="平安里"), a_home(4, compound="平安里")]
    account_nos: list[str] = office.post("accounts", "/accounts", {"accounts": homes})["account_nos"]
    office.post("accounts", "/billing-runs", {"season": SEASON})
    system.settle()
    pay(account_nos[1], "1000.00")
    wrong = pay(account_nos[3], "2330.38")
    system.set_day(date(2026, 1, 20))
    pay(account_nos[0], office.post("payments", "/owed", {"account_nos": account_nos[:1]})[0]["payers"][0]["total"])
    office.post(
        "payments", "/payments/reversals", {"reversals": [{"payment_id": wrong, "reason": "户号错误", "at": "hall"}]}
    )
    system.settle()
    return account_nos


def pay(account_no: str, amount: str) -> int:
    paid = {"payments": [{"account_no": account_no, "amount": amount, "channel": "pos"}]}
    return int(Office().post("payments", "/payments", paid)["payments"][0]["payment_id"])


def whole(typed: Typed, *words: str) -> Any:
    code, answer = typed("report", "standing", *words)
    assert code == 0, answer
    return answer["whole"]


def test_what_was_really_paid_is_reported_of_every_day(
    system: InProcessSystem, typed: Typed, city: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = whole(typed, "--on", "2026-01-19"), whole(typed)
    assert (before["received"], before["open"]) == ("3330.38", "5991.14")
    assert (after["received"], after["open"], after["billed"]) == ("3330.38", "5991.14", "9321.52")
    assert before["late_fee"] == "0.00"
    assert after["late_fee"] == "46.61"
    monkeypatch.setattr(report_command, "PAGE_GROUPS", 1)
    code, answer = typed("report", "standing", "--by", "building")
    assert (code, len(answer["groups"]), answer["count"]) == (0, 3, 3)
    assert list(differences(system)) == []


def test_a_month_is_frozen_compared_and_proven(
    system: InProcessSystem, typed: Typed, city: list[str], tmp_path: Path
) -> None:
    assert typed("report", "freeze", "2025-10", "--reason", "月报")[0] == 0
    assert typed("report", "freeze", "2025-10", "--reason", "月报")[1]["refusal"]["code"] == "month_taken"
    assert typed("report", "month", "2025-10", "--by", "price_class")[1]["whole"]["received"] == "3330.38"
    assert typed("report", "proof", "2025-10")[1]["holds"]
    assert [each["month"] for each in typed("report", "months")[1]["month_ends"]] == ["2025-10"]
    file = tmp_path / "计划.csv"
    file.write_text("采暖季,范围,名称,月份,计划收费率\n2025-2026,小区,幸福小区,2025-10,20\n", encoding="utf-8")
    assert typed("report", "plans-from", str(file), "--dry-run")[1] == {"plans": 1, "new": 1, "unchanged": 0}
    assert typed("report", "plans-from", str(file))[0] == 0
    (target,) = typed("report", "plan", SEASON, "2025-10")[1]["targets"]
    assert (target["collection_rate"], target["variance"]) == ("21.46", "1.46")


def test_the_books_are_closed_when_both_services_agree_and_arrears_are_still_paid(
    system: InProcessSystem, typed: Typed, city: list[str]
) -> None:
    system.set_day(date(2026, 6, 1))
    assert typed("season", "close", SEASON, "--reason", "封账")[1]["refusal"]["code"] == "transition_refused"
    assert typed("season", "begin", SEASON, "--reason", "封账")[1]["state"] == "closing"
    code, preview = typed("season", "close", SEASON, "--reason", "封账", "--preview")
    assert (code, set(preview["hindrances"].values())) == (0, {0})
    assert typed("season", "show", SEASON)[1]["state"] == "closing"
    assert typed("season", "close", SEASON, "--reason", "封账")[1]["figures"]["open"] == "5991.14"
    assert typed("season", "list")[1]["seasons"][0]["state"] == "closed"
    supplied = {"season": SEASON, "supplied_from": "2025-11-05", "supplied_until": "2026-03-31", "reason": "延迟供热"}
    with pytest.raises(Exception, match="closed"):
        Office().post("accounts", "/seasons/supplied", supplied)
    system.set_day(date(2026, 8, 1))
    arrears = whole(typed)["arrears"]
    pay(city[2], "500.00")
    system.settle()
    assert (arrears, whole(typed)["arrears"]) == ("5991.14", "5491.14")
    assert typed("season", "reopen", SEASON, "--reason", "漏记")[1]["state"] == "open"
    assert list(differences(system)) == []


@pytest.mark.parametrize(
    "words",
    [("report", "standing"), ("report", "standing", "--by", "unit"), ("report", "plan", SEASON, "2025-10"),
     ("season", "show", SEASON), ("season", "list"), ("season", "close", SEASON, "--reason", "封账", "--preview")],
)  # fmt: skip
def test_people_read_figures_and_bars(
    system: InProcessSystem, city: list[str], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    system.set_day(date(2026, 6, 1))
    if words[1] == "close":
        CliRunner().invoke(nuan, ["season", "begin", SEASON, "--reason", "封账"])
    result = CliRunner().invoke(nuan, list(words))
    assert result.exit_code == 0, result.output
    assert SEASON in result.output or "2025-10" in result.output
    if words[:2] == ("report", "standing"):
        assert "收费率 collection" in result.output
        assert "█" in result.output


@pytest.mark.parametrize(
    ("percent", "cells"), [(None, 0), ("0.00", 0), ("50.00", 10), ("100.00", 20), ("103.00", 20), ("-2.00", 0)]
)
def test_a_bar_is_as_long_as_its_rate(percent: str | None, cells: int) -> None:
    assert bar(percent) == "█" * cells + "░" * (20 - cells)

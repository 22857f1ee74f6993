"""A policy of one's own, from the draft to the bill: compared, rehearsed over pages, activated, and told from then on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from deploy.commands import policy as policy_command
from deploy.commands.asking import Office
from deploy.local.in_process import InProcessSystem
from tests.accounts.conftest import a_home
from tests.accounts.policy_packs import pack_text
from tests.journeys.conftest import Typed


def test_a_draft_is_compared_rehearsed_and_activated(
    system: InProcessSystem, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_command, "PAGE_HOMES", 2)
    system.set_day(date(2025, 10, 20))
    office = Office()
    homes = [a_home(number, building_area=f"{number * 10}.00") for number in range(1, 6)]
    office.post("accounts", "/accounts", {"accounts": homes})
    draft = tmp_path / "testcity.yaml"
    draft.write_text(pack_text("price_residential: {value: 28.00, document: 试价1号}"), encoding="utf-8")

    code, compared = typed("policy", "diff", "current", str(draft))
    assert (code, [line["parameter"] for line in compared["differences"]]) == (1, ["price_residential"])

    code, rehearsed = typed("policy", "rehearse", str(draft))
    assert code == 0
    assert rehearsed["accounts"] == rehearsed["charged"]["homes"] == rehearsed["more"]["homes"] == 5
    assert rehearsed["charged"]["difference"] == "300.00"
    assert rehearsed["causes"] == [{"cause": "price", "homes": 5, "difference": "300.00"}]
    assert [line["difference"] for line in rehearsed["top"]] == ["100.00", "80.00", "60.00", "40.00", "20.00"]
    assert office.get("accounts", "/policies/current")["name"] == "default"

    office.post("accounts", "/policies", {"name": "testcity", "pack": draft.read_text(encoding="utf-8")})
    assert typed("policy", "diff", "current", str(draft))[0] == 0
    _, shown = typed("policy", "show", "current", "price_residential")
    assert (shown["name"], shown["parameters"]["price_residential"][0]["document"]) == ("testcity", "试价1号")
    office.post("accounts", "/billing-runs", {"season": "2025-2026"})
    _, again = typed("policy", "rehearse", "default", "--season", "2025-2026")
    assert (again["less"]["homes"], again["charged"]["before"]) == (5, "4200.00")

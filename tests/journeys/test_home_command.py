"""``nuan home …`` against running services: every verb of the table, previews, a building at once, a list from a file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner

from deploy import cli
from deploy.commands.home import VERBS
from deploy.local.databases import ScratchDatabases
from deploy.local.in_process import InProcessSystem
from services.accounts.api.batch_verbs import BATCH_VERBS

Typed = Callable[..., tuple[int, Any]]
WHY = ("--reason", "on application")


@pytest.fixture(scope="module")
def nuan(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    folder = tmp_path_factory.mktemp("home")
    with (
        ScratchDatabases(admin_url) as urls,
        InProcessSystem(urls, folder=folder, day=date(2025, 9, 20), environment="story-home") as system,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("deploy.commands.output.configure_logging", lambda *_, **__: None)
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUAN_")},
            **{f"NUAN_{service.upper()}_URL": url for service, url in system.urls.items()},
            "NUAN_KEYS": str(folder / "keys"),
        }
        runner = CliRunner()

        def typed(*words: str | Path, on: date | None = None) -> tuple[int, Any]:
            if on is not None:
                system.set_day(on)
            system.settle()
            done = runner.invoke(cli.nuan, [*map(str, words), "--json"], env=variables)
            if done.exit_code == 2:
                return 2, done.output
            assert done.stdout, (done.stderr, done.exception)
            return done.exit_code, json.loads(done.stdout)

        yield typed


def opened(nuan: Typed, room: str, *, building: str = "1", area: str = "100.00") -> str:
    code, told = nuan("account", "open", "--name", "王秀英", "--compound", "北苑", "--building", building, "--room", room,
                      "--area", area)  # fmt: skip
    assert code == 0, told
    (number,) = told["account_nos"]
    assert nuan("bill", "2025-2026", number)[0] == 0
    return str(number)


def test_a_home_lives_its_life_at_the_keyboard(nuan: Typed) -> None:
    home, neighbour = opened(nuan, "101"), opened(nuan, "102", area="50.00")
    code, seen = nuan("home", "suspend", home, "--season", "2025-2026", *WHY, "--preview")
    assert (code, seen["accounts"][0]["corrections"][0]["amount"]) == (0, "-1820.00")
    assert nuan("account", "state", home)[1]["state"] == "active"
    assert nuan("home", "suspend", home, "--season", "2025-2026", *WHY)[0] == 0
    assert nuan("home", "resume", home, *WHY)[0] == 0
    assert nuan("home", "area", home, "--building-area", "110.00", *WHY)[0] == 0
    assert nuan("home", "class", home, "--class", "nonresidential", *WHY, on=date(2025, 12, 1))[0] == 0
    assert nuan("home", "merge", neighbour, "--into", home, *WHY, on=date(2025, 12, 2))[0] == 0
    code, split = nuan("home", "split", home, "--remaining-building-area", "100.00", "--building-area", "60.00", "--room", "103",
                       *WHY, on=date(2025, 12, 3))  # fmt: skip
    assert code == 0, split
    part = split["accounts"][0]["part"]["account_no"]
    assert nuan("home", "transfer", part, "--name", "李明", *WHY)[0] == 0
    assert nuan("home", "lock", home, "--kind", "ownership", *WHY)[0] == 0
    code, refused = nuan("home", "disconnect", home, *WHY)
    assert (code, refused["refusal"]["code"]) == (1, "account_locked")
    assert nuan("home", "locks", home)[1]["locks"][0]["kind"] == "ownership"
    assert nuan("home", "unlock", home, "--kind", "ownership", *WHY)[0] == 0
    assert nuan("home", "disconnect", part, *WHY)[0] == 0
    code, found = nuan("home", "inspect", part, "--finding", "heat_used", *WHY, on=date(2025, 12, 10))
    assert (code, found["accounts"][0]["state"]) == (0, "disconnected")
    told = nuan("home", "on", home, "2025-12-01")[1]
    assert (told["home"]["price_class"], told["home"]["building_area"]) == ("nonresidential", "110.00")


def test_a_whole_building_is_previewed_and_done_with_a_report(nuan: Typed, tmp_path: Path) -> None:
    homes = [opened(nuan, f"{number}", building="9") for number in range(3)]
    nuan("home", "lock", homes[1], "--kind", "ownership", *WHY)
    where = ("--at-compound", "北苑", "--at-building", "9")
    code, seen = nuan("home", "disconnect", *where, *WHY, "--preview")
    assert (code, seen["mode"], seen["done"], seen["refused"]) == (1, "preview", 2, 1)
    assert nuan("account", "state", homes[0])[1]["state"] == "active"
    code, done = nuan("home", "disconnect", *where, *WHY)
    assert (code, done["done"], done["refused"]) == (1, 2, 1)
    assert [each["code"] for each in done["refused_accounts"]] == ["account_locked"]
    assert nuan("home", "batch", done["batch_id"])[1]["refused_accounts"] == done["refused_accounts"]
    listed = tmp_path / "list.csv"
    listed.write_text("户号\n" + "\n".join(homes) + "\n", encoding="utf-8")
    code, again = nuan("home", "unlock", "--file", listed, "--kind", "ownership", *WHY)
    assert (code, again["done"], again["already"]) == (0, 1, 2)


@pytest.mark.parametrize("words", [
    ("suspend", "--season", "2025-2026", "--reason", "x"), ("resume", "0110000001"), ("merge", "0110000001", "--reason", "x"),
    ("lock", "0110000001", "--kind", "whim", "--reason", "x"), ("class", "0110000001", "--class", "palace", "--reason", "x"),
    ("resume", "0110000001", "--at-compound", "x", "--reason", "x"), ("batch", "x"), ("on", "0110000001", "2026-02-30"),
], ids=lambda words: " ".join(words))  # fmt: skip
def test_misuse_is_exit_2(nuan: Typed, words: tuple[str, ...]) -> None:
    assert nuan("home", *words)[0] == 2


def test_every_verb_of_the_lifecycle_is_typed_and_every_batch_has_its_command() -> None:
    assert {verb.batch for verb in VERBS.values() if verb.batch} == set(BATCH_VERBS)
    assert {"suspend", "resume", "cut", "disconnect", "transfer", "area", "class", "inspect", "notice", "merge", "split",
            "lock", "unlock"} == set(VERBS)  # fmt: skip

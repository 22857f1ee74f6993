"""The main job, typed: real processes on the embedded default, every answer one JSON document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.ports import free_port
from shared.chassis.settings import SERVICES
from tests.accounts.ledger_files import NO_ARREARS, NO_MANDATE, a_row, write_csv

Typed = Callable[..., tuple[int, Any]]
"""``nuan(*words)`` → exit code and the document."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def nuan(folder: Path) -> Iterator[Typed]:
    (folder / "clock").write_text("2025-07-01", encoding="ascii")
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NUAN_")},
        "NUAN_HOME": str(folder / "home"), "NUAN_STORY_CLOCK": str(folder / "clock"),
        "NUAN_ENVIRONMENT": "story-typed",
        **{f"NUAN_{service.upper()}_URL": f"http://127.0.0.1:{free_port()}" for service in SERVICES},
    }  # fmt: skip

    def typed(*words: str | Path) -> tuple[int, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "deploy.cli", *map(str, words), "--json"],
            env=variables, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    code, told = typed("up")
    assert code == 0, told
    yield typed
    assert typed("down")[0] == 0
    assert typed("db", "stop")[0] == 0


def day(folder: Path, written: str) -> None:
    (folder / "coming").write_text(written, encoding="ascii")
    (folder / "coming").replace(folder / "clock")


def settled(nuan: Typed) -> None:
    """Until everybody has heard of everything."""
    for _ in range(100):
        code, document = nuan("bus", "status")
        assert code == 0, document
        if all(_has_heard(document, service) for service in SERVICES):
            return
    raise AssertionError(document)


def _has_heard(states: dict[str, Any], service: str) -> bool:
    heard = states[service]["streams"].items()
    return states[service]["log"]["outbox"] == 0 and all(s["pos"] == states[p]["log"]["pos"] for p, s in heard)


def test_a_season_is_typed_from_the_ledger_to_the_trial_balance(nuan: Typed, folder: Path) -> None:
    ledger = write_csv(folder, a_row(1, **NO_ARREARS, **NO_MANDATE), a_row(2, **NO_ARREARS, **NO_MANDATE))
    code, report = nuan("import", ledger)
    assert (code, report["rows"], report["imported"], report["refused"]) == (0, 2, 2, [])
    code, opened = nuan("account", "open", "--name", "李建国", "--compound", "北苑", "--building", "1", "--room", "301",
                        "--area", "100.00")  # fmt: skip
    (number,) = opened["account_nos"]
    assert (code, nuan("account", "state", number)[1]["state"]) == (0, "active")

    day(folder, "2025-07-02")
    code, run = nuan("bill", "2025-2026")
    assert (code, run["billed"], run["parked"]) == (0, 3, 0)
    settled(nuan)
    assert nuan("account", "bills", number)[1]["bills"][0]["amount"] == "2600.00"

    day(folder, "2025-10-20")
    code, (asked,) = nuan("owed", number)
    assert (code, asked["payers"][0]["total"]) == (0, "2600.00")
    code, taken = nuan("pay", number, "2600.00", "cash", "--outlet", "HALL-1", "--key", "typed-once-0001")
    assert (code, taken["receipt"]["outlet"]) == (0, "HALL-1")
    assert nuan("pay", number, "2600.00", "cash", "--outlet", "HALL-1", "--key", "typed-once-0001")[1] == taken
    code, document = nuan("reverse", str(taken["payment_id"]), "--reason", "wrong home")
    assert (code, document["amount"]) == (0, "2600.00")
    code, document = nuan("reverse", str(taken["payment_id"]), "--reason", "wrong home")
    assert (code, document["refusal"]["code"]) == (1, "already_reversed")
    assert nuan("owed", number)[1][0]["payers"][0]["total"] == "2600.00"
    code, document = nuan("statement", number)
    assert (code, len(document["payments"])) == (0, 2)

    code, document = nuan("bank", "declare", "ABC", "--name", "北江银行", "--profile", "reference")
    assert code == 0, document
    code, document = nuan("bank", "mandate", number, "ABC", "6222000012345", "--holder", "李建国")
    assert (code, document["registered"]) == (0, 1)
    code, batch = nuan("bank", "send", "ABC", "--keep")
    assert (code, batch["count"], batch["amount"]) == (0, 1, "2600.00")
    code, document = nuan("pay", number, "2600.00", "pos")
    assert (code, document["refusal"]["code"]) == (1, "in_bank_collection")
    code, document = nuan("bank", "withdraw", str(batch["batch_no"]))
    assert code == 0, document
    code, document = nuan("pay", number, "2600.00", "pos")
    assert (code, document["credit"]) == (0, "0.00"), document
    code, document = nuan("trial-balance")
    assert (code, document["balanced"]) == (0, True)


def test_a_refusal_is_one_document_with_code_place_and_remedy(nuan: Typed) -> None:
    code, document = nuan("pay", "0000000001", "1e2", "cash")
    assert code == 1
    assert document["refusal"]["code"] == "invalid_input"
    assert any("amount" in place for place in document["refusal"]["facts"])
    assert document["refusal"]["remedy"]


def test_misuse_is_exit_2_with_words_on_standard_error(nuan: Typed) -> None:
    done = subprocess.run([sys.executable, "-m", "deploy.cli", "pay"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument" in done.stderr
    code, document = nuan("pay", "0000000001")
    assert (code, document["misuse"]["detail"]) == (2, "Missing argument 'AMOUNT'.")

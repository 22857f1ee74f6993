"""What is typed wrongly (reliability 6.6, as far as there is something to type): exit 1 or 2, one document, no harm."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner

from deploy import cli
from deploy.local.databases import ScratchDatabases
from deploy.local.in_process import InProcessSystem
from tests.accounts.ledger_files import NO_ARREARS, NO_MANDATE, a_row, write_csv
from tests.bad_input.three_services import Services

ROOT = Path(__file__).resolve().parents[2]
H = "0110000001"


@dataclass
class Desk:
    """``desk("pay", …)`` → exit code and the one document on standard output."""

    system: InProcessSystem
    variables: dict[str, str]
    runner: CliRunner

    def __call__(self, *words: str | Path, stdin: str = "") -> tuple[int, Any]:
        done = self.runner.invoke(cli.nuan, [*map(str, words), "--json"], env=self.variables, input=stdin)
        if done.exit_code == 2 and not done.stdout:  # misuse, which the outermost layer tells (see typed)
            return 2, {}
        assert done.stdout, (done.stderr, done.exception)
        assert "Traceback" not in done.output
        return done.exit_code, json.loads(done.stdout)

    def typed(
        self, *words: str | Path, stdin: Any = subprocess.DEVNULL, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """In a process of its own, as a person types it."""
        variables = {**self.variables, **more.pop("variables", {})}
        return subprocess.run([sys.executable, "-m", "deploy.cli", *map(str, words)], cwd=ROOT, env=variables,
                              stdin=stdin, capture_output=True, text=True, timeout=60, check=False, **more)  # fmt: skip

    def content(self) -> dict[str, str]:
        """Hashes of all tables when everything has come to rest."""
        self.system.settle()
        whole = Services(self.system.runtimes, self.system.clock_file, clients={"none": None})  # type: ignore[dict-item]
        return whole.content()


@pytest.fixture(scope="module")
def desk(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with (
        ScratchDatabases(admin_url) as urls,
        InProcessSystem(urls, folder=folder, day=date(2025, 7, 1), environment="story-typed") as system,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("deploy.commands.output.configure_logging", lambda *_, **__: None)
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # the services' logs are not the command's
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUAN_")},
            **{f"NUAN_{service.upper()}_DATABASE_URL": url for service, url in urls.items()},
            **{f"NUAN_{service.upper()}_URL": url for service, url in system.urls.items()},
            "NUAN_BUS_URL": "memory://", "NUAN_KEYS": str(folder / "keys"), "NUAN_ENVIRONMENT": "story-typed",
            "NUAN_STORY_CLOCK": str(system.clock_file), "NUAN_HOME": str(folder / "home"),
            "NUAN_WORK_FOLDER": str(folder / "work"),
        }  # fmt: skip
        ready = Desk(system, variables, CliRunner())
        code, opened = ready("account", "open", "--name", "王秀英", "--compound", "北苑", "--building", "1", "--room", "101",
                             "--area", "100.00")  # fmt: skip
        assert code == 0, opened
        ready.variables["ACCOUNT"] = opened["account_nos"][0]
        assert ready("bill", "2025-2026")[0] == 0
        system.settle()
        yield ready
        structlog.reset_defaults()


def refused(desk: Desk, *words: str | Path, exits: tuple[int, ...] = (1, 2), stdin: str = "") -> Any:
    """No table changes; the answer is a refusal with code, words and what to do, or misuse."""
    before = desk.content()
    code, document = desk(*words, stdin=stdin)
    assert code in exits, (code, document)
    assert desk.content() == before
    if code == 1:
        assert document["refusal"]["code"], document
        assert document["refusal"]["detail"]
    return document


def test_the_measure_of_everything_below(desk: Desk) -> None:
    code, taken = desk("pay", desk.variables["ACCOUNT"], "1.00", "cash")
    assert (code, taken["amount"]) == (0, "1.00")


AMOUNTS = [
    "1_000",
    "１２.００",
    "1e3",
    "-5",
    "-5.00",
    " 5.00",
    "5.00 ",
    "5.00\n",
    "0.00",
    "NaN",
    "inf",
    "1,000.00",
    "",
    "5",
    "5.0",
    "5.005",
]


@pytest.mark.parametrize("amount", AMOUNTS, ids=[f"6.6-04-{amount!r}" for amount in AMOUNTS])
def test_an_amount_is_yuan_with_two_decimals(desk: Desk, amount: str) -> None:
    refused(desk, "pay", "--", desk.variables["ACCOUNT"], amount, "cash")


DAYS = [
    "2026-02-30",
    "today+1",
    "",
    "26-1-1",
    "2026-1-1",
    "２０２６-01-01",
    "2026-01-01T00:00",
    "2026/01/01",
    "0001-01-01",
    "tomorrow",
]


@pytest.mark.parametrize("day", DAYS, ids=[f"6.6-05-{day!r}" for day in DAYS])
def test_a_day_is_written_in_one_way(desk: Desk, day: str) -> None:
    refused(desk, "owed", desk.variables["ACCOUNT"], "--day", day)


SEASONS = ["2025", "2025-2027", "2026-2025", "S1", "", "2025-26", "２０２５-２０２６", "1900-1901", "*", "2025-2026 "]


@pytest.mark.parametrize("season", SEASONS, ids=[f"6.6-06-{season!r}" for season in SEASONS])
def test_a_season_is_two_years(desk: Desk, season: str) -> None:
    refused(desk, "bill", season)


ACCOUNTS = [
    "*",
    "%",
    "",
    "?",
    "0110000001,0110000002",
    "0110000001 ",
    "all",
    "' OR 1=1--",
    "１２３４５６７８９０",
    "9" * 10,
    "x" * 100_000,
]


@pytest.mark.parametrize("account", ACCOUNTS, ids=[f"6.6-07-{account[:20]!r}" for account in ACCOUNTS])
def test_an_account_is_ten_digits_and_no_pattern(desk: Desk, account: str) -> None:
    refused(desk, "pay", account, "1.00", "cash")
    refused(desk, "bill", "2025-2026", account)


def test_6_6_08_an_account_that_is_named_twice_is_refused(desk: Desk) -> None:
    refused(desk, "bill", "2025-2026", desk.variables["ACCOUNT"], desk.variables["ACCOUNT"])


@pytest.mark.parametrize("words", [
    pytest.param(["--unknown"], id="6.6-02-unknown-option"), pytest.param(["payy"], id="6.6-02-unknown-command"),
    pytest.param(["pay"], id="6.6-01-no-arguments"), pytest.param(["pay", H, "1.00", "cash", "--out", "HALL-1"], id="6.6-03-abbreviated"),
    pytest.param(["pay", H, "1.00", "cash", "surplus"], id="one-too-many"), pytest.param(["reverse", "x", "--reason", "r"], id="no-number"),
    pytest.param(["reverse", "１", "--reason", "r"], id="full-width-number"), pytest.param(["reverse", "1"], id="6.6-57-no-reason"),
    pytest.param(["bill", "2025-2026", "--workers", "-1"], id="6.6-70-below-zero"),
    pytest.param(["bill", "2025-2026", "--workers", "1000"], id="too-many"), pytest.param(["prove", "--minutes", "x"], id="no-minutes"),
    pytest.param(["bus", "skip", "payments", "accounts"], id="6.6-57-skip-without-reason"),
    pytest.param(["bus", "retry", "nobody", "accounts", H], id="unknown-service"),
    pytest.param(["staff", "add", "li", "--person", "Li", "--role", "root"], id="unknown-role"),
    pytest.param(["staff", "add", "li", "--person", "Li", "--role", "cashier", "--password", "hunter2"], id="6.6-24-secret-typed"),
])  # fmt: skip
def test_misuse_is_told_with_exit_2(desk: Desk, words: list[str]) -> None:
    code, _ = desk(*words)
    assert code in (1, 2)
    refused(desk, *words)


def test_6_6_01_and_24_misuse_typed_for_a_machine_is_one_document_without_the_secret(desk: Desk) -> None:
    done = desk.typed("staff", "add", "li", "--person", "Li", "--role", "cashier", "--password", "hunter2", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)
    assert "hunter2" not in done.stdout + done.stderr
    assert desk.typed().returncode in (0, 2)


def files(folder: Path) -> dict[str, Path]:
    """Names under which there is no ledger."""
    (folder / "empty.csv").write_bytes(b"")
    (folder / "folder.csv").mkdir()
    (folder / "page.csv").write_text("<html><body>Please sign in</body></html>")
    (folder / "random.xlsx").write_bytes(bytes(range(256)) * 40)
    (folder / "zeros.csv").write_bytes(b"\x00" * 100_000)
    (folder / "one line.csv").write_bytes(b"a" * 3_000_000)
    with suppress(OSError):
        os.mkfifo(folder / "fifo.csv")
    (folder / "dangling.csv").symlink_to(folder / "nothing")
    return {
        "09-missing": folder / "missing.csv", "09-folder": folder / "folder.csv", "09-dev-zero": Path("/dev/zero"),
        "09-dev-null": Path("/dev/null"), "09-fifo": folder / "fifo.csv", "09-dash": Path("-"), "empty": folder / "empty.csv",
        "page": folder / "page.csv", "random": folder / "random.xlsx", "zeros": folder / "zeros.csv",
        "long-line": folder / "one line.csv", "12-dangling": folder / "dangling.csv", "11-path": Path("../../etc/passwd"),
        "10-newline": folder / "a\nb.csv", "10-command": folder / ";rm -rf x", "10-option": Path("--help.csv"),
        "nothing": Path(),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["09-missing", "09-folder", "09-dev-zero", "09-dev-null", "09-fifo", "09-dash", "empty", "page",
                                  "random", "zeros", "long-line", "12-dangling", "11-path", "10-newline", "10-command",
                                  "10-option", "nothing"], ids=lambda name: f"6.6-{name}")  # fmt: skip
@pytest.mark.parametrize("command", ["import", "reconcile", "check", "return", "adopt"])
def test_what_is_no_file_of_ours_is_refused(desk: Desk, tmp_path: Path, command: str, name: str) -> None:
    file = files(tmp_path)[name]
    words: dict[str, list[str | Path]] = {
        "import": ["import", file], "reconcile": ["bank", "reconcile", "BOC", "2025-07-01", file],
        "check": ["bank", "check", "--profile", "chinapay", file, file], "return": ["bank", "return", file],
        "adopt": ["bank", "adopt", file],
    }  # fmt: skip
    before = desk.content()
    code, document = desk(*words[command])
    assert code in (1, 2), document
    after = desk.content()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"bank_gateway.files", "bank_gateway.commands"}, "a refused file may be written down as refused"


def test_6_6_10_a_ledger_under_an_odd_name_is_a_ledger(desk: Desk, tmp_path: Path) -> None:
    """▲"""
    good = write_csv(tmp_path, a_row(1, **NO_ARREARS, **NO_MANDATE))
    odd = tmp_path / "-a;rm -rf x\n对账单 $(id).csv"
    odd.write_bytes(Path(good).read_bytes())
    code, report = desk("import", "--dry-run", odd)
    assert (code, report["rows"], report["refused"]) == (0, 1, [])


def test_6_6_64_a_dry_run_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    good = write_csv(tmp_path, a_row(1, **NO_ARREARS, **NO_MANDATE))
    before = desk.content()
    assert desk("import", "--dry-run", good)[0] == 0
    assert desk.content() == before


def test_6_6_64_a_preview_bills_nobody(desk: Desk) -> None:
    before = desk.content()
    code, run = desk("bill", "2025-2026", "--preview")
    assert code == 0, run
    after = desk.content()
    assert before["accounts.bills"] == after["accounts.bills"]
    assert before["payments.receivables"] == after["payments.receivables"]


def test_6_6_40_a_season_that_is_billed_twice_is_billed_once(desk: Desk) -> None:
    """▲"""
    before = desk.content()
    code, run = desk("bill", "2025-2026")
    assert (code, run["billed"], run["already"]) == (0, 0, 1)
    after = desk.content()
    assert before["accounts.bills"] == after["accounts.bills"]


def test_6_6_25_a_service_that_is_down_is_said_and_what_to_do(desk: Desk) -> None:
    away = {**desk.variables, "NUAN_PAYMENTS_URL": "http://127.0.0.1:9"}
    done = desk.runner.invoke(cli.nuan, ["pay", H, "1.00", "cash", "--json"], env=away)
    document = json.loads(done.stdout)
    assert (done.exit_code, document["refusal"]["code"]) == (1, "service_away")
    assert "nuan up" in document["refusal"]["detail"]


def test_the_same_key_typed_twice_takes_the_money_once(desk: Desk) -> None:
    """▲"""
    key = uuid.uuid4().hex
    first = desk("pay", desk.variables["ACCOUNT"], "2.00", "cash", "--key", key)
    before = desk.content()
    assert desk("pay", desk.variables["ACCOUNT"], "2.00", "cash", "--key", key) == first
    assert desk.content() == before
    refused(desk, "pay", desk.variables["ACCOUNT"], "3.00", "cash", "--key", key, exits=(1,))


@pytest.mark.parametrize("variables", [{"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
                                       {"LC_ALL": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"}, {"TERM": "dumb", "COLUMNS": "20"},
                                       {"PYTHONOPTIMIZE": "2"}, {"PYTHONHASHSEED": "0"}],
                         ids=["6.6-16-C", "6.6-16-gbk", "narrow", "6.6-65-optimised", "6.6-66-hash-seed"])  # fmt: skip
def test_a_card_with_chinese_names_is_shown_on_any_terminal(desk: Desk, variables: dict[str, str]) -> None:
    done = desk.typed("account", "show", desk.variables["ACCOUNT"], variables=variables, errors="replace")
    assert done.returncode == 0, done.stderr
    assert desk.variables["ACCOUNT"] in done.stdout


def test_6_6_17_a_reader_that_goes_away_is_no_error(desk: Desk) -> None:
    words = [sys.executable, "-m", "deploy.cli", "account", "show", desk.variables["ACCOUNT"]]
    shown = subprocess.Popen(words, cwd=ROOT, env=desk.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert shown.stdout is not None and shown.stderr is not None
    shown.stdout.close()
    said = shown.stderr.read()
    assert shown.wait(timeout=60) in (0, 1, 120, 141)
    assert b"Traceback" not in said


def test_6_6_19_a_password_is_not_waited_for_where_nobody_sits(desk: Desk) -> None:
    """It may come through standard input; when nothing comes, it is refused."""
    done = desk.typed("staff", "add", "wang", "--person", "Wang", "--role", "cashier", "--json")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)


def test_6_6_68_files_with_personal_data_are_for_their_owner_alone(desk: Desk, tmp_path: Path) -> None:
    for file in [path for path in (desk.system.folder / "work").rglob("*") if path.is_file()]:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    for file in (desk.system.folder / "keys").glob("*.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("service", ["accounts", "payments", "bank_gateway"])
def test_6_6_58_a_log_verifies_and_a_cut_one_does_not(desk: Desk, service: str) -> None:
    code, told = desk("bus", "verify", service)
    assert code == 0, told

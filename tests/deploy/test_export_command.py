"""``nuan export``: asked for, waited for, and written as it was told to be, over nothing that is there."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.commands import export as export_command
from deploy.commands.asking import Office
from services.accounts.exporting import write_exports
from shared.chassis.runtime import Runtime
from tests.accounts.billing_steps import open_homes
from tests.accounts.conftest import AccountsService, a_home


@pytest.fixture
def office(make_runtime: Callable[..., Runtime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccountsService:
    """The command asks this service; its worker has written what waits whenever the command looks again."""
    service = AccountsService(make_runtime("accounts", day=date(2025, 10, 20)), tmp_path / "clock")
    open_homes(service, a_home(1), a_home(2, compound="铁西小区"))

    def get(_: Office, __: str, path: str, **___: Any) -> Any:
        write_exports(service.runtime.commands, tmp_path / "work")
        return service.get(path)[1]

    def blocks(_: Office, __: str, path: str) -> Iterator[bytes]:
        answer = service.client.get(path, headers={"Authorization": f"Bearer {service.token('supervisor')}"})
        yield answer.data[:3]
        yield answer.data[3:]

    monkeypatch.setattr(Office, "__init__", lambda _: None)
    monkeypatch.setattr(Office, "post", lambda _, __, path, body: service.post(path, body)[1])
    monkeypatch.setattr(Office, "get", get)
    monkeypatch.setattr(Office, "blocks", blocks)
    monkeypatch.setattr(export_command, "ASK_EVERY_SECONDS", 0)
    monkeypatch.chdir(tmp_path)
    return service


def run(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(nuan, ["export", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else result.output


def test_a_list_becomes_a_file_that_its_owner_alone_may_read(office: AccountsService, tmp_path: Path) -> None:
    code, answer = run(
        "accounts", "--format", "csv", "--where", "compound=铁西小区", "--columns", "name,room", "--out", "户.csv"
    )
    assert (code, answer["rows"], answer["file"]) == (0, 1, "户.csv")
    content = (tmp_path / "户.csv").read_bytes()
    assert content.decode("utf-8-sig").splitlines() == ["户名,房号", "王秀英,102"]
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    assert stat.S_IMODE((tmp_path / "户.csv").stat().st_mode) == 0o600


def test_without_a_name_the_file_is_called_after_list_and_number(office: AccountsService, tmp_path: Path) -> None:
    code, answer = run("accounts")
    assert code == 0
    assert (tmp_path / answer["file"]).read_bytes().startswith(b"PK")


def test_nothing_is_written_over(office: AccountsService, tmp_path: Path) -> None:
    """Row 47 of the command line's bad inputs: twice to the same name."""
    (tmp_path / "a.csv").write_text("mine")
    code, answer = run("accounts", "--format", "csv", "--out", "a.csv")
    assert (code, answer["refusal"]["code"]) == (1, "file_exists")
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert office.rows("SELECT count(*) FROM exports") == [(0,)]


def test_an_export_that_failed_says_so(
    office: AccountsService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"state": "failed", "rows": 0, "reason": "no_space"}
    monkeypatch.setattr(Office, "get", lambda *_, **__: told)
    code, answer = run("accounts")
    assert (code, answer["refusal"]["code"], answer["refusal"]["facts"]["reason"]) == (1, "export_failed", "no_space")
    assert [path for path in tmp_path.iterdir() if path.suffix == ".xlsx"] == []


@pytest.mark.parametrize("arguments", [["staff"], [], ["accounts", "--where", "compound"], ["accounts", "--format", "pdf"],
                                       ["accounts", "--out", "."]])  # fmt: skip
def test_misuse_is_told(office: AccountsService, arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2

"""``nuan calendar``: a year's file is read as strictly as the service reads its declaration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.commands.asking import Office
from services.accounts.calendars import shipped_years

SHIPPED = Path(__file__).resolve().parents[2] / "services" / "accounts" / "calendars"


def run(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(nuan, ["calendar", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("year", sorted(shipped_years()))
def test_a_dry_run_tells_what_a_file_says(year: int) -> None:
    code, answer = run("import", str(SHIPPED / f"{year}.calendar"), "--dry-run")
    assert (code, answer["year"], answer["declared"]) == (0, year, False)
    assert len(answer["days"]) == len(shipped_years()[year].days)


def test_what_is_declared_is_what_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(Office, "__init__", lambda self: None)
    monkeypatch.setattr(
        Office, "post", lambda self, service, path, body: asked.append((service, path, body)) or {"year": 2026}
    )
    assert run("import", str(SHIPPED / "2026.calendar")) == (0, {"year": 2026})
    ((service, path, body),) = asked
    assert (service, path, body["document"]) == ("accounts", "/calendar/years", "国办发明电〔2025〕7号")
    assert body["days"][0] == {"day": "2026-01-01", "kind": "holiday", "name": "元旦"}


def test_a_wrong_line_is_named_with_its_remedy(tmp_path: Path) -> None:
    file = tmp_path / "2027.calendar"
    file.write_text("year 2027\ndocument D\n放假 元旦 2027-01-32\n", encoding="utf-8")
    code, answer = run("import", str(file))
    refusal = answer["refusal"]
    assert (code, refusal["code"], refusal["facts"]["file"], refusal["facts"]["line"]) == (
        1,
        "calendar_invalid",
        "2027.calendar",
        3,
    )
    assert refusal["remedy"]


@pytest.mark.parametrize("content", [None, "放假".encode("gb18030"), b"#" * 2_000_001])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.calendar"
    if content is not None:
        file.write_bytes(content)
    code, answer = run("import", str(file))
    assert (code, answer["refusal"]["code"]) == (1, "file_unreadable")

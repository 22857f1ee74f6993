"""The generated pages say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.docs import PAGES
from deploy.docs.__main__ import DOCS, main
from services.accounts.domain.ledger_file import FILE_REASONS
from services.accounts.domain.ledger_reasons import REASONS


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_code_makes_of_it(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), f"docs/{name} is out of date: make docs"


def test_check_says_which_page_is_stale_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "reference" / "metrics.md"
    page.parent.mkdir()
    page.write_text("# Metrics\n\nof last year\n", encoding="utf-8")
    monkeypatch.setattr("deploy.docs.__main__.DOCS", tmp_path)
    monkeypatch.setattr("deploy.docs.__main__.PAGES", {"reference/metrics.md": PAGES["reference/metrics.md"]})
    with pytest.raises(SystemExit) as ended:
        main(["--check"], standalone_mode=True)
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "docs/reference/metrics.md is out of date" in said
    assert "-of last year" in said
    assert page.read_text(encoding="utf-8") == "# Metrics\n\nof last year\n"
    with pytest.raises(SystemExit) as ended:
        main([], standalone_mode=True)
    assert ended.value.code == 0
    assert page.read_text(encoding="utf-8") == PAGES["reference/metrics.md"]()


def test_every_reason_of_a_ledger_stands_on_the_page_of_refusals() -> None:
    page = PAGES["refusals.md"]()
    assert [reason for reason in (*REASONS, *FILE_REASONS) if f"| `{reason}` |" not in page] == []

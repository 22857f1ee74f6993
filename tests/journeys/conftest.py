"""What journeys share: commands typed at the machine of three services in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.local.in_process import InProcessSystem

Typed = Callable[..., tuple[int, Any]]


@pytest.fixture
def typed(system: InProcessSystem, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """``typed("policy", "check")`` at the machine of these services → exit code and document."""
    monkeypatch.setenv("NUAN_KEYS", str(system.folder / "keys"))
    for service, url in system.urls.items():
        monkeypatch.setenv(f"NUAN_{service.upper()}_URL", url)

    def run(*words: str) -> tuple[int, Any]:
        result = CliRunner().invoke(nuan, [*words, "--json"])
        assert result.stdout, result.output
        return result.exit_code, json.loads(result.stdout)

    return run

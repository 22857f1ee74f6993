"""A process that has just been started has, for a moment, no words of its own: it is not taken for one that has ended."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local import processes


def looks(monkeypatch: pytest.MonkeyPatch, *found: int | None) -> None:
    """What each look at the process finds; the last one again and again."""
    answers = list(found)
    monkeypatch.setattr(processes, "_living_pid", lambda *_: answers.pop(0) if len(answers) > 1 else answers[0])
    monkeypatch.setattr(processes.time, "sleep", lambda _: None)


@pytest.mark.parametrize("found", [(17,), (None, 17), (None, None, None, 17)])
def test_a_process_that_is_found_at_last_has_not_ended(monkeypatch: pytest.MonkeyPatch, found: tuple[Any, ...]) -> None:
    looks(monkeypatch, *found)
    assert not processes._has_ended(object(), "accounts", "worker")  # type: ignore[arg-type]


def test_a_process_that_nobody_finds_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, None)
    assert processes._has_ended(object(), "accounts", "worker")  # type: ignore[arg-type]

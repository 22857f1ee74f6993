"""Running scenarios: every file against services of its own, until its end or the first line that differs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from deploy.local.databases import ScratchDatabases
from deploy.local.in_process import InProcessSystem, NotSettled
from deploy.scenario.always_true import differences
from deploy.scenario.asking import StoryRefused
from deploy.scenario.language import BadHead, NotSupported
from deploy.scenario.parse import Scenario, ScenarioInvalid, Step, parse_scenario
from deploy.scenario.verbs import Story

OK, DIFFERS, NOT_SUPPORTED, INVALID = "ok", "differs", "not_supported", "invalid"


@dataclass(frozen=True)
class Outcome:
    """``line`` is the first line that differs, is not supported or cannot be read; None when all is well."""

    file: str
    outcome: str
    line: int | None = None
    expected: str | None = None
    actual: str | None = None


def run_files(
    paths: Iterable[Path], *, admin_url: str, told: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """One outcome a file, in order."""
    outcomes = []
    for path in paths:
        outcomes.append(run_file(path, admin_url=admin_url))
        told(outcomes[-1])
    return outcomes


def run_file(path: Path, *, admin_url: str) -> Outcome:
    try:
        scenario = parse_scenario(path.read_text(encoding="utf-8"), str(path))
    except ScenarioInvalid as refusal:
        return Outcome(str(path), INVALID, refusal.facts.get("line"), None, refusal.detail)
    except (OSError, UnicodeDecodeError) as error:
        return Outcome(str(path), INVALID, None, None, f"cannot be read: {error}")
    if not scenario.steps:
        return Outcome(str(path), INVALID, None, None, "no dated line: nothing is told")
    if unknown := Story.first_unknown(scenario.steps):
        return Outcome(str(path), NOT_SUPPORTED, unknown.line, None, f"verb {unknown.verb}")
    with (
        tempfile.TemporaryDirectory(prefix="story-") as folder,
        ScratchDatabases(admin_url) as urls,
        InProcessSystem(urls, folder=Path(folder), day=scenario.steps[0].day) as system,
    ):
        return _tell(scenario, str(path), system)


def _tell(scenario: Scenario, name: str, system: InProcessSystem) -> Outcome:
    story = Story(system)
    line: int | None = None
    try:
        story.begin(scenario)
        for step in scenario.steps:
            line = step.line
            difference = _step(story, step)
            if difference is not None:
                return Outcome(name, DIFFERS, line, *difference)
    except NotSupported as unknown:
        return Outcome(name, NOT_SUPPORTED, unknown.line or line, None, str(unknown))
    except NotSettled as trouble:
        return Outcome(name, DIFFERS, line, "everybody hears of it", str(trouble))
    except BadHead as problem:
        return Outcome(name, INVALID, None, None, str(problem))
    except StoryRefused as refusal:
        return Outcome(name, DIFFERS, line, "no refusal", str(refusal))
    for expected, actual in differences(system):
        return Outcome(name, DIFFERS, scenario.steps[-1].line, expected, actual)
    return Outcome(name, OK)


def _step(story: Story, step: Step) -> tuple[str, str] | None:
    """Do one line; None, or what was expected and what came."""
    try:
        results = story.do(step)
    except StoryRefused as refusal:
        if step.refusal is None:
            return "no refusal", str(refusal)
        return None if refusal.code == step.refusal else (f"!! {step.refusal}", f"!! {refusal}")
    if step.refusal is not None:
        return f"!! {step.refusal}", f"done: {results}"
    for key, expected in {**story.asserted(step), **step.expected}.items():
        if key not in results:
            return f"{key}={expected}", f"no {key} among {sorted(results)}"
        if not _same(expected, results[key]):
            return f"{key}={expected}", f"{key}={results[key]}"
    return None


def _same(expected: str, actual: Any) -> bool:
    if expected == str(actual):
        return True
    try:
        return Decimal(expected) == Decimal(str(actual))
    except InvalidOperation:
        return False

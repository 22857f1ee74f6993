"""Pages that list things list all of them, each once and in order: several people add rows to the same table."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.scenario.language import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SERVICES = ("accounts", "payments", "bank_gateway")
INDEXES = ("README.md", "docs/README.md", "docs/glossary.md", *(f"services/{name}/README.md" for name in SERVICES))


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of a table, headings and what divides them from the rows left out."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    divided = [number for number, line in enumerate(lines) if set(line) <= set("|- :")]
    heads = {*divided, *(number - 1 for number in divided)}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for number, line in enumerate(lines)
        if number not in heads
    ]


def page_names() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix()
        for folder in ("docs", "services", "deploy", "tests")
        for path in (ROOT / folder).rglob("*.md")
    )


@pytest.mark.parametrize("name", page_names())
def test_no_table_is_torn_in_two(name: str) -> None:
    lines = ["", *(ROOT / name).read_text(encoding="utf-8").splitlines(), ""]
    torn = [
        number
        for number, (before, line) in enumerate(pairwise(lines), start=1)
        if line.startswith("|") and not before.startswith("|") and not set(lines[number + 1]) <= set("|- :")
    ]
    assert torn == []


@pytest.mark.parametrize("name", INDEXES)
def test_no_index_has_two_rows_for_one_thing(name: str) -> None:
    named = Counter(row[0] for row in rows(ROOT / name) if row[0])
    assert [thing for thing, times in named.items() if times > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_use_case_has_one_place_in_its_service_s_table_of_verbs(service: str) -> None:
    listed = Counter(verb for row in rows(ROOT / "services" / service / "README.md") for verb in row[0].split(", "))
    verbs = {path.stem for path in (ROOT / "services" / service / "use_cases").glob("[a-z]*.py")}
    assert {verb: listed[verb] for verb in verbs if listed[verb] != 1} == {}


def test_every_decision_is_in_the_list_in_the_order_of_its_number() -> None:
    listed = [re.findall(r"\]\((.+)\)", row[0])[0] for row in rows(DOCS / "decisions" / "README.md")]
    assert listed == sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))


def test_every_verb_of_scenarios_is_on_their_page() -> None:
    listed = [verb for row in rows(DOCS / "scenarios.md") for verb in re.findall(r"`(\w+)`", row[1])]
    assert sorted(listed) == sorted(OPTIONS)

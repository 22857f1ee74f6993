"""Pages for people: their links lead somewhere, nothing in the repository names a machine, every variant is told of."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from deploy.cli import nuan
from deploy.docs.variants import LEDGER_FORMATS
from deploy.scenario.parse import parse_scenario
from services.accounts.domain.import_decision import REASONS as CONTRADICTIONS
from services.accounts.domain.ledger_columns import HEADINGS
from services.accounts.domain.ledger_reasons import REASONS
from services.accounts.policies import policy_names
from services.bank_gateway.formats import DAY_FORMATS, FORMATS
from services.payments.channels import CHANNELS

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE_IN_TEXT = re.compile(r"`([\w-]+(?:/[\w-]+)+\.(?:py|sql|yaml|md))`")
CODE_BLOCK = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)", re.MULTILINE | re.DOTALL)
NAMED_IN_CODE = re.compile(r"\b(?:docs|deploy/runbooks)/[\w/-]+\.md\b|\bdocs/decisions/[0-9]{4}\b")

# Written apart, so that this file does not name what it looks for.
REGISTRY_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "/simp" + "le/")
MACHINE_PATHS = re.compile(r"(?<![\w./~-])/(?:home|root|work|Users)/\w")


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository, and those that are about to be among them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:  # an unpacked archive
        found = (path for pattern in patterns or ("*",) for path in ROOT.rglob(pattern))
        return [
            path
            for path in found
            if path.is_file() and not any(part[0] == "." for part in path.relative_to(ROOT).parts)
        ]
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


PAGES = [path.relative_to(ROOT).as_posix() for path in tracked("*.md")]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as forges make them."""
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", CODE_BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    dead = []
    for target in LINK.findall(CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = unquote(target).partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        place = (page.parent / path).resolve() if path else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            dead.append(target)
    assert dead == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            place = (page.parent / target.partition("#")[0]).resolve()
            if place.suffix == ".md" and place.is_file():
                waiting.append(place)
            elif place.is_dir():
                waiting += sorted(place.glob("*.md"))
    for_people = [name for name in PAGES if not name.startswith("tests/")]
    assert sorted(name for name in for_people if ROOT / name not in reached) == []


def test_pages_that_the_code_names_are_there() -> None:
    decisions = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    missing = set()
    for path in tracked("*.py", "*.sql", "*.yaml", "*.toml"):
        for named in NAMED_IN_CODE.findall(path.read_text(encoding="utf-8")):
            number = re.fullmatch(r"docs/decisions/([0-9]{4})", named)
            if number[1] not in decisions if number else not (ROOT / named).is_file():
                missing.add(f"{path.relative_to(ROOT)}: {named}")
    assert sorted(missing) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    page = ROOT / name
    services = [ROOT / "services", *sorted((ROOT / "services").iterdir())]
    missing = [
        named for named in FILE_IN_TEXT.findall(page.read_text(encoding="utf-8"))
        if not any((folder / named).exists() for folder in (ROOT, page.parent, *services))
    ]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_tells_to_type_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = re.findall(r"^    nuan (.+?)(?: {2,}#.*)?$", text, re.MULTILINE)
    inline = re.findall(r"`nuan ([a-z][^`]*)`", " ".join(text.split()))
    assert [words for words in (*lines, *inline) if not is_command(shlex.split(words))] == []


def is_command(words: list[str]) -> bool:
    """Whether ``nuan`` has these words, with those options; what follows them is an argument of any kind."""
    command: click.Command = nuan
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return words[0] == "…"
        command, words = found, words[1:]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return {word.partition("=")[0] for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", PAGES)
def test_every_route_that_a_page_names_exists(name: str) -> None:
    told = (ROOT / "docs" / "reference" / "routes.md").read_text(encoding="utf-8")
    routes = [re.sub(r"\{\w+\}", "[^/]+", route) for route in re.findall(r"^\| `([A-Z]+ /[^`]*)`", told, re.MULTILINE)]
    named = re.findall(
        r"\b((?:GET|POST) /[\w/<>{}\u4e00-\u9fff.-]*[\w>}])(?!\w| HTTP/)", (ROOT / name).read_text(encoding="utf-8")
    )
    assert [route for route in named if not any(re.fullmatch(known, route) for known in routes)] == []


def test_the_example_of_a_scenario_can_be_read() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    examples = re.findall(r"(?:^    .*\n|^\n)+", page, re.MULTILINE)
    story = next(text for text in examples if "policy" in text)
    assert len(parse_scenario("\n".join(line[4:] for line in story.splitlines()), "scenarios.md").steps) == 5


def test_nothing_names_a_package_registry_or_a_place_of_one_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if any(host in line for host in REGISTRY_HOSTS) or MACHINE_PATHS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", [*FORMATS, *DAY_FORMATS])
def test_every_layout_of_a_bank_has_its_page(name: str) -> None:
    page = ROOT / "docs" / "banks" / f"{name}.md"
    assert page.is_file()
    assert f"services/bank_gateway/formats/{name}.py" in page.read_text(encoding="utf-8")
    assert f"({name}.md)" in (ROOT / "docs" / "banks" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_is_told_to_cashiers(name: str) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "cashiers").glob("*.md"))
    assert f"`{name}`" in pages


@pytest.mark.parametrize("name", [declared.name for declared in LEDGER_FORMATS.values()])
def test_every_format_of_a_ledger_is_told_with_its_columns(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "ledger-columns.md").read_text(encoding="utf-8")


def test_the_page_of_ledger_columns_names_every_column_and_every_reason() -> None:
    page = (ROOT / "docs" / "ledger-columns.md").read_text(encoding="utf-8")
    named = {*re.findall(r"`([a-z_]+)`", page), *re.findall(r"[\u4e00-\u9fff]+", page)}
    assert [name for name in (*HEADINGS, *REASONS, *CONTRADICTIONS) if name not in named] == []


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_is_on_the_page_of_policies(name: str) -> None:
    assert f"## {name}\n" in (ROOT / "docs" / "reference" / "policies.md").read_text(encoding="utf-8")
